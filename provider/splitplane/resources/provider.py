"""The provider resource: one control plane."""

from __future__ import annotations

import json

import pulumi
from pulumi import Input

from splitplane.resources.package import input_type, with_outputs

__all__ = ["Provider"]


@input_type
class _ProviderInputs:
    """Inputs as the engine gets them; described at the resource."""

    endpoint: Input[str] | None = pulumi.property("endpoint", default=None)
    token: Input[str] | None = pulumi.property("token", default=None)
    ca_bundle: Input[str] | None = pulumi.property("caBundle", default=None)
    timeout_seconds: Input[str] | None = pulumi.property("timeoutSeconds", default=None)
    retries: Input[str] | None = pulumi.property("retries", default=None)


class Provider(pulumi.ProviderResource):
    """A control plane, for `ResourceOptions(provider=…)`.

    Without one, resources use `splitplane:endpoint` and `splitplane:token` of the stack's
    configuration, the environment, or the last login. A change of the address replaces nothing;
    one that leads to another tenant is refused, for all objects of the stack are in the old one.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Input[str] | None = None,
        token: Input[str] | None = None,
        ca_bundle: Input[str] | None = None,
        timeout_seconds: Input[float] | None = None,
        retries: Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the provider.

        Args:
            resource_name: its name in the stack.
            endpoint: `https://HOST[:PORT]`; `SPLITPLANE_ENDPOINT` or the last login when left out.
            token: bearer token, stored as a secret; `SPLITPLANE_TOKEN` or the last login when left
                out, and then stored nowhere.
            ca_bundle: file with the certificates to trust; the system's when left out.
            timeout_seconds: longest wait for one answer of the control plane, at most 600;
                `SPLITPLANE_TIMEOUT_SECONDS`, the login file or 30 when left out.
            retries: further tries of a request that is safe to repeat, 0 to 20;
                `SPLITPLANE_RETRIES`, the login file or 4 when left out.
            opts: options of the resource.
        """
        inputs = _ProviderInputs(
            endpoint=endpoint,
            token=None if token is None else pulumi.Output.secret(token),
            ca_bundle=ca_bundle,
            timeout_seconds=_as_json(timeout_seconds),
            retries=_as_json(retries),
        )
        super().__init__("splitplane", resource_name, with_outputs(inputs), opts)


def _as_json(value: Input[float] | Input[int] | None) -> Input[str] | None:
    """The number as the engine wants inputs of providers that are no text: its JSON."""
    return None if value is None else pulumi.Output.from_input(value).apply(json.dumps)
