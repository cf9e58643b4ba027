"""The demo's settings: options of the command line, else environment variables, else defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from splitplane.stacks.demo.errors import WrongSetting

Delivery = Literal["direct", "argocd"]

_TRUE: Final = frozenset({"1", "true", "yes"})
_FALSE: Final = frozenset({"", "0", "false", "no"})


@dataclass(frozen=True)
class DemoSettings:
    """What one run of the demo does.

    Attributes:
        once: check everything, clean up and exit, instead of waiting for Ctrl-C.
        delivery: how bundles reach the cluster.
        context: context of the user's kubeconfig to use; a local cluster when None.
        kubeconfig: the kubeconfig that has the context; None without a context.
        public_url: https address under which pods of the existing cluster reach this machine's
            control plane; None when they cannot, and the agent runs here.
        state: folder with everything that a second run reuses.
    """

    once: bool
    delivery: Delivery
    context: str | None
    kubeconfig: Path | None
    public_url: str | None
    state: Path


def load_demo_settings(
    environ: Mapping[str, str],
    *,
    once: bool | None = None,
    delivery: str | None = None,
    context: str | None = None,
    state: Path | None = None,
) -> DemoSettings:
    """The settings: arguments that are not None, then environment variables, then defaults.

    The variables are ONCE, DELIVERY, KUBECONFIG_CONTEXT, DEMO_STATE and
    SPLITPLANE_SERVER_PUBLIC_URL; an empty one counts as not set.

    Raises:
        WrongSetting: a value is not allowed, or there is no kubeconfig for the context.
    """
    is_once = _flag("ONCE", environ.get("ONCE", "")) if once is None else once
    chosen = delivery or environ.get("DELIVERY") or "direct"
    if chosen not in get_args(Delivery):
        raise WrongSetting(
            f"delivery {chosen!r} is not known: use {' or '.join(get_args(Delivery))}"
        )
    name = context or environ.get("KUBECONFIG_CONTEXT") or None
    public_url = environ.get("SPLITPLANE_SERVER_PUBLIC_URL") or None
    if name and chosen == "argocd" and not public_url:
        raise WrongSetting(
            f"delivery 'argocd' on context {name!r} needs the agent inside that cluster: set "
            "SPLITPLANE_SERVER_PUBLIC_URL to an https address of this machine that its pods reach"
        )
    given = state or (Path(environ["DEMO_STATE"]) if environ.get("DEMO_STATE") else None)
    root = (given or _default_state(environ)).expanduser().resolve()
    return DemoSettings(
        once=is_once,
        delivery="argocd" if chosen == "argocd" else "direct",
        context=name,
        kubeconfig=_kubeconfig(name, environ) if name else None,
        public_url=public_url if name else None,
        state=root / _slug(f"{name or 'local'}-{chosen}"),
    )


def _flag(variable: str, text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise WrongSetting(f"{variable} {text!r} is not a switch: use 1 or leave it out")


def _kubeconfig(context: str, environ: Mapping[str, str]) -> Path:
    text = environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    path = Path(text.split(":")[0]).expanduser()
    if not path.is_file():
        raise WrongSetting(
            f"context {context!r} is asked for, but there is no kubeconfig {str(path)!r}: "
            "set KUBECONFIG to the file that has it"
        )
    return path


def _default_state(environ: Mapping[str, str]) -> Path:
    """`.state/demo` of the checkout that this file belongs to, else the user's state folder."""
    checkout = Path(__file__).resolve().parents[4]
    if (checkout / "Pulumi.yaml").is_file() and (checkout / "pyproject.toml").is_file():
        return checkout / ".state" / "demo"
    base = environ.get("XDG_STATE_HOME")
    root = Path(base) if base else Path.home() / ".local" / "state"
    return root / "splitplane" / "demo"


def _slug(text: str) -> str:
    """A name for a folder: contexts of cloud clusters have colons and slashes."""
    return re.sub(r"[^a-zA-Z0-9._-]+", "-", text).strip("-.") or "demo"
