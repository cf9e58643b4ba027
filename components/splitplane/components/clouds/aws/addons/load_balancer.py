"""The controller of load balancers, and what a Service tells it; Auto Mode has one built in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

from splitplane.components.addons.addon import Addon, AddonContext, declare_addon
from splitplane.components.addons.charts import CHARTS
from splitplane.components.clouds.aws.addons.load_balancer_iam import build_load_balancer_documents
from splitplane.components.clouds.aws.identity.service_accounts import declare_identity
from splitplane.components.clouds.aws.parts import NetworkParts, Plane, Text, tags_of
from splitplane.components.clouds.aws.settings import EksSettings
from splitplane.components.errors import WrongArgument

NAME: Final = "aws-load-balancer-controller"
"""Of the add-on, its release and its service account."""
NAMESPACE: Final = "kube-system"
_PURPOSE: Final = "load-balancers"
_PREFIX: Final = "service.beta.kubernetes.io/aws-load-balancer"
_HEALTH_PORT: Final = "15021"
_HEALTH_PATH: Final = "/healthz/ready"
"""Where an Istio gateway says whether it is ready.
https://istio.io/latest/docs/ops/deployment/application-requirements/"""
_TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.2 and 1.3, which AWS recommends; its default still takes 1.0.
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/describe-ssl-policies.html"""
IGNORED: Final[tuple[Mapping[str, Any], ...]] = (  # Any: part of a Kubernetes object
    {"group": "", "kind": "Secret", "name": "aws-load-balancer-tls", "jsonPointers": ["/data"]},
    *(
        {
            "group": "admissionregistration.k8s.io",
            "kind": kind,
            "name": "aws-load-balancer-webhook",
            "jqPathExpressions": [".webhooks[].clientConfig.caBundle"],
        }
        for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    ),
)
"""The chart makes a new certificate each time that it is rendered; Argo CD keeps the first."""


def declare_load_balancer_controller(
    parent: pulumi.Resource,
    plane: Plane,
    context: AddonContext,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> pulumi.Resource | None:
    """Services of class `service.k8s.aws/nlb` and Ingresses of class `alb` get load balancers.

    None with Auto Mode, which does it itself, and when it is not installed from here. What has a
    load balancer depends on it, so that it is destroyed while the controller lives.

    Args:
        parent: the component.
        plane: the compute plane.
        context: what all add-ons share.
        depends_on: what has to be there before its first pod: nodes, DNS.
    """
    if plane.settings.compute_mode == "auto_mode" or not context.is_installed(NAME):
        return None
    identity = declare_identity(
        parent,
        plane,
        _PURPOSE,
        namespace=NAMESPACE,
        service_account=NAME,
        documents=build_load_balancer_documents(
            plane.scope,
            cluster_name=plane.cluster.name,
            vpc_id=plane.settings.network.vpc_id,
        ),
    )
    values = build_controller_values(
        context,
        cluster_name=plane.cluster.name,
        region=plane.scope.region,
        vpc_id=plane.network.vpc_id,
        annotations=identity.annotations,
        tags=tags_of(plane.settings),
    )
    return declare_addon(
        parent,
        context,
        Addon(NAME, NAMESPACE, CHARTS[NAME], values, ignored=IGNORED),
        depends_on=[*identity.ready, *depends_on],
    )


def build_controller_values(
    context: AddonContext,
    *,
    cluster_name: str,
    region: str,
    vpc_id: object,
    annotations: Mapping[str, object],
    tags: Mapping[str, str],
) -> dict[str, Any]:  # Any: values of a chart
    """Values of the chart aws-load-balancer-controller 3.5.

    Region and VPC are given, since pods do not reach the metadata of their machine. The webhook
    that makes every Service one of the controller's is off: while it does not answer, no Service of
    any kind can be made. Shield and WAF are off, whose rights it does not have.

    Args:
        context: what all add-ons share.
        cluster_name: name in EKS.
        region: where it is.
        vpc_id: its VPC, or a promise of it.
        annotations: of the service account.
        tags: of everything that it makes.
    """
    values: dict[str, Any] = {
        "clusterName": cluster_name,
        "region": region,
        "vpcId": vpc_id,
        "replicaCount": context.replicas,
        "serviceAccount": {"create": True, "name": NAME, "annotations": dict(annotations)},
        "tolerations": [dict(item) for item in context.tolerations],
        # What the chart's comments advise; it reserves nothing by itself.
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
        "defaultTargetType": "ip",
        "defaultLoadBalancerScheme": "internal",
        "defaultTags": dict(tags),
        "enableServiceMutatorWebhook": False,
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        "keepTLSSecret": True,
    }
    if context.has_budgets:
        values["podDisruptionBudget"] = {"maxUnavailable": 1}
    return values


def load_balancer_class(settings: EksSettings) -> str:
    """`spec.loadBalancerClass` of a Service; it can never be changed on one that exists."""
    is_auto = settings.compute_mode == "auto_mode"
    return "eks.amazonaws.com/nlb" if is_auto else "service.k8s.aws/nlb"


def gateway_annotations(
    settings: EksSettings, network: NetworkParts, *, certificate_arn: Text | None
) -> dict[str, str | pulumi.Output[str]]:
    """Annotations of an Istio gateway's Service, for a network load balancer before its pods.

    The pods are targets themselves, in every zone, and are healthy when Istio says so. With
    a certificate TLS ends at the load balancer, on port 443, and the gateway gets what
    was inside; without, it gets every connection as it is. The subnets are named where they are
    known, else found by their tags.

    Auto Mode takes the same annotations; the policy of TLS and HTTP/2 are not among those that AWS
    lists for it: https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html.

    Args:
        settings: checked ones.
        network: its subnets.
        certificate_arn: a certificate of ACM that is proven; none when None.

    Raises:
        WrongArgument: the load balancer is internet-facing and there are no public subnets.
    """
    scheme = settings.ingress.scheme
    is_public = scheme == "internet-facing"
    subnets = network.public_subnet_ids if is_public else network.private_subnet_ids
    if is_public and not subnets and not settings.is_adopted:
        raise WrongArgument(
            "ingress.scheme 'internet-facing' needs public subnets: let network.has_public_subnets "
            "be true, or name network.public_subnet_ids"
        )
    found: dict[str, str | pulumi.Output[str]] = {
        f"{_PREFIX}-scheme": scheme,
        f"{_PREFIX}-nlb-target-type": "ip",
        f"{_PREFIX}-attributes": "load_balancing.cross_zone.enabled=true",
        f"{_PREFIX}-healthcheck-protocol": "http",
        f"{_PREFIX}-healthcheck-port": _HEALTH_PORT,
        f"{_PREFIX}-healthcheck-path": _HEALTH_PATH,
    }
    if subnets:
        ordered = [subnets[zone] for zone in sorted(subnets)]
        joined: pulumi.Output[str] = pulumi.Output.all(*ordered).apply(",".join)
        found[f"{_PREFIX}-subnets"] = joined
    if settings.network.ip_family == "ipv6":
        found[f"{_PREFIX}-ip-address-type"] = "dualstack"
    if certificate_arn is not None:
        found |= {
            f"{_PREFIX}-ssl-cert": certificate_arn,
            f"{_PREFIX}-ssl-ports": "443",
            f"{_PREFIX}-ssl-negotiation-policy": _TLS_POLICY,
            # Without it a client cannot agree on HTTP/2, which gRPC needs.
            f"{_PREFIX}-alpn-policy": "HTTP2Preferred",
        }
    return found
