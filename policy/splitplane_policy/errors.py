"""What can be wrong with the pack itself.

PolicyError
└── SettingsError   fix the configuration of the pack
"""

from __future__ import annotations


class PolicyError(Exception):
    """The pack cannot check anything."""


class SettingsError(PolicyError):
    """A setting that does not exist or makes no sense."""
