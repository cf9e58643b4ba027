"""Which services a cluster reaches through endpoints in its VPC, and what they are called. Pure.

Without a way out, these are all that nodes and controllers reach. IAM and Pricing have none.
"""

from __future__ import annotations

from collections.abc import Sequence

from splitplane.components.clouds.aws.identity.documents import Scope
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument

_ALWAYS = ("ec2", "ecr.api", "ecr.dkr", "eks", "elasticloadbalancing", "logs", "sts")
"""https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html."""
_CHINA = "aws-cn"


def needed_endpoints(settings: EksSettings) -> tuple[str, ...]:
    """Services that the cluster cannot do without when there is no way out, sorted; beside S3."""
    wanted = {
        # Karpenter asks Parameter Store for images.
        "ssm": settings.compute_mode == "karpenter" or settings.platform.has_secret_store,
        "sqs": settings.compute_mode == "karpenter",
        "autoscaling": settings.compute_mode == "node_groups",
        "eks-auth": settings.workload_identity == "pod_identity",
        "elasticfilesystem": settings.has_shared_storage,
        "secretsmanager": settings.platform.has_secret_store,
    }
    return tuple(sorted({*_ALWAYS, *(name for name, is_needed in wanted.items() if is_needed)}))


def chosen_endpoints(settings: EksSettings) -> tuple[str, ...]:
    """Services that get an interface endpoint in a created VPC, sorted."""
    chosen = settings.network.interface_endpoints
    if settings.effective_nat == "none" and not chosen:
        return needed_endpoints(settings)
    return tuple(sorted(chosen))


def missing_endpoints(
    settings: EksSettings, chosen: Sequence[str], *, has_gateway: bool = True
) -> list[str]:
    """Needed services that are not among the chosen ones, which may be given by full names.

    Args:
        settings: checked settings.
        chosen: what there is, or is to be.
        has_gateway: whether S3 is reached anyway.
    """
    return [
        name
        for name in (*needed_endpoints(settings), *(() if has_gateway else ("s3",)))
        if not any(item == name or is_full_name(item, name) for item in chosen)
    ]


def is_full_name(text: str, service: str | None = None) -> bool:
    """Whether it is the name of a service with region and all, of any service when None."""
    is_full = text.startswith(("com.amazonaws.", "cn.com.amazonaws.", "aws."))
    return is_full and (service is None or text.endswith(f".{service}"))


def service_name(service: str, scope: Scope) -> str:
    """The full name by which a VPC knows the service; full names stay.

    Raises:
        WrongArgument: it is a short name in China, where they follow no pattern.
    """
    if is_full_name(service):
        return service
    if scope.partition == _CHINA and service != "s3":
        raise WrongArgument(
            f"network.interface_endpoints: {service!r} has no certain name in {scope.region}: "
            f"write full names, such as cn.com.amazonaws.{scope.region}.{service}, as the console "
            "lists them"
        )
    return f"com.amazonaws.{scope.region}.{service}"
