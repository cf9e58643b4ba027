"""The parts of the local cluster that need no binaries."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from polling import wait_for

from splitplane.stacks.local_cluster import ClusterStopped, LocalCluster, ProcessFailed
from splitplane.stacks.local_cluster.certificates import Authority
from splitplane.stacks.local_cluster.guard import Guard
from splitplane.stacks.local_cluster.kubeconfig import write_kubeconfig
from splitplane.stacks.local_cluster.ports import Ports, is_free, is_listening
from splitplane.stacks.local_cluster.process import Identity, ManagedProcess

SLEEPER = ["/bin/sleep", "600"]


def test_leaf_certificates_carry_user_and_group(tmp_path: Path) -> None:
    authority = Authority(tmp_path)

    pair = authority.issue("admin", common_name="ann", organization="system:masters")

    certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
    assert certificate.subject.rfc4514_string() == "CN=ann,O=system:masters"
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert stat.S_IMODE(pair.key.stat().st_mode) == 0o600


def test_the_authority_outlives_a_run(tmp_path: Path) -> None:
    first = Authority(tmp_path).pair.certificate.read_bytes()

    assert Authority(tmp_path).pair.certificate.read_bytes() == first


def test_a_kubeconfig_needs_no_other_file(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    client = authority.issue("admin", common_name="ann")

    path = write_kubeconfig(
        tmp_path / "kubeconfig",
        server="https://127.0.0.1:20001",
        authority=authority.pair.certificate,
        client=client,
    )

    document = yaml.safe_load(path.read_text())
    assert document["current-context"] == "splitplane-local"
    assert document["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:20001"
    assert sorted(document["users"][0]["user"]) == ["client-certificate-data", "client-key-data"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_ports_lie_below_the_range_of_source_ports() -> None:
    ports = Ports.choose()

    assert len({ports.apiserver, ports.etcd, ports.etcd_peer}) == 3
    assert all(20_000 <= port <= 32_000 for port in vars(ports).values())


def test_a_taken_port_is_not_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]

        assert not is_free(port)
        assert is_listening(port)
    assert not is_listening(port)


def test_a_process_is_known_to_the_next_run(tmp_path: Path) -> None:
    of_this_run = ManagedProcess("sleeper", tmp_path)
    of_this_run.start(SLEEPER)
    of_next_run = ManagedProcess("sleeper", tmp_path)

    assert of_next_run.is_running()
    of_next_run.stop()
    assert not of_this_run.is_running()
    assert of_next_run.identity is None
    of_this_run.stop()


def test_a_pid_that_belongs_to_somebody_else_now_is_not_ours(tmp_path: Path) -> None:
    record = tmp_path / "run" / "sleeper.json"
    record.parent.mkdir()
    record.write_text(f'{{"pid": {os.getpid()}, "started_at": 1.0}}')
    process = ManagedProcess("sleeper", tmp_path)

    assert not process.is_running()
    process.stop()  # must not end this test
    assert process.identity is None


def test_an_ended_process_shows_its_last_log_lines(tmp_path: Path) -> None:
    process = ManagedProcess("broken", tmp_path)
    process.start([sys.executable, "-c", "print('bad flag --x'); raise SystemExit(3)"])
    wait_for(lambda: not process.is_running(), what="the process to end")

    with pytest.raises(ProcessFailed, match=r"broken ended with exit code 3:\nbad flag --x"):
        process.check_alive()
    process.stop()


def test_a_process_that_ignores_the_request_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("splitplane.stacks.local_cluster.process._GRACE_SECONDS", 0.1)
    process = ManagedProcess("stubborn", tmp_path)
    process.start(["/bin/sh", "-c", "trap '' TERM; echo up; while :; do read x; done < /dev/zero"])

    process.stop()

    assert not process.is_running()


def test_the_watchdog_ends_processes_and_directory_when_its_run_dies(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    directory.mkdir()
    script = f"""
import os, sys
from pathlib import Path
from splitplane.stacks.local_cluster.guard import Guard
from splitplane.stacks.local_cluster.process import ManagedProcess
guard = Guard(remove_directory=Path({str(directory)!r}))
process = ManagedProcess("sleeper", Path({str(directory)!r}))
identity = process.start({SLEEPER!r})
guard.add(identity)
print(identity.pid, repr(identity.started_at), flush=True)
os.kill(os.getpid(), 9)
"""
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    pid, started_at = result.stdout.split()

    left = Identity(int(pid), float(started_at)).find()
    if left is not None:
        left.wait(timeout=30)

    assert result.returncode == -9
    wait_for(lambda: not directory.exists(), what="the directory to be deleted")


def test_a_dismissed_watchdog_touches_nothing(tmp_path: Path) -> None:
    process = ManagedProcess("sleeper", tmp_path)
    guard = Guard(remove_directory=tmp_path)
    guard.add(process.start(SLEEPER))

    guard.dismiss()

    assert process.is_running()
    process.stop()
    assert tmp_path.is_dir()


def test_attaching_to_nothing_says_how_to_start(tmp_path: Path) -> None:
    with pytest.raises(ClusterStopped, match="start one by `splitplane local up`"):
        LocalCluster.attach(tmp_path)
