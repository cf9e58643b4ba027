"""Entry point of `pulumi up`: reads the configuration and deploys the program that it names."""

from __future__ import annotations

import pulumi

from splitplane.stacks.programs import deploy_program

_config = pulumi.Config("program")
deploy_program(_config.require("name"), _config.get_object("args") or {})
