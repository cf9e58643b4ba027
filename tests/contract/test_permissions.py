from __future__ import annotations

import pytest

from splitplane.contract.nouns import NOUNS
from splitplane.contract.permissions import BUILTIN_ROLES, SCOPES, VERBS, read_verb, verbs_for


def test_every_action_on_every_noun_needs_verbs_that_exist() -> None:
    needed = {
        verb
        for noun in NOUNS
        for action in ("create", "read", "update", "delete")
        for verb in verbs_for(noun.kind, action)
    }

    assert needed <= VERBS


def test_a_binding_is_a_grant_and_a_token_the_service_accounts() -> None:
    assert set(verbs_for("role-binding", "create")) == {f"{scope}:grant" for scope in SCOPES}
    assert read_verb("role-binding") == "grant:read"
    assert verbs_for("service-account-token", "delete") == ("service-account:create-token",)
    assert verbs_for("team", "update") == ("team:update",)


def test_whoever_may_grant_on_an_object_sees_the_grants() -> None:
    blind = [
        (scope, role)
        for scope, roles in BUILTIN_ROLES.items()
        for role, verbs in roles.items()
        if f"{scope}:grant" in verbs and "grant:read" not in verbs
    ]

    assert blind == []


def test_roles_of_a_secret_group_contain_each_other() -> None:
    roles = BUILTIN_ROLES["secret-group"]

    assert roles["viewer"] < roles["user"] < roles["editor"] < roles["admin"]


def test_every_role_allows_only_verbs_that_exist() -> None:
    granted = {v for roles in BUILTIN_ROLES.values() for verbs in roles.values() for v in verbs}

    assert granted <= VERBS
    assert set(BUILTIN_ROLES) == set(SCOPES)


@pytest.mark.parametrize("scope", SCOPES)
def test_nothing_but_the_admin_of_the_tenant_may_grant_on_the_tenant(scope: str) -> None:
    holders = [
        (scope, role) for role, verbs in BUILTIN_ROLES[scope].items() if "tenant:grant" in verbs
    ]

    assert holders == ([("tenant", "admin")] if scope == "tenant" else [])


def test_roles_of_a_workspace_contain_each_other() -> None:
    roles = BUILTIN_ROLES["workspace"]

    assert roles["viewer"] < roles["deployer"] < roles["editor"] < roles["admin"]


def test_a_deployer_deploys_but_cannot_change_the_rest() -> None:
    deployer = BUILTIN_ROLES["workspace"]["deployer"]

    assert "application:deploy" in deployer
    assert not deployer & {"application:create", "application:update", "application:delete"}


def test_a_member_of_the_tenant_sees_no_workload() -> None:
    assert BUILTIN_ROLES["tenant"]["member"] == {"environment:read", "role:read"}


def test_an_auditor_reads_and_changes_nothing() -> None:
    verbs = BUILTIN_ROLES["tenant"]["auditor"]

    assert {verb.split(":")[1] for verb in verbs} == {"read"}
