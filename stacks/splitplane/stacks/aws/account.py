"""An account in a region, signed in to: its clients, and what AWS' answers mean.

Every call of the commands goes through a client made here, so that time limits and retries are the
same for all, and what AWS refuses becomes an error that says what to do.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import botocore.session
from botocore import exceptions
from botocore.config import Config

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.stacks.aws.errors import AwsError, NotAllowed, NotThere
from splitplane.stacks.aws.signin import Session, find_sts_host, freeze_credentials, translated

_CONFIG: Final = Config(
    connect_timeout=5,
    read_timeout=30,
    # Listing a large account runs into rate limits; five tries wait for 15 s in all.
    retries={"mode": "standard", "total_max_attempts": 5},
    user_agent_extra="splitplane",
)
_DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "OptInRequired",
        "UnauthorizedOperation",
    }
)
_ABSENT: Final = ("NotFound", "NoSuch", "NonExist", "DoesNotExist")
"""Parts of the codes that services have for what is not there: `InvalidGroup.NotFound`,
`ResourceNotFoundException`, `NoSuchEntity`, `AWS.SimpleQueueService.NonExistentQueue`."""

Answer = dict[str, Any]  # Any: botocore has no types


@dataclass(frozen=True)
class Account:
    """An account in a region, with credentials that AWS takes.

    Attributes:
        session: whose clients are used.
        scope: partition, region and account.
        principal_arn: who the credentials are.
    """

    session: Session
    scope: Scope
    principal_arn: str
    _clients: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)

    def call(self, service: str, operation: str, **arguments: Any) -> Answer:
        """What AWS answers to one call.

        Args:
            service: botocore's name of the service, such as `ec2`.
            operation: its operation as AWS writes it, such as `DescribeVpcs`.
            arguments: of the operation.

        Raises:
            NotAllowed: the credentials may not call it; names the right.
            NotThere: what it is about does not exist.
            Refused: the credentials have expired.
            RetryLater: AWS did not answer.
            AwsError: AWS answered with another error, whose code is in `code`.
        """
        with _explained(self.session, service, operation):
            answer: Answer = getattr(self._client(service), _method(operation))(**arguments)
            return answer

    def read_all(
        self, service: str, operation: str, key: str, **arguments: Any
    ) -> Iterator[Answer]:
        """The items of all pages; arguments and errors as of `call`.

        Args:
            service: as of `call`.
            operation: as of `call`.
            key: where the items are in an answer.
            arguments: as of `call`.
        """
        with _explained(self.session, service, operation):
            for page in (
                self._client(service).get_paginator(_method(operation)).paginate(**arguments)
            ):
                yield from page[key]

    def _client(self, service: str) -> Any:  # Any: botocore has no types
        if service not in self._clients:
            self._clients[service] = _open_client(self.session, service, self.scope.region)
        return self._clients[service]


def open_account(*, region: str, profile: str | None = None) -> Account:
    """The account that the credentials belong to; asks STS who they are.

    Args:
        region: where to work.
        profile: profile of the AWS configuration; that of the environment when None.

    Raises:
        WrongArgument: the region or the profile is unknown.
        Refused: there are no credentials, or AWS does not take them.
        RetryLater: AWS did not answer.
    """
    session = botocore.session.Session(profile=profile)
    with translated(session):
        find_sts_host(session, region)
        freeze_credentials(session)
        caller = _open_client(session, "sts", region).get_caller_identity()
    arn = str(caller["Arn"])
    return Account(session, Scope(arn.split(":")[1], region, str(caller["Account"])), arn)


def right_of(service: str, operation: str) -> str:
    """The right that a call needs, as IAM writes it."""
    prefixes = {
        "elb": "elasticloadbalancing",
        "elbv2": "elasticloadbalancing",
        "service-quotas": "servicequotas",
    }
    return f"{prefixes.get(service, service)}:{operation}"


def _open_client(session: Session, service: str, region: str) -> Any:  # Any: no types
    return session.create_client(service, region_name=region, config=_CONFIG)


def _method(operation: str) -> str:
    return str(botocore.xform_name(operation))


@contextmanager
def _explained(session: Session, service: str, operation: str) -> Generator[None]:
    with translated(session):
        try:
            yield
        except exceptions.ClientError as exc:
            error = _meaning(exc, right_of(service, operation))
            if error is None:
                raise
            raise error from exc


def _meaning(error: Any, right: str) -> AwsError | None:  # Any: botocore has no types
    """None for what is said of credentials."""
    code = str(error.response["Error"]["Code"])
    if code in _DENIED:
        return NotAllowed(f"the credentials lack {right}", code=code)
    if any(part in code for part in _ABSENT):
        return NotThere(
            f"{right}: {str(error.response['Error'].get('Message', ''))[:256]}", code=code
        )
    if code.startswith(("Expired", "InvalidClientToken", "Signature", "UnrecognizedClient")):
        return None
    return AwsError(f"{right} failed ({code}): {str(error)[:256]}", code=code)
