"""Why a tool cannot be had, split by what the caller should do.

ToolError
├── UnknownTool       the name is not in the catalogue: fix the call
├── ModulesMissing    no Go modules beside this installation: use a checkout or put the tool on PATH
├── DownloadFailed    one way failed; the resolver goes on with the next
└── BuildFailed       the last way failed: the message says what to install
"""

from __future__ import annotations


class ToolError(Exception):
    """A tool of the catalogue cannot be had."""


class UnknownTool(ToolError):
    """The catalogue holds no binary of that name."""


class ModulesMissing(ToolError):
    """This installation carries no Go modules, so nothing can be built."""


class DownloadFailed(ToolError):
    """The official release could not be fetched or verified."""


class BuildFailed(ToolError):
    """`go build` of the pinned module failed, or no Go toolchain can be had."""
