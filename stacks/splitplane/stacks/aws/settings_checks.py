"""Whether the settings fit the account and the region that they are used in."""

from __future__ import annotations

from collections.abc import Iterator

from splitplane.components.clouds.aws.parts import Place
from splitplane.components.clouds.aws.settings_checks import check_against_account
from splitplane.components.errors import WrongArgument
from splitplane.stacks.aws.findings import Finding, failed, passed
from splitplane.stacks.aws.subject import Subject


def check_here(subject: Subject) -> Iterator[Finding]:
    """Every ARN of the settings is of this partition, region and account, where it has to be."""
    try:
        check_against_account(subject.settings, Place(subject.account.scope, subject.zones))
    except WrongArgument as exc:
        for problem in str(exc).split("; "):
            yield failed("settings", problem, "correct the configuration")
        return
    yield passed("settings", "fit the account and the region")
