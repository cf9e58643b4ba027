"""Programs for the real engine; run as a script, an update that a test kills."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi

from splitplane import resources as sp
from splitplane.stacks.engine import Engine

Program = Callable[[], None]
CANARY = "canary-4711"
"""A secret that must not be found in any state."""
PASSPHRASE = "passphrase"


def registrations(name: str, **changes: Any) -> Program:  # Any: inputs of the resources
    """Ten registrations with names that start with `name`; `changes` are inputs by resource."""

    def register() -> None:
        environment = sp.Environment(
            "environment", name=f"{name}-env", **changes.get("environment", {})
        )
        cluster = sp.Cluster(
            "cluster",
            **{
                "name": f"{name}-c",
                "environments": [environment.name, "dev"],
                "delivery": "direct",
                **changes.get("cluster", {}),
            },
        )
        storage = sp.StorageIntegration(
            "storage", name=f"{name}-s", local=sp.LocalStorageArgs(path=f"/tmp/{name}")
        )
        repos = [
            sp.MlRepo(f"repo-{part}", name=f"{name}-{part}", storage_integration=storage.name)
            for part in ("a", "b", "c", "d")
        ]
        workspace = sp.Workspace(
            "workspace",
            **{
                "name": f"{name}-w",
                "cluster": cluster.name,
                "environment": environment.name,
                "ml_repos": [sp.MlRepoGrantArgs(ml_repo=repo.name) for repo in repos],
                **changes.get("workspace", {}),
            },
        )
        for kind in ("one", "two"):
            sp.Application(
                f"app-{kind}",
                name=f"{name}-{kind}",
                workspace=workspace.fqn,
                wait_for="none",
                service=sp.ServiceArgs(
                    image="registry.example.com/a:1",
                    ports=[sp.PortArgs(port=80)],
                    env={"API_KEY": pulumi.Output.secret(CANARY)},
                ),
            )
        pulumi.export("workspace", workspace.fqn)
        pulumi.export("token", cluster.join_token)

    return register


def main() -> None:
    """Runs an update of `registrations` in the engine that the argument describes."""
    arguments = json.loads(sys.argv[1])
    engine = Engine(
        directory=Path(arguments["directory"]),
        passphrase=PASSPHRASE,
        environment=arguments["environment"],
    )
    engine.stack("killed", registrations(arguments["name"])).up()


if __name__ == "__main__":
    main()
