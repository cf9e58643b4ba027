"""What the command line calls: run an agent, print its manifests, install or remove it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from splitplane.agent.errors import UserError
from splitplane.agent.install import install
from splitplane.agent.logs import configure_logging
from splitplane.agent.manifests import InstallSettings, manifests_yaml
from splitplane.agent.runtime import run_until_signalled
from splitplane.agent.settings import load_settings
from splitplane.agent.uninstall import uninstall
from splitplane.contract.agent_manifests import AGENT_NAMESPACE, DEFAULT_IMAGE


def agent_run(*, environment: Mapping[str, str] | None = None, **overrides: Any) -> None:
    """Runs an agent until SIGTERM or SIGINT.

    Args:
        environment: where `SPLITPLANE_AGENT_*` is read from; the process' own when None.
        overrides: fields of `Settings`; None leaves a field to the environment.

    Raises:
        AgentError: the settings are wrong, or the cluster cannot be enrolled.
    """
    settings = load_settings(_or_own(environment), overrides)
    configure_logging(settings.log_level)
    asyncio.run(run_until_signalled(settings))


def agent_manifests(
    *,
    environment: Mapping[str, str] | None = None,
    image: str | None = None,
    ca_certificates: str | None = None,
    replicas: int = 1,
    **overrides: Any,
) -> str:
    """The YAML stream that installs an agent.

    Raises:
        UserError: the settings are wrong.
    """
    settings = _install_settings(
        environment, overrides, image=image, ca_certificates=ca_certificates, replicas=replicas
    )
    return manifests_yaml(settings)


def agent_install(
    *,
    kubeconfig: Path | None,
    environment: Mapping[str, str] | None = None,
    context: str | None = None,
    image: str | None = None,
    ca_certificates: str | None = None,
    replicas: int = 1,
    **overrides: Any,
) -> list[str]:
    """The agent's objects are in the cluster; returns them as `Kind namespace/name`. Idempotent.

    Raises:
        AgentError: the settings are wrong, or the API server refuses an object.
    """
    settings = _install_settings(
        environment, overrides, image=image, ca_certificates=ca_certificates, replicas=replicas
    )
    return asyncio.run(install(kubeconfig, context, settings))


def agent_uninstall(
    *, kubeconfig: Path | None, context: str | None = None, namespace: str | None = None
) -> list[str]:
    """The agent is being deleted with its rights and namespace; returns what as `Kind name`.

    What it delivered stays. Idempotent.

    Raises:
        AgentError: the kubeconfig is wrong, or the API server refuses a deletion.
    """
    return asyncio.run(uninstall(kubeconfig, context, namespace or AGENT_NAMESPACE))


def _or_own(environment: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environment is None else environment


def _install_settings(
    environment: Mapping[str, str] | None,
    overrides: Mapping[str, Any],
    *,
    image: str | None,
    ca_certificates: str | None,
    replicas: int,
) -> InstallSettings:
    if replicas not in (0, 1):
        raise UserError(
            f"replicas {replicas!r} is not allowed: use 1, or 0 where the agent runs outside the "
            "cluster"
        )
    return InstallSettings(
        agent=load_settings(_or_own(environment), overrides),
        image=image or DEFAULT_IMAGE,
        ca_certificates=ca_certificates,
        replicas=replicas,
    )
