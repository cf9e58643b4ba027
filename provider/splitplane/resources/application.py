"""The Application resource."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import JobArgs, ServiceArgs
from splitplane.resources.package import input_type, output_of, with_outputs


@input_type
class _ApplicationInputs:
    """Inputs as the engine gets them; described at the resource."""

    name: Input[str] = pulumi.property("name")
    workspace: Input[str] = pulumi.property("workspace")
    service: Input[ServiceArgs] | None = pulumi.property("service", default=None)
    job: Input[JobArgs] | None = pulumi.property("job", default=None)
    wait_for: Input[str] | None = pulumi.property("waitFor", default=None)


class Application(pulumi.CustomResource):
    """An application in a workspace: exactly one of `service` and `job`.

    Each change of it is a new immutable deployment. Import by id or by `CLUSTER:WORKSPACE:NAME`.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        name: Input[str],
        workspace: Input[str],
        service: Input[ServiceArgs] | None = None,
        job: Input[JobArgs] | None = None,
        wait_for: Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the application.

        Args:
            resource_name: its name in the stack.
            name: its name in the workspace; a change makes a new application.
            workspace: workspace that it runs in, `CLUSTER:WORKSPACE`; a change makes a new
                application.
            service: a service; a change to a job makes a new application.
            job: a job; a change to a service makes a new application.
            wait_for: what create and update wait for: `available` (when left out), `delivered`
                or `none`; at most `custom_timeouts`, 10 minutes when left out.
            opts: options of the resource.
        """
        inputs = _ApplicationInputs(
            name=name,
            workspace=workspace,
            service=service,
            job=job,
            wait_for=wait_for,
        )
        super().__init__(
            "splitplane:index:Application", resource_name, with_outputs(inputs, "fqn"), opts
        )

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Its name in the workspace."""
        return output_of(self, "name")

    @property
    @pulumi.getter
    def workspace(self) -> Output[str]:
        """Workspace that it runs in, `CLUSTER:WORKSPACE`."""
        return output_of(self, "workspace")

    @property
    @pulumi.getter
    def service(self) -> Output[Any]:
        """A service."""
        return output_of(self, "service")

    @property
    @pulumi.getter
    def job(self) -> Output[Any]:
        """A job."""
        return output_of(self, "job")

    @property
    @pulumi.getter(name="waitFor")
    def wait_for(self) -> Output[str]:
        """What create and update wait for: `available` (when left out), `delivered` or `none`."""
        return output_of(self, "wait_for")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
