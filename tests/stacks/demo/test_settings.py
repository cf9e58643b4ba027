from __future__ import annotations

from pathlib import Path

import pytest

from splitplane.stacks.demo import WrongSetting, load_demo_settings


def test_empty_variables_count_as_not_set(tmp_path: Path) -> None:
    environ = {"ONCE": "", "DELIVERY": "", "KUBECONFIG_CONTEXT": "", "DEMO_STATE": str(tmp_path)}

    settings = load_demo_settings(environ)

    assert settings.once is False
    assert settings.delivery == "direct"
    assert settings.context is None
    assert settings.state == tmp_path / "local-direct"


def test_arguments_beat_variables(tmp_path: Path) -> None:
    environ = {"ONCE": "1", "DELIVERY": "direct", "DEMO_STATE": "/nowhere"}

    settings = load_demo_settings(environ, once=False, delivery="argocd", state=tmp_path)

    assert (settings.once, settings.delivery) == (False, "argocd")
    assert settings.state == tmp_path / "local-argocd"


def test_a_context_has_its_own_state_under_a_safe_name(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.touch()
    environ = {"KUBECONFIG": f"{kubeconfig}:/other", "DEMO_STATE": str(tmp_path)}

    settings = load_demo_settings(environ, context="arn:aws:eks:eu/prod")

    assert settings.kubeconfig == kubeconfig
    assert settings.state == tmp_path / "arn-aws-eks-eu-prod-direct"


def test_the_checkout_keeps_its_state_to_itself(repository: Path) -> None:
    assert load_demo_settings({}).state == repository / ".state" / "demo" / "local-direct"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"ONCE": "maybe"}, "ONCE 'maybe' is not a switch: use 1 or leave it out"),
        ({"DELIVERY": "flux"}, "delivery 'flux' is not known: use direct or argocd"),
        (
            {"KUBECONFIG_CONTEXT": "prod", "KUBECONFIG": "/no/such/file"},
            "context 'prod' is asked for, but there is no kubeconfig '/no/such/file'",
        ),
        (
            {"KUBECONFIG_CONTEXT": "prod", "DELIVERY": "argocd"},
            "delivery 'argocd' on context 'prod' needs the agent inside that cluster",
        ),
    ],
)
def test_wrong_settings_are_named(environ: dict[str, str], message: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        load_demo_settings(environ)

    assert message in str(caught.value)
