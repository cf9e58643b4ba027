"""The provider resource: one control plane."""

from __future__ import annotations

import pulumi
from pulumi import Input

from splitplane.resources.package import input_type, with_outputs


@input_type
class _ProviderInputs:
    """Inputs as the engine gets them; described at the resource."""

    endpoint: Input[str] | None = pulumi.property("endpoint", default=None)
    token: Input[str] | None = pulumi.property("token", default=None)
    ca_bundle: Input[str] | None = pulumi.property("caBundle", default=None)


class Provider(pulumi.ProviderResource):
    """A control plane, for `ResourceOptions(provider=…)`.

    Without one, resources use `splitplane:endpoint` and `splitplane:token` of the stack's
    configuration, the environment, or the last login. A change of the address replaces nothing.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: Input[str] | None = None,
        token: Input[str] | None = None,
        ca_bundle: Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the provider.

        Args:
            resource_name: its name in the stack.
            endpoint: `https://HOST[:PORT]`; `SPLITPLANE_ENDPOINT` or the last login when left out.
            token: bearer token, stored as a secret; `SPLITPLANE_TOKEN` or the last login when left
                out, and then stored nowhere.
            ca_bundle: file with the certificates to trust; the system's when left out.
            opts: options of the resource.
        """
        inputs = _ProviderInputs(
            endpoint=endpoint,
            token=None if token is None else pulumi.Output.secret(token),
            ca_bundle=ca_bundle,
        )
        super().__init__("splitplane", resource_name, with_outputs(inputs), opts)
