"""Kubeconfigs of people, for what a person runs: installing and removing an agent.

Clouds' kubeconfigs sign in by a program (`exec`, client-go credential plugins). A person's machine
has it; the agent's image has not, so that the agent itself never comes here.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from splitplane.agent.errors import Refused, UserError
from splitplane.agent.kube.access import ClusterAccess, load_access

_PROGRAM_SECONDS: Final = 60
"""Longest run of a sign-in program: a browser may be in between."""
_SHOWN: Final = 256


def load_persons_access(
    kubeconfig: Path | None, context: str | None, environment: Mapping[str, str]
) -> ClusterAccess:
    """The access of a person: the file given, else that of KUBECONFIG, else `~/.kube/config`.

    Args:
        kubeconfig: file to read.
        context: context in it; its current one when None.
        environment: where KUBECONFIG and HOME are read; a sign-in program gets all of it.

    Raises:
        UserError: the file, the context or a field of it is missing or not supported.
        Refused: the sign-in program of the context failed.
    """
    chosen = kubeconfig or _default_kubeconfig(environment)
    return load_access(chosen, context, sign_in=lambda program: _run(program, environment))


def _default_kubeconfig(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("KUBECONFIG", "").split(os.pathsep)[0]
    home = environment.get("HOME")
    candidates = [Path(named)] if named else [Path(home) / ".kube" / "config"] if home else []
    return next((path for path in candidates if path.is_file()), None)


def _run(program: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:  # Any: YAML
    """What the program answers, as the user entry of a kubeconfig."""
    command = [str(program.get("command", "")), *map(str, program.get("args") or ())]
    own = {str(item["name"]): str(item["value"]) for item in program.get("env") or ()}
    request = {
        "apiVersion": program.get("apiVersion", "client.authentication.k8s.io/v1"),
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    try:
        answer = subprocess.run(
            command,
            env={**environment, **own, "KUBERNETES_EXEC_INFO": json.dumps(request)},
            capture_output=True,
            timeout=_PROGRAM_SECONDS,
            check=True,
        )
    except FileNotFoundError as error:
        hint = str(program.get("installHint") or "install it, or use another context")
        raise UserError(
            f"sign-in program {command[0]!r} of the kubeconfig is not installed: {hint}"
        ) from error
    except subprocess.CalledProcessError as error:
        words = error.stderr.decode(errors="replace").strip()[-_SHOWN:]
        raise Refused(
            f"sign-in program {command[0]!r} of the kubeconfig failed: {words}"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(
            f"sign-in program {command[0]!r} of the kubeconfig failed: {error}"
        ) from error
    return _credential(command[0], answer.stdout)


def _credential(name: str, output: bytes) -> dict[str, Any]:  # Any: as in a kubeconfig
    try:
        status = json.loads(output)["status"]
        token, certificate = status.get("token"), status.get("clientCertificateData")
        key = status.get("clientKeyData")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # Without the output: it may hold a credential.
        raise Refused(
            f"sign-in program {name!r} of the kubeconfig gave no ExecCredential with a status"
        ) from error
    user: dict[str, Any] = {"token": token} if token else {}
    if certificate and key:
        user["client-certificate-data"] = base64.b64encode(certificate.encode()).decode()
        user["client-key-data"] = base64.b64encode(key.encode()).decode()
    if not user:
        raise Refused(f"sign-in program {name!r} of the kubeconfig gave no credential")
    return user
