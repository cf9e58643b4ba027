"""Names and certificates in Route 53: external-dns, and cert-manager where TLS ends in the cluster.

Certificates come from one place: from ACM, at the load balancer, when `ingress` asks for one; else
from cert-manager, at the gateway. Both would be two certificates for one name, renewed by two
parties, of which clients see only the outer one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import pulumi

from splitplane.components.addons.addon import Addon, AddonContext, declare_addon
from splitplane.components.addons.charts import CHARTS
from splitplane.components.clouds.aws.addons.controller_iam import (
    build_cert_manager_document,
    build_external_dns_document,
)
from splitplane.components.clouds.aws.identity.service_accounts import declare_identity
from splitplane.components.clouds.aws.parts import Plane, Text, child_options

EXTERNAL_DNS: Final = "external-dns"
CERT_MANAGER: Final = "cert-manager"
"""Of each add-on, its release, its service account and its namespace."""
ISSUER: Final = "letsencrypt"
"""Name of the ClusterIssuer."""
_ACME_SERVER: Final = "https://acme-v02.api.letsencrypt.org/directory"
"""https://letsencrypt.org/getting-started/; using it agrees to its terms."""

Values = dict[str, Any]  # Any: values of a chart


def declare_dns(
    parent: pulumi.Resource,
    plane: Plane,
    context: AddonContext,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
) -> list[pulumi.Resource]:
    """The zones of `dns` get the names of Services and Ingresses; empty without zones.

    Where no certificate of ACM is asked for, the ClusterIssuer `letsencrypt` signs for names in
    these zones, which have to be public; it is made where cert-manager is installed from here.

    Args:
        parent: the component.
        plane: the compute plane.
        context: what all add-ons share.
        depends_on: what has to be there before their first pods: nodes, DNS.
    """
    made: list[pulumi.Resource] = []
    if plane.settings.dns.has_zones and context.is_installed(EXTERNAL_DNS):
        made += _declare_external_dns(parent, plane, context, depends_on)
    if plane.settings.makes_certificates and context.is_installed(CERT_MANAGER):
        made += _declare_cert_manager(parent, plane, context, depends_on)
    return made


def _declare_external_dns(
    parent: pulumi.Resource,
    plane: Plane,
    context: AddonContext,
    depends_on: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    identity = declare_identity(
        parent,
        plane,
        EXTERNAL_DNS,
        namespace=EXTERNAL_DNS,
        service_account=EXTERNAL_DNS,
        documents={EXTERNAL_DNS: _document(plane, build_external_dns_document)},
    )
    values = build_external_dns_values(
        context,
        zone_ids=_zone_ids(plane),
        policy=plane.settings.dns.policy,
        cluster_name=plane.cluster.name,
        region=plane.scope.region,
        annotations=identity.annotations,
    )
    addon = Addon(EXTERNAL_DNS, EXTERNAL_DNS, CHARTS[EXTERNAL_DNS], values)
    made = declare_addon(parent, context, addon, depends_on=[*identity.ready, *depends_on])
    return [] if made is None else [made]


def _declare_cert_manager(
    parent: pulumi.Resource,
    plane: Plane,
    context: AddonContext,
    depends_on: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    import pulumi_kubernetes as kubernetes

    document = _document(
        plane, partial(build_cert_manager_document, partition=plane.scope.partition)
    )
    identity = declare_identity(
        parent,
        plane,
        CERT_MANAGER,
        namespace=CERT_MANAGER,
        service_account=CERT_MANAGER,
        documents={CERT_MANAGER: document},
    )
    values = build_cert_manager_values(
        context, region=plane.scope.region, annotations=identity.annotations
    )
    addon = Addon(CERT_MANAGER, CERT_MANAGER, CHARTS[CERT_MANAGER], values)
    made = declare_addon(parent, context, addon, depends_on=[*identity.ready, *depends_on])
    if made is None:
        return []
    manifest = build_issuer(plane.scope.region)
    issuer = kubernetes.apiextensions.CustomResource(
        f"{plane.settings.name}-{ISSUER}",
        api_version=manifest["apiVersion"],
        kind=manifest["kind"],
        metadata=manifest["metadata"],
        spec=manifest["spec"],
        opts=child_options(parent, depends_on=[made], provider=context.provider),
    )
    return [made, issuer]


def build_external_dns_values(
    context: AddonContext,
    *,
    zone_ids: Sequence[str | Text],
    policy: str,
    cluster_name: str,
    region: str,
    annotations: Mapping[str, object],
) -> Values:
    """Values of the chart external-dns 1.21: it owns the records that name the cluster, no others.

    The zones are named by id, which alone is known of all, and it has rights to no others.
    """
    return {
        "provider": {"name": "aws"},
        "policy": policy,
        "registry": "txt",
        "txtOwnerId": cluster_name,
        "sources": ["service", "ingress"],
        "extraArgs": {"zone-id-filter": list(zone_ids)},
        "env": [_region(region)],
        "serviceAccount": {
            "create": True,
            "name": EXTERNAL_DNS,
            "annotations": dict(annotations),
        },
        "tolerations": [dict(item) for item in context.tolerations],
    }


def build_cert_manager_values(
    context: AddonContext, *, region: str, annotations: Mapping[str, object]
) -> Values:
    """Values of the chart cert-manager 1.21, with its kinds, which stay when it goes.

    The webhook has replicas, since no certificate can be asked for while none answers.
    """
    tolerations = [dict(item) for item in context.tolerations]
    budget = {"enabled": context.has_budgets}
    return {
        "crds": {"enabled": True, "keep": True},
        "replicaCount": context.replicas,
        "podDisruptionBudget": budget,
        "serviceAccount": {
            "create": True,
            "name": CERT_MANAGER,
            "annotations": dict(annotations),
        },
        "extraEnv": [_region(region)],
        "tolerations": tolerations,
        "webhook": {
            "replicaCount": context.replicas,
            "podDisruptionBudget": budget,
            "tolerations": tolerations,
        },
        "cainjector": {"tolerations": tolerations},
        "startupapicheck": {"tolerations": tolerations},
    }


def build_issuer(region: str) -> dict[str, Any]:  # Any: a Kubernetes object
    """The ClusterIssuer: Let's Encrypt, with proofs in Route 53 by cert-manager's own role."""
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "ClusterIssuer",
        "metadata": {
            "name": ISSUER,
            # Registered with Let's Encrypt: so a missing way out shows in the run.
            "annotations": {"pulumi.com/waitFor": "condition=Ready"},
        },
        "spec": {
            "acme": {
                "server": _ACME_SERVER,
                "privateKeySecretRef": {"name": f"{ISSUER}-account"},
                "solvers": [{"dns01": {"route53": {"region": region}}}],
            }
        },
    }


def _zone_ids(plane: Plane) -> list[str | Text]:
    """Those that are there before those that are made."""
    existing = [arn.rpartition("/")[2] for arn in plane.settings.dns.zone_arns]
    return [*existing, *(zone.zone_id for zone in plane.zones.values())]


def _document(plane: Plane, build: Callable[[Sequence[str]], str]) -> str | Text:
    """Rights to the zones of `dns`; a text where all of them are there already."""
    existing = plane.settings.dns.zone_arns
    if not plane.zones:
        return build(existing)
    made = [zone.arn for zone in plane.zones.values()]
    found: Text = pulumi.Output.all(*made).apply(lambda arns: build([*existing, *arns]))
    return found


def _region(region: str) -> dict[str, str]:
    """The SDK asks the machine's metadata for it otherwise, which pods do not reach."""
    return {"name": "AWS_REGION", "value": region}
