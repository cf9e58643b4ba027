"""The rules as policies of pulumi_policy: names, levels, settings, and where inputs come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from splitplane_policy import plain_secrets, protected_clusters, public_endpoints, required_tags
from splitplane_policy.marked_values import keep_secret_marks, plain
from splitplane_policy.model import Resource, Violation
from splitplane_policy.settings import read, schema_of

NAME: Final = "splitplane"

_Settings = TypeVar("_Settings")


def policies() -> list[Policy]:
    """Every policy, mandatory unless the user's configuration says otherwise."""
    return [
        _resource_policy(
            public_endpoints.NAME,
            "API endpoints of clusters are private, or answer your own address ranges only.",
            public_endpoints.check,
            public_endpoints.EndpointSettings,
            Severity.HIGH,
        ),
        _stack_policy(
            protected_clusters.NAME,
            "Production clusters have the resource option protect.",
        ),
        _resource_policy(
            plain_secrets.NAME,
            "Secrets are marked as such, so that they are encrypted in the state.",
            plain_secrets.check,
            plain_secrets.SecretSettings,
            Severity.CRITICAL,
        ),
        _resource_policy(
            required_tags.NAME,
            "Cloud resources carry the environment tag, workspaces name their environment.",
            required_tags.check,
            required_tags.TagSettings,
            Severity.MEDIUM,
        ),
    ]


def serve() -> None:
    """Answers the engine until it ends this process."""
    keep_secret_marks()
    PolicyPack(NAME, enforcement_level=EnforcementLevel.MANDATORY, policies=policies())


def _resource_policy(
    name: str,
    description: str,
    check: Callable[[Resource, _Settings], Iterator[Violation]],
    settings: type[_Settings],
    severity: Severity,
) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for violation in check(_resource(args), read(settings, args.get_config())):
            report(violation.message, None)

    return ResourceValidationPolicy(
        name=name,
        description=description,
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=severity,
        config_schema=PolicyConfigSchema(schema_of(settings)),
    )


def _stack_policy(name: str, description: str) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        settings = read(protected_clusters.ProtectionSettings, args.get_config())
        resources = [_resource(resource) for resource in args.resources]
        for violation in protected_clusters.check(resources, settings):
            report(violation.message, violation.urn)

    return StackValidationPolicy(
        name=name,
        description=description,
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=Severity.HIGH,
        config_schema=PolicyConfigSchema(schema_of(protected_clusters.ProtectionSettings)),
    )


def _resource(given: ResourceValidationArgs | PolicyResource) -> Resource:
    inputs: Any = plain(given.props)  # Any: a mapping, since inputs are one
    provider: Any = plain(given.provider.props) if given.provider is not None else {}
    return Resource(
        type=given.resource_type,
        urn=given.urn,
        inputs=inputs,
        is_protected=given.opts.protect,
        provider_inputs=provider,
    )
