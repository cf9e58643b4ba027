"""The smallest component provider on the SDK's own host: the peer of our plugin process.

Run as `python component_host.py ENGINE_ADDRESS`. No `from __future__ import annotations`: the host
reads the annotations at run time and fails on text.
"""

from typing import TypedDict

import pulumi
from pulumi.provider.experimental import component_provider_host


class MinimalArgs(TypedDict):
    """Arguments of the component."""

    text: pulumi.Input[str]


class Minimal(pulumi.ComponentResource):
    """A component without children."""

    text: pulumi.Output[str]

    def __init__(
        self, name: str, args: MinimalArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("minimal:index:Minimal", name, {"text": args["text"]}, opts)
        self.text = pulumi.Output.from_input(args["text"])
        self.register_outputs({"text": self.text})


if __name__ == "__main__":
    component_provider_host([Minimal], "minimal")
