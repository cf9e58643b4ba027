"""What a resource needs for the conformance tests, and objects that its inputs can name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from control_plane import ControlPlane

from splitplane.provider.codec import Properties

PACKAGE = "splitplane:index:"


@dataclass(frozen=True)
class Case:
    """One kind of resource.

    Attributes:
        name: its name without the package.
        kind: kind of noun.
        required: makes the smallest inputs for an object of this name, and what it needs.
        optional: property → (a value, another value).
        replacing: property → value of another object.
        fqn: makes the fully qualified name for an object of this name.
        elsewhere: properties that tests of their own cover.
        others: makes more inputs, to be put over the smallest ones; a None takes a property away.
            Together with `optional` they hold every property at every depth.
        fixed: paths at which nothing but the value of `optional` or `others` is allowed.
        references: path of a place that names another object → makes one to name in its stead.
    """

    name: str
    kind: str
    required: Callable[[ControlPlane, str], Properties]
    optional: dict[str, tuple[object, object]]
    replacing: dict[str, object]
    fqn: Callable[[str], str]
    elsewhere: tuple[str, ...] = ()
    others: Callable[[ControlPlane, str], tuple[Properties, ...]] = lambda _, __: ()
    fixed: tuple[str, ...] = ()
    references: dict[str, Callable[[ControlPlane, str], object]] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """Its type token."""
        return PACKAGE + self.name

    def complete(self, plane: ControlPlane, name: str) -> list[Properties]:
        """Inputs that between them hold every property; what they need is made."""
        smallest = self.required(plane, name)
        sets = (
            {key: first for key, (first, _) in self.optional.items()},
            *self.others(plane, name),
        )
        merged = ({**smallest, **properties} for properties in sets)
        return [{k: v for k, v in item.items() if v is not None} for item in merged]


class _Nothing:
    """A control plane that makes nothing; Check, Diff and previews ask it nothing."""

    @property
    def client(self) -> _Nothing:
        return self

    def create(self, manifest: object) -> None:
        """Makes nothing."""


NOTHING: Any = _Nothing()  # Any: stands for a control plane where none is asked


def make_cluster(plane: ControlPlane, name: str) -> str:
    """The name of a new cluster."""
    plane.client.create(
        {"type": "cluster", "name": name, "environments": ["dev", "prod"], "delivery": "direct"}
    )
    return name


def make_workspace(plane: ControlPlane, name: str) -> str:
    """The fully qualified name of a new workspace on a cluster of its own."""
    cluster = make_cluster(plane, f"{name}-c")
    plane.client.create(
        {"type": "workspace", "name": name, "cluster": cluster, "environment": "dev"}
    )
    return f"{cluster}:{name}"


def make_storage(plane: ControlPlane, name: str) -> str:
    """The name of a new storage integration."""
    storage = {"kind": "local", "path": f"/tmp/{name}"}
    plane.client.create({"type": "storage-integration", "name": name, "storage": storage})
    return name


def make_environment(plane: ControlPlane, name: str) -> str:
    """The name of a new environment."""
    plane.client.create({"type": "environment", "name": name})
    return name


def make_user(plane: ControlPlane, name: str) -> str:
    """The subject of a new user."""
    plane.client.create({"type": "user", "name": f"{name}@example.com"})
    return f"user:{name}@example.com"


def make_ml_repo(plane: ControlPlane, name: str) -> str:
    """The name of a new ML repo on a storage integration of its own."""
    storage = make_storage(plane, f"{name}-s")
    plane.client.create({"type": "ml-repo", "name": name, "storage_integration": storage})
    return name


def make_service_account(plane: ControlPlane, name: str) -> str:
    """The name of a new service account."""
    plane.client.create({"type": "service-account", "name": name})
    return name


def make_secret_store(plane: ControlPlane, name: str) -> str:
    """The name of a new secret store."""
    plane.client.create({"type": "secret-store", "name": name, "store": {"kind": "kubernetes"}})
    return name


def make_secret_group(plane: ControlPlane, name: str) -> str:
    """The name of a new secret group with the keys `first` and `second`."""
    plane.client.create(
        {
            "type": "secret-group",
            "name": name,
            "secret_store": make_secret_store(plane, f"{name}-s"),
            "secrets": {"first": {"path": "one"}, "second": {"path": "two"}},
        }
    )
    return name


ROLE_ARN = "arn:aws:iam::123456789012:role/r"
ADMIN = "user:admin@splitplane.local"
UUID = "01234567-89ab-cdef-0123-456789abcdef"
