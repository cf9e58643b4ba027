"""The whole story on one machine: `splitplane demo`, `make demo`."""

from splitplane.stacks.demo.errors import CheckFailed, DemoError, WrongSetting
from splitplane.stacks.demo.run import run_demo
from splitplane.stacks.demo.settings import DemoSettings, load_demo_settings

__all__ = [
    "CheckFailed",
    "DemoError",
    "DemoSettings",
    "WrongSetting",
    "load_demo_settings",
    "run_demo",
]
