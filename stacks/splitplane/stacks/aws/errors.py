"""Why something in an AWS account cannot be done, split by what the caller should do.

AwsError
├── WrongArgument  fix the named argument
├── Refused        sign in to AWS again, or ask for the right that the message names
└── RetryLater     AWS did not answer: check the network, try again
"""

from __future__ import annotations


class AwsError(Exception):
    """A command on an AWS account cannot be carried out."""


class WrongArgument(AwsError):
    """An argument or setting is wrong; the message names it, its value and what is allowed."""


class Refused(AwsError):
    """There are no credentials, they have expired, or they do not allow it."""


class RetryLater(AwsError):
    """AWS did not answer."""
