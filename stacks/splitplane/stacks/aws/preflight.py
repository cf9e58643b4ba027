"""Whether an account is ready for a compute plane; nothing is changed.

Each check reads what it needs and yields findings. One that may not read, or gets no answer, says
so as a warning and the others go on: the rights of those who look are often smaller than the rights
of those who deploy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

from splitplane.components.clouds.aws.cluster.reachability import Connect, connect
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.stacks.aws import (
    cluster_checks,
    identity_checks,
    name_checks,
    network_checks,
    offering_checks,
    quota_checks,
    settings_checks,
    version_checks,
)
from splitplane.stacks.aws.account import Account
from splitplane.stacks.aws.errors import AwsError, NotAllowed
from splitplane.stacks.aws.findings import Finding, passed, warned
from splitplane.stacks.aws.subject import Subject, read_subject

Check = Callable[[Subject], Iterator[Finding]]

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("settings", settings_checks.check_here),
    ("zones", offering_checks.check_zones),
    ("machines", offering_checks.check_machines),
    ("quotas", quota_checks.check_quotas),
    ("version", version_checks.check_cluster_version),
    ("add-ons", version_checks.check_addon_pins),
    ("network", network_checks.check_network),
    ("cluster", cluster_checks.check_cluster),
    ("access", cluster_checks.check_access),
    ("reachability", cluster_checks.check_reachability),
    ("deployers", identity_checks.check_deployers),
    ("deployer role", identity_checks.check_deployer_role),
    ("spot role", identity_checks.check_spot_role),
    ("names", name_checks.check_names),
)
"""Name of a check → how it is made, in the order in which they are shown."""


def run_preflight(
    account: Account,
    settings: EksSettings,
    *,
    today: date,
    reaches: Connect = connect,
) -> tuple[Finding, ...]:
    """Every finding, in the order of `CHECKS`; the account itself comes first.

    Args:
        account: where the compute plane will be.
        settings: the checked settings.
        today: for the ends of support.
        reaches: says why a host and port cannot be reached, None when they can.

    Raises:
        AwsError: zones and cluster cannot be read, without which there is nothing to check.
    """
    scope = account.scope
    subject = read_subject(account, settings, today=today, reaches=reaches)
    found = [passed("account", f"{scope.account_id}, {scope.region}, as {account.principal_arn}")]
    for name, check in CHECKS:
        found += _made(name, check, subject)
    return tuple(found)


def _made(name: str, check: Check, subject: Subject) -> Sequence[Finding]:
    findings: list[Finding] = []
    try:
        # What was found before a call failed counts.
        findings.extend(check(subject))
    except NotAllowed as exc:
        advice = "ask for the right; preflight --print-policy prints all that it needs"
        findings.append(warned(name, f"not checked: {exc}", advice))
    except AwsError as exc:
        findings.append(warned(name, f"not checked: {exc}", "run it again"))
    return findings
