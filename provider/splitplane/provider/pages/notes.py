"""What the pages say beside the schema: errors that are worth knowing, by what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Note:
    """An error, and what to do.

    Attributes:
        error: what is shown, or the start of it; in Markdown.
        meaning: why, and what to do, in Markdown.
    """

    error: str
    meaning: str


COMMON: Final = (
    Note(
        "`… exists already and was not made by this resource`",
        "An object of that name was made elsewhere. Choose another name, or adopt it by the "
        "`pulumi import` command that the message shows. A create that lost its answer is no such "
        "case: the next `up` finds its own object again.",
    ),
    Note(
        "`… is in use by …`",
        "Something on the control plane refers to the object; delete that first. Within one "
        "program the order is right when inputs are outputs of the other resource.",
    ),
    Note(
        "`… may not … on …`",
        "The token may not do this; the permissions are listed above. Nothing was changed, and "
        "such a refusal is not tried again.",
    ),
)
"""Of every resource."""

NOTES: Final[dict[str, tuple[Note, ...]]] = {
    "Application": (
        Note(
            "a condition with its reason, such as *Available is false*",
            "The application was stored and delivered but did not become ready in time. It is "
            "kept, the reasons of the cluster are shown, and the next `up` tries again. "
            "`custom_timeouts` lengthens the wait, `waitFor` shortens what is waited for.",
        ),
        Note(
            "`exactly one of … is needed`",
            "An application is one of its types. A change from one to another replaces it.",
        ),
        Note(
            "`… is still being removed from its cluster`",
            "Delete waits until the agent has removed the objects. Connect the agent and run "
            "again; if it will not come back, `splitplane delete --force`.",
        ),
    ),
    "Cluster": (
        Note(
            "`joinToken` is absent after an import",
            "The control plane keeps only a digest of it. Change `joinTokenTrigger` for a new one.",
        ),
        Note(
            "the agent says that its join token was used or has ended",
            "It works once and for a limited time. Change `joinTokenTrigger` and give the agent "
            "the new one; an agent that is enrolled needs none.",
        ),
    ),
    "ContainerRegistry": (
        Note(
            "`… is not a secret reference`",
            "`password` takes `secret://GROUP/KEY` only; a value in plain text is refused and not "
            "shown.",
        ),
    ),
    "MlRepo": (
        Note(
            "`… does not exist, or you may not read it`",
            "Take the name from the resource (`bucket.name`), so that it is made first.",
        ),
    ),
    "Role": (
        Note(
            "`unknown verb …`",
            "The verbs are listed in [the permission matrix](../permissions.md).",
        ),
    ),
    "SecretStore": (
        Note(
            "`exactly one of … is needed`",
            "A store is one kind of place; a change to another kind replaces it.",
        ),
    ),
    "StorageIntegration": (
        Note(
            "`exactly one of … is needed`",
            "A storage integration is one kind of place; a change to another kind replaces it.",
        ),
    ),
    "Token": (
        Note(
            "`token` is absent after an import",
            "The secret is shown once, to whoever made it. Change `rotationTrigger` for a new one.",
        ),
    ),
    "Workspace": (
        Note(
            "`cluster … does not carry the environment …`",
            "Add the environment to the cluster's `environments`, or choose one that is there.",
        ),
        Note(
            "`… is still being removed from its cluster`",
            "Delete waits until the agent has removed the namespace. Connect the agent and run "
            "again; if it will not come back, `splitplane delete --force`.",
        ),
    ),
}
"""By the last part of the type."""

FUNCTION_NOTES: Final = (
    Note(
        "`… does not exist, or you may not read it`",
        "The two look alike on purpose. Check the name, or ask for a role that may read it.",
    ),
    Note(
        "`… is not known yet`",
        "A preview cannot ask with an argument that no run has made yet. The output form, which "
        "the example uses, waits for it instead.",
    ),
)
"""Of every function."""
