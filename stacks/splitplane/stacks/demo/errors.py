"""What can go wrong with the demo.

DemoError
├── WrongSetting    an option or variable is wrong: fix it
└── CheckFailed     a promise of the demo did not hold: a bug, or a machine that is far too slow
"""

from __future__ import annotations


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


class WrongSetting(DemoError):
    """An option or an environment variable is wrong."""


class CheckFailed(DemoError):
    """Something that the demo promises did not hold."""
