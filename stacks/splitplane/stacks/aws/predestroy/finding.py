"""What every step in the account needs: filters, tags, and calls on what may be gone already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from splitplane.stacks.aws.errors import NotThere
from splitplane.stacks.aws.predestroy.steps import World

Filter = dict[str, str | list[str]]


def filter_by(name: str, *values: str) -> Filter:
    """A filter of EC2's describing calls: what has one of the values."""
    return {"Name": name, "Values": list(values)}


def tags_in(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Key → value of tags as AWS lists them."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}


def ignore_gone(world: World, service: str, operation: str, **arguments: object) -> None:
    """The call was made, or what it is about was gone; other errors as of `Account.call`."""
    try:
        world.account.call(service, operation, **arguments)
    except NotThere:
        return
