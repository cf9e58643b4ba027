"""Start, stop, crash: nothing stays that should not, nothing goes that should stay."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from polling import wait_for

from splitplane.stacks.local_cluster import (
    ClusterRunning,
    ClusterStopped,
    LocalCluster,
    Ports,
    ProcessFailed,
)
from splitplane.stacks.local_cluster.commands import (
    local_down,
    local_kubeconfig,
    local_status,
    local_up,
)

pytestmark = pytest.mark.needs_tools

_NOTE: dict[str, Any] = {"metadata": {"name": "note"}, "data": {"a": "1"}}
_NOTES = "/api/v1/namespaces/default/configmaps"


def test_stop_leaves_no_process_and_no_ephemeral_directory() -> None:
    cluster = LocalCluster.ephemeral()
    identifiers = cluster.process_ids()
    assert sorted(identifiers) == [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kwok",
    ]

    cluster.stop()

    assert [pid for pid in identifiers.values() if psutil.pid_exists(pid)] == []
    assert not cluster.directory.exists()


def test_objects_and_address_outlive_a_stop(tmp_path: Path) -> None:
    with LocalCluster.start(tmp_path) as cluster:
        first = (cluster.server, cluster.authority_certificate.read_bytes())
        with cluster.open_client() as client:
            assert client.post(_NOTES, json=_NOTE).status_code == 201

    with LocalCluster.start(tmp_path) as again:
        with again.open_client() as client:
            note = client.get(f"{_NOTES}/note").json()
        second = (again.server, again.authority_certificate.read_bytes())

    assert note["data"] == {"a": "1"}
    assert second == first


def test_pods_run_soon_after_a_restart(tmp_path: Path) -> None:
    with LocalCluster.start(tmp_path):
        pass

    with LocalCluster.start(tmp_path) as again, again.open_client() as client:
        pods = "/api/v1/namespaces/default/pods"
        body = {
            "metadata": {"name": "note"},
            "spec": {"containers": [{"name": "main", "image": "example.com/note:1"}]},
        }
        client.post(pods, json=body).raise_for_status()

        # The leases of the first run's kubelets would hold for 40 s.
        wait_for(
            lambda: client.get(f"{pods}/note").json()["status"].get("phase") == "Running",
            what="the pod to run",
            seconds=10,
        )


def test_a_second_start_in_the_directory_is_refused(local_cluster: LocalCluster) -> None:
    with pytest.raises(ClusterRunning, match="attach to it or stop it first"):
        LocalCluster.start(local_cluster.directory)

    assert LocalCluster.attach(local_cluster.directory).server == local_cluster.server


def test_other_ports_are_taken_when_somebody_took_ours(tmp_path: Path) -> None:
    with LocalCluster.start(tmp_path) as cluster:
        taken = cluster.ports.apiserver

    with socket.socket() as somebody:
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        somebody.bind(("127.0.0.1", taken))
        somebody.listen()
        with LocalCluster.start(tmp_path) as again:
            assert again.ports.apiserver != taken


def test_a_failed_start_shows_the_log_and_leaves_no_process(tmp_path: Path) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        free = Ports.choose()
        ports = Ports(somebody.getsockname()[1], free.etcd, free.etcd_peer)

        with pytest.raises(ProcessFailed, match=r"(?s)kube-apiserver ended.*in use"):
            LocalCluster.start(tmp_path, ports=ports)

    assert LocalCluster.load(tmp_path).process_ids() == {}


def test_a_killed_api_server_comes_back_on_its_port_with_all_objects() -> None:
    with LocalCluster.ephemeral() as cluster, cluster.open_client() as client:
        client.post(_NOTES, json=_NOTE).raise_for_status()
        cluster.kill_apiserver()
        with pytest.raises(httpx.TransportError):
            client.get("/readyz")
        assert cluster.running()["kube-apiserver"] is False

        cluster.restart_apiserver()

        assert client.get(f"{_NOTES}/note").json()["data"] == {"a": "1"}
        assert cluster.is_running()


def test_controllers_go_on_after_an_api_server_restart() -> None:
    with LocalCluster.ephemeral() as cluster, cluster.open_client() as client:
        cluster.restart_apiserver()
        client.post("/api/v1/namespaces", json={"metadata": {"name": "later"}}).raise_for_status()

        path = "/api/v1/namespaces/later/serviceaccounts/default"
        wait_for(lambda: client.get(path).is_success, what="the controller's service account")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "ctrl-c"])
def test_an_ended_parent_leaves_no_process_and_no_directory(number: signal.Signals) -> None:
    script = """
import signal
from splitplane.stacks.interrupt import sleep_until_interrupted
from splitplane.stacks.local_cluster import LocalCluster
signal.signal(signal.SIGINT, signal.default_int_handler)  # where a shell made us deaf to it
with LocalCluster.ephemeral() as cluster:
    print(cluster.directory, *cluster.process_ids().values(), flush=True)
    sleep_until_interrupted()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=dict(os.environ),
    ) as parent:
        assert parent.stdout is not None
        directory, *identifiers = parent.stdout.readline().split()
        assert len(identifiers) == 5
        parent.send_signal(number)
        parent.wait(timeout=60)

    wait_for(
        lambda: not any(psutil.pid_exists(int(pid)) for pid in identifiers),
        what="the processes to end",
    )
    wait_for(lambda: not Path(directory).exists(), what="the directory to be deleted")


def test_the_commands_start_show_and_stop_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up = "from pathlib import Path; from splitplane.stacks.local_cluster.commands import local_up"
    subprocess.run(
        [sys.executable, "-c", f"{up}; local_up(Path({str(tmp_path)!r}))"],
        check=True,
        capture_output=True,
    )
    try:
        assert local_status(tmp_path) == 0
        assert "kube-scheduler           running, process " in capsys.readouterr().out
        assert local_kubeconfig(tmp_path) == str(tmp_path / "kubeconfig")
        local_up(tmp_path)
        assert "already runs" in capsys.readouterr().err
    finally:
        local_down(tmp_path)

    assert local_status(tmp_path) == 3
    with pytest.raises(ClusterStopped):
        local_kubeconfig(tmp_path)
