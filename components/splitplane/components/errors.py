"""Errors of the components, split by what the caller should do.

ComponentError
├── WrongArgument     fix the named argument
├── ClusterRefused    the cluster cannot be taken as it is: the message lists what to change
└── ClusterUnreachable  the API server did not answer: check kubeconfig and network, try again
"""

from __future__ import annotations


class ComponentError(Exception):
    """A component cannot be built."""


class WrongArgument(ComponentError):
    """An argument is wrong; the message names it, its value and what is allowed."""


class ClusterRefused(ComponentError):
    """The probe found something that must be changed first."""


class ClusterUnreachable(ComponentError):
    """The API server of the cluster did not answer as one."""
