"""What a person runs signs in as kubectl does: the same files, the same programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from splitplane.agent.errors import AgentError, Refused, UserError
from splitplane.agent.kube.people import load_persons_access


def write(path: Path, user: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "current-context": "one",
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:6443"}}],
        "users": [{"name": "u", "user": user}],
    }
    path.write_text(yaml.safe_dump(document))
    return path


def program(text: str, **fields: Any) -> dict[str, Any]:
    return {"exec": {"command": sys.executable, "args": ["-c", text], **fields}}


def test_sign_in_program_gets_its_variables_and_gives_the_token(tmp_path: Path) -> None:
    text = (
        "import json, os; info = json.loads(os.environ['KUBERNETES_EXEC_INFO']);"
        "token = os.environ['WHO'] + '-' + info['kind'] + '-' + str(info['spec']['interactive']);"
        "print(json.dumps({'status': {'token': token}}))"
    )
    user = program(text, env=[{"name": "WHO", "value": "ann"}])

    access = load_persons_access(write(tmp_path / "config", user), None, {})

    assert access.bearer() == "ann-ExecCredential-False"


def test_file_of_the_environment_comes_before_the_one_at_home(tmp_path: Path) -> None:
    write(tmp_path / ".kube" / "config", {"token": "home"})
    named = write(tmp_path / "named", {"token": "named"})

    at_home = load_persons_access(None, None, {"HOME": str(tmp_path)})
    by_name = load_persons_access(None, None, {"HOME": str(tmp_path), "KUBECONFIG": f"{named}:x"})

    assert (at_home.bearer(), by_name.bearer()) == ("home", "named")


@pytest.mark.parametrize(
    ("user", "error", "message"),
    [
        (program("import sys; sys.exit('no session')"), Refused, "failed: no session"),
        (program("print('{}')"), Refused, "gave no ExecCredential"),
        (program("print('[]')"), Refused, "gave no ExecCredential"),
        (program(f"print({json.dumps(json.dumps({'status': {}}))})"), Refused, "no credential"),
        (
            {"exec": {"command": "no-such-program", "installHint": "get it from the cloud"}},
            UserError,
            "'no-such-program' of the kubeconfig is not installed: get it from the cloud",
        ),
        ({"auth-provider": {"name": "gcp"}}, UserError, "signs in by 'auth-provider'"),
    ],
    ids=["fails", "no-status", "a-list", "empty-status", "not-installed", "auth-provider"],
)
def test_failed_sign_in_is_explained(
    tmp_path: Path, user: dict[str, Any], error: type[AgentError], message: str
) -> None:
    with pytest.raises(error, match=message):
        load_persons_access(write(tmp_path / "config", user), None, {})
