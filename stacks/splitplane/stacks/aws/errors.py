"""Why something in an AWS account cannot be done, split by what the caller should do.

AwsError
├── WrongArgument  fix the named argument
├── NotThere       what a call is about does not exist
├── Refused        sign in to AWS again
│   └── NotAllowed  ask for the right that the message names
└── RetryLater     AWS did not answer: check the network, try again
"""

from __future__ import annotations


class AwsError(Exception):
    """A command on an AWS account cannot be carried out.

    Attributes:
        code: code of AWS' answer; empty where the error is no answer of AWS.
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        """Keeps the code beside the message."""
        super().__init__(message)
        self.code = code


class WrongArgument(AwsError):
    """An argument or setting is wrong; the message names it, its value and what is allowed."""


class NotThere(AwsError):
    """What the call is about does not exist."""


class Refused(AwsError):
    """There are no credentials, they have expired, or they do not allow it."""


class NotAllowed(Refused):
    """The credentials lack the right that the message names."""


class RetryLater(AwsError):
    """AWS did not answer."""
