"""The Application resource; written by `python -m splitplane.provider.sdk`."""

from __future__ import annotations

from typing import Any, Final

import pulumi
from pulumi import Input, Output

from splitplane.resources.inputs import JobArgs, ServiceArgs
from splitplane.resources.package import input_type, look_up, output_of, with_outputs


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

    Each change of it is a new immutable deployment. The id is the object's UUID; import by id or
    by `CLUSTER:WORKSPACE:NAME`.
    """

    pulumi_type: Final = "splitplane:index:Application"
    """Type of the resource in the engine."""

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
            resource_name: Its name in the stack.
            name: Name; a change replaces the resource. 2 to 40 lower-case letters, digits and
                hyphens.
            workspace: Workspace that it runs in, `CLUSTER:WORKSPACE`. A change replaces the
                resource.
            service: A service: keeps copies running and reachable inside the cluster.
            job: A job: runs to completion once for each version that is deployed.
            wait_for: What create and update wait for. `available`: until it runs, a job until it
                has started; `delivered`: until the cluster has its objects; `none`: not at all.
                The longest wait is the resource's timeout for create or update, 10 minutes by
                default. An application that is not ready by then is kept and tried again by the
                next update. Allowed: `available`, `delivered`, `none`. Default: `"available"`.
            opts: Options of the resource.
        """
        inputs = _ApplicationInputs(
            name=name,
            workspace=workspace,
            service=service,
            job=job,
            wait_for=wait_for,
        )
        outputs = with_outputs(inputs, "fqn")
        super().__init__(Application.pulumi_type, resource_name, outputs, opts)

    @staticmethod
    def get(
        resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> Application:
        """The application that exists with this id or fully qualified name.

        It is read and not managed: the stack neither changes nor deletes it.
        """
        return look_up(Application, _ApplicationInputs, resource_name, id, opts)

    @property
    @pulumi.getter
    def name(self) -> Output[str]:
        """Name; a change replaces the resource.

        2 to 40 lower-case letters, digits and hyphens.
        """
        return output_of(self, "name")

    @property
    @pulumi.getter
    def workspace(self) -> Output[str]:
        """Workspace that it runs in, `CLUSTER:WORKSPACE`. A change replaces the resource."""
        return output_of(self, "workspace")

    @property
    @pulumi.getter
    def service(self) -> Output[Any]:
        """A service: keeps copies running and reachable inside the cluster."""
        return output_of(self, "service")

    @property
    @pulumi.getter
    def job(self) -> Output[Any]:
        """A job: runs to completion once for each version that is deployed."""
        return output_of(self, "job")

    @property
    @pulumi.getter(name="waitFor")
    def wait_for(self) -> Output[str]:
        """What create and update wait for.

        `available`: until it runs, a job until it has started; `delivered`: until the cluster has
        its objects; `none`: not at all. The longest wait is the resource's timeout for create or
        update, 10 minutes by default. An application that is not ready by then is kept and tried
        again by the next update. Allowed: `available`, `delivered`, `none`. Default:
        `"available"`.
        """
        return output_of(self, "wait_for")

    @property
    @pulumi.getter
    def fqn(self) -> Output[str]:
        """Fully qualified name; accepted wherever an id is."""
        return output_of(self, "fqn")
