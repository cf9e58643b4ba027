from __future__ import annotations

import pytest

from splitplane.contract.fqn import PREFIXES
from splitplane.contract.names import RESERVED_CLUSTER_NAMES, check_name, is_reserved_namespace


@pytest.mark.parametrize("name", ["dev", "a1", "prod-eu", "a" * 32])
def test_a_name_of_letters_digits_and_hyphens_is_allowed(name: str) -> None:
    check_name("environment", name)


@pytest.mark.parametrize(
    "name", ["", "a", "A1", "1a", "-a", "a-", "a_b", "a.b", "ä1", "a b", "a" * 33, "dev\n"]
)
def test_another_name_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(ValueError, match="use 2 to 32 lower-case letters, digits and hyphens"):
        check_name("environment", name)


@pytest.mark.parametrize("name", ["kube-system", "default", "argocd", "splitplane-agent"])
def test_a_workspace_may_not_have_the_name_of_a_system_namespace(name: str) -> None:
    assert is_reserved_namespace(name)
    with pytest.raises(ValueError, match="is reserved"):
        check_name("workspace", name)


@pytest.mark.parametrize("name", ["user", "team", "sa", "registry", "workspace", "tenant", "model"])
def test_a_cluster_may_not_have_a_name_with_which_other_names_start(name: str) -> None:
    with pytest.raises(ValueError, match=f"cluster name '{name}' is reserved"):
        check_name("cluster", name)


def test_every_prefix_of_a_fully_qualified_name_is_reserved() -> None:
    assert PREFIXES < RESERVED_CLUSTER_NAMES
