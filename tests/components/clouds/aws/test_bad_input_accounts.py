"""Rights of workloads and registries that cannot be had are said before any cloud resource is."""

from __future__ import annotations

import pytest
from aws_refusal import ACCOUNT, Json, assert_refused, assert_refused_here

READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
THEIRS = "arn:aws:iam::444455556666:policy/read"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:ecr-pullthroughcache/hub-x1Y2z3"

WITHOUT_AWS: dict[str, tuple[Json, str]] = {
    "service account of an add-on": (
        {
            "service_accounts": [
                {"namespace": "kube-system", "name": "karpenter", "policy_arns": [READ]}
            ]
        },
        (
            "service_accounts[0] 'kube-system/karpenter' is that of add-on 'karpenter', which has "
            "a role of its own: name another one"
        ),
    ),
    "registry twice": (
        {"platform": {"pull_through": [{"registry": "quay"}, {"registry": "quay"}]}},
        "platform.pull_through names 'quay' 2 times: name it once",
    ),
    "role of spot machines for nobody": (
        {"makes_spot_service_role": True, "pools": []},
        (
            "makes_spot_service_role True has no meaning here: no pool or node group has capacity "
            "'spot'; leave it out"
        ),
    ),
}
WITH_AWS: dict[str, tuple[tuple[Json, Json], str]] = {
    "policy of another account": (
        (
            {
                "service_accounts": [
                    {"namespace": "ml", "name": "train", "policy_arns": [READ, THEIRS]}
                ]
            },
            {},
        ),
        (
            f"service_accounts[0].policy_arns {THEIRS!r} lies in account '444455556666' (aws), the "
            f"role in {ACCOUNT!r} (aws): name a policy of the role's account or of AWS"
        ),
    ),
    "secret of another region": (
        (
            {"platform": {"pull_through": [{"registry": "docker-hub", "credential_arn": SECRET}]}},
            {},
        ),
        (
            f"platform.pull_through[0].credential_arn {SECRET!r} lies in 'us-east-1' of account "
            f"{ACCOUNT!r}, ECR reads secrets of 'eu-west-1' in {ACCOUNT!r} alone: make one there"
        ),
    ),
}


@pytest.mark.parametrize(("args", "message"), WITHOUT_AWS.values(), ids=WITHOUT_AWS)
def test_what_is_wrong_by_itself_is_said_before_anything_is_registered(
    args: Json, message: str
) -> None:
    assert_refused(args, message)


@pytest.mark.parametrize(("case", "message"), WITH_AWS.values(), ids=WITH_AWS)
def test_what_does_not_fit_the_account_is_said_before_any_resource_of_a_cloud(
    case: tuple[Json, Json], message: str
) -> None:
    assert_refused_here(*case, message)
