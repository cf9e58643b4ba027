"""What the components of the test plugin take: one input of every kind."""

# Without `from __future__ import annotations`: a TypedDict would keep text and no types.
from enum import IntEnum, StrEnum
from typing import Any, Literal, NotRequired, TypedDict

import pulumi


class Size(StrEnum):
    """How large it is."""

    SMALL = "small"
    LARGE = "large"


class Level(IntEnum):
    """On which level it is."""

    LOW = 1
    HIGH = 2


class FrameArgs(TypedDict):
    """A frame."""

    width_mm: pulumi.Input[int]
    """Width, mm."""
    is_gilded: NotRequired[pulumi.Input[bool]]
    """Whether it is gilded."""


class PictureArgs(TypedDict):
    """A picture."""

    full_title: pulumi.Input[str]
    """Its title."""
    frame: NotRequired[pulumi.Input[FrameArgs]]
    """Its frame; none when left out."""
    free_tags: NotRequired[dict[str, str]]
    """Tags with names as they come."""


class GalleryArgs(TypedDict):
    """A gallery."""

    rooms: pulumi.Input[int]
    """Number of rooms."""
    height: NotRequired[pulumi.Input[float]]
    """Height, m."""
    is_open: NotRequired[pulumi.Input[bool]]
    """Whether it is open."""
    title: NotRequired[pulumi.Input[str]]
    """Its title."""
    size: NotRequired[pulumi.Input[Size]]
    """Its size."""
    level: NotRequired[pulumi.Input[Level]]
    """Its level."""
    style: NotRequired[pulumi.Input[Literal["plain", "rich"]]]
    """Its style."""
    main_picture: NotRequired[pulumi.Input[PictureArgs]]
    """The picture that people come for."""
    pictures: NotRequired[pulumi.Input[list[pulumi.Input[PictureArgs]]]]
    """All pictures."""
    labels: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Labels with names as they come."""
    numbers: NotRequired[pulumi.Input[list[pulumi.Input[int]]]]
    """Numbers."""
    floors: NotRequired[int]
    """Number of floors, known before the program runs."""
    corners: NotRequired[list[PictureArgs]]
    """Pictures, of which the program knows how many there are."""
    code: NotRequired[str]
    """Code of the door, which the component keeps as a secret."""
    owner: NotRequired[pulumi.Resource]
    """Some resource."""
    store: NotRequired[pulumi.Input[pulumi.ProviderResource]]
    """Some provider."""
    plan: NotRequired[pulumi.Input[pulumi.Asset]]
    """A file."""
    anything: NotRequired[Any]
    """Anything at all."""


class TourArgs(TypedDict):
    """A tour through the gallery."""

    guests: pulumi.Input[int]
    """Number of guests."""
    guide: NotRequired[pulumi.Input[str]]
    """Name of the guide."""


class TourResult(TypedDict):
    """What a tour is like."""

    minutes: pulumi.Output[int]
    """How long it takes."""
    badge: pulumi.Output[str]
    """What the guide wears."""
