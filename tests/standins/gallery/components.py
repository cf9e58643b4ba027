"""Components of the test plugin."""

# Without `from __future__ import annotations`: the mapping reads real types.
import urllib.request
from typing import Any, NotRequired, TypedDict

import pulumi

from gallery.arguments import GalleryArgs, TourArgs, TourResult
from splitplane.components.errors import WrongArgument


class Box(pulumi.CustomResource):
    """Gives back what it is given."""

    def __init__(self, name: str, inputs: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__("gallery:index:Box", name, inputs, opts)


class Gallery(pulumi.ComponentResource):
    """Keeps all its inputs in one box."""

    rooms: pulumi.Output[int]
    """Number of rooms."""
    code: pulumi.Output[str | None]
    """Code of the door, secret."""
    setting: pulumi.Output[str]
    """What the configuration of the stack says."""

    def __init__(
        self, name: str, args: GalleryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("gallery:index:Gallery", name, {}, opts)
        code = args.get("code")
        kept = None if code is None else pulumi.Output.secret(code)
        box = Box(name, {**args, "code": kept}, pulumi.ResourceOptions(parent=self))
        self.box = box
        self.rooms = pulumi.Output.from_input(args["rooms"]).apply(lambda count: count + 0)
        self.code = pulumi.Output.from_input(kept)
        setting = pulumi.Config("gallery").get("setting") or "none"
        self.setting = pulumi.Output.from_input(f"{pulumi.get_stack()}: {setting}")
        self.register_outputs({"rooms": self.rooms, "code": self.code, "setting": self.setting})

    def plan_tour(self, args: TourArgs) -> TourResult:
        """How long a tour takes, and what its guide wears.

        Args:
            args: who goes.
        """
        guests = pulumi.Output.from_input(args["guests"])
        guide = pulumi.Output.from_input(args.get("guide", "nobody"))
        return {
            "minutes": pulumi.Output.all(self.rooms, guests).apply(_minutes),
            "badge": pulumi.Output.format("{0}/{1}", guide, self.setting),
        }


def _minutes(numbers: list[int]) -> int:
    rooms, guests = numbers
    if guests < 1:
        raise WrongArgument(f"guests {guests!r} are too few: take 1 or more")
    return int(rooms) * 10


class WatcherArgs(TypedDict):
    """What is watched."""

    url: str
    """Address that is asked, and may never answer."""
    word: NotRequired[str]
    """What makes it fail."""


class Watcher(pulumi.ComponentResource):
    """Blocks until a server answers, as a probe of a slow cluster does."""

    def __init__(
        self, name: str, args: WatcherArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("gallery:index:Watcher", name, {}, opts)
        match args.get("word"):
            case "refuse":
                raise WrongArgument("word 'refuse' is not nice")
            case "property":
                raise pulumi.InputPropertyError("word", "is not nice")
            case "bug":
                raise KeyError("a bug")
            case "later":
                # An error in what nobody waits for must not be lost.
                pulumi.Output.from_input(1).apply(lambda _: 1 // 0)
            case _:
                urllib.request.urlopen(args["url"]).read()
        self.register_outputs({})


class RetitledArgs(TypedDict):
    """What is put in the box."""

    title: pulumi.Input[str]
    """The title that is there in the end."""


class Retitled(pulumi.ComponentResource):
    """Registers a transform of its own, which the engine runs in the plugin."""

    def __init__(
        self, name: str, args: RetitledArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("gallery:index:Retitled", name, {}, opts)
        pulumi.log.warn("mind the step", resource=self)

        def retitle(given: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
            title = pulumi.Output.format("{0}!", given.props["title"])
            return pulumi.ResourceTransformResult({**given.props, "title": title}, given.opts)

        options = pulumi.ResourceOptions(parent=self, transforms=[retitle])
        Box(name, {"title": args["title"]}, options)
        self.register_outputs({})


class NestArgs(TypedDict):
    """How deep it goes."""

    depth: int
    """Number of components further inside."""


class Nest(pulumi.ComponentResource):
    """Contains itself, by way of the engine, as a component of another package would be."""

    def __init__(
        self, name: str, args: NestArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("gallery:index:Nest", name, {}, opts)
        if depth := args["depth"]:
            inner = f"{name}-{depth}"
            options = pulumi.ResourceOptions(parent=self)
            pulumi.ComponentResource(
                "gallery:index:Nest", inner, {"depth": depth - 1}, options, True
            )
        self.register_outputs({})
