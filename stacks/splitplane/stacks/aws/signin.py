"""Who one is towards AWS: the default chain of credentials, or a role assumed with them.

Foreign exceptions end here; what is left says what to do about it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import botocore
import botocore.session
from botocore import exceptions
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials

from splitplane.components.clouds.aws.names import check_cluster_name
from splitplane.stacks.aws.errors import AwsError, Refused, RetryLater, WrongArgument
from splitplane.stacks.aws.token import Credentials, build_token, render_exec_credential

ROLE_SECONDS: Final = 900
"""Life of an assumed role: the shortest that STS gives
(https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, checked 2026-11-21), and
longer than a token's 14 minutes."""
_ROLE_SESSION: Final = "splitplane"
"""How the calls are named in CloudTrail."""
_ROLE_ARN: Final = re.compile(r"^arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+$", re.ASCII)
_STS: Final = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
"""STS answers within a second; kubectl waits as long as this does."""

Session = Any  # Any: botocore has no types


def read_exec_credential(*, cluster: str, region: str, role_arn: str | None = None) -> str:
    """The exec credential for the cluster, as JSON; nothing is kept.

    Args:
        cluster: name of the cluster.
        region: its region.
        role_arn: role to assume first; the credentials of the default chain when None, which are
            variables, profile, SSO, web identity, container and machine, in this order.

    Raises:
        WrongArgument: the region is unknown, the role is none, or the profile is not there.
        Refused: there are no credentials, they have expired, or may not assume the role.
        RetryLater: AWS did not answer.
        splitplane.components.errors.WrongArgument: no cluster can have that name.
    """
    check_cluster_name(cluster)
    if role_arn is not None and _ROLE_ARN.fullmatch(role_arn) is None:
        raise WrongArgument(
            f"--role-arn {role_arn!r} is no role: write arn:aws:iam::ACCOUNT:role/NAME"
        )
    session = botocore.session.Session()
    with translated(session, role_arn):
        host = find_sts_host(session, region)
        credentials = freeze_credentials(session)
        if role_arn is not None:
            credentials = assume_role(session, credentials, region=region, role_arn=role_arn)
    token = build_token(credentials, cluster=cluster, region=region, sts_host=host)
    return render_exec_credential(token)


def find_sts_host(session: Session, region: str) -> str:
    """Host name of STS in the region.

    Raises:
        WrongArgument: there is no such region, as far as the installed botocore knows.
    """
    known: dict[str, str] = {
        name: partition["outputs"]["dnsSuffix"]
        for partition in session.get_component("data_loader").load_data("partitions")["partitions"]
        for name in partition["regions"]
        if not name.endswith("-global")
    }
    if region not in known:
        near = difflib.get_close_matches(region, known, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise WrongArgument(
            f"--region {region!r} is no AWS region that is known here: {hint}for one that is newer "
            f"than botocore {botocore.__version__}, upgrade that"
        )
    return f"sts.{region}.{known[region]}"


def freeze_credentials(session: Session) -> Credentials:
    """The session's credentials as they are now.

    Raises:
        Refused: there are none, or they ask for a code that only a person can give.
    """
    found = session.get_credentials()
    if found is None:
        raise Refused(
            "no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or run where a role is given"
        )
    if found.method == "assume-role" and session.get_scoped_config().get("mfa_serial"):
        # The question would go to the terminal, in the middle of what asks for the token.
        raise Refused(
            f"profile {_profile(session)!r} asks for an MFA code, which a program cannot give: "
            "sign in with SSO, or set the variables of a session that you signed in to"
        )
    frozen: Credentials = found.get_frozen_credentials()
    return frozen


def assume_role(
    session: Session, credentials: Credentials, *, region: str, role_arn: str
) -> Credentials:
    """Credentials of the role for 15 minutes; errors of botocore pass through."""
    client = session.create_client(
        "sts",
        region_name=region,
        config=_STS,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
    )
    answer = client.assume_role(
        RoleArn=role_arn, RoleSessionName=_ROLE_SESSION, DurationSeconds=ROLE_SECONDS
    )
    keys = answer["Credentials"]
    assumed: Credentials = ReadOnlyCredentials(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
    )
    return assumed


@contextmanager
def translated(session: Session, role_arn: str | None = None) -> Generator[None]:
    """What botocore raises in the body becomes an error that says what to do.

    Args:
        session: whose profile is named.
        role_arn: the role that the body assumes; none when None.
    """
    try:
        yield
    except exceptions.ClientError as exc:
        raise _refusal(exc, role_arn) from exc
    except exceptions.BotoCoreError as exc:
        raise _failure(exc, _profile(session)) from exc


def _profile(session: Session) -> str:
    return str(session.get_config_variable("profile") or "default")


def _refusal(error: Any, role_arn: str | None) -> AwsError:  # Any: botocore has no types
    code = str(error.response["Error"]["Code"])
    if code == "AccessDenied" and role_arn is not None:
        return Refused(
            f"role {role_arn!r} may not be assumed by these credentials: it must trust them, and "
            "they need sts:AssumeRole on it"
        )
    if code in ("ExpiredToken", "ExpiredTokenException"):
        return Refused("the AWS credentials have expired: sign in again")
    if code in ("InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"):
        return Refused(
            f"AWS does not accept the credentials ({code}): check AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and the profile"
        )
    if code == "RegionDisabledException":
        return WrongArgument(
            "--region is not enabled in the account: enable it, or name the cluster's own region"
        )
    return Refused(f"AWS refused to give credentials ({code}): {str(error)[:256]}")


def _failure(error: Exception, profile: str) -> AwsError:
    if isinstance(error, exceptions.ProfileNotFound):
        return WrongArgument(
            f"AWS_PROFILE {profile!r} is not in the AWS configuration: name one that is, or unset "
            "it"
        )
    if isinstance(error, exceptions.SSOError | exceptions.TokenRetrievalError):
        return Refused(
            f"the AWS sign-in (SSO) of profile {profile!r} is missing or has expired: run "
            f"`aws sso login --profile {profile}`"
        )
    if isinstance(error, exceptions.LoginError):
        return Refused(
            f"the AWS sign-in of profile {profile!r} is missing or has expired: run "
            f"`aws login --profile {profile}`"
        )
    if isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError):
        return RetryLater(f"AWS did not answer: {str(error)[:256]}")
    return Refused(f"the AWS credentials cannot be read: {str(error)[:256]}")
