"""Objects, calls and faults in a folder, so that they outlive a plugin process and tests see them.

The engine starts a process for every operation and provider configuration, so that several may
work at the same time: every access holds the folder's lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from google.protobuf import json_format, struct_pb2

from splitplane.provider.codec import Properties, decode, encode, unwrap
from splitplane.provider.errors import BadInput

FaultKind = Literal["failed", "not_allowed", "partial", "try_again"]


@dataclass(frozen=True)
class Record:
    """One object of the cloud."""

    type: str
    id: str
    urn: str
    inputs: Properties
    outputs: Properties


@dataclass(frozen=True)
class Fault:
    """What goes wrong; an empty selector matches everything.

    Attributes:
        operation: create, read, update, delete or invoke.
        type: type token, or a function's.
        name: the resource's name in the program.
        call: which of the matching calls it is about, from 1; every one when 0.
        kind: what the error means; `partial` makes the object and then says that it is not ready.
        error: its text; without one the call only takes longer.
        delay_seconds: how much longer it takes.
    """

    operation: str = ""
    type: str = ""
    name: str = ""
    call: int = 0
    kind: FaultKind = "failed"
    error: str = ""
    delay_seconds: float = 0.0

    def matches(self, operation: str, type: str, name: str) -> bool:
        """Whether it is about such a call."""
        return (
            self.operation in ("", operation)
            and self.type in ("", type)
            and self.name in ("", name)
        )


class Store:
    """The folder of one cloud."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "objects").mkdir(parents=True, exist_ok=True)

    def get(self, type: str, id: str) -> Record | None:
        """The object, if there is one."""
        with self._locked():
            return _load(self._file(type, id))

    def put(self, record: Record) -> None:
        """The object is as it says, whatever it was before."""
        with self._locked():
            text = json.dumps(
                {
                    **asdict(replace(record, inputs={}, outputs={})),
                    "inputs": _to_json(record.inputs),
                    "outputs": _to_json(record.outputs),
                },
                sort_keys=True,
            )
            self._file(record.type, record.id).write_text(text)

    def remove(self, type: str, id: str) -> None:
        """The object is gone."""
        with self._locked():
            self._file(type, id).unlink(missing_ok=True)

    def all(self) -> list[Record]:
        """Every object, by type and id."""
        with self._locked():
            found = [_load(file) for file in (self.folder / "objects").iterdir()]
        return sorted((item for item in found if item), key=lambda item: (item.type, item.id))

    def set_faults(self, faults: list[Fault]) -> None:
        """These faults and no others happen from now on; calls are counted from now on."""
        with self._locked():
            (self.folder / "calls.jsonl").unlink(missing_ok=True)
            (self.folder / "faults.json").write_text(json.dumps([asdict(item) for item in faults]))

    def calls(self) -> list[tuple[str, str, str]]:
        """(operation, type, name) of every call that was no preview's, in order."""
        with self._locked():
            return self._calls()

    def begin(self, operation: str, type: str, name: str) -> list[Fault]:
        """The call is noted; the faults that it meets."""
        with self._locked():
            with (self.folder / "calls.jsonl").open("a") as file:
                file.write(json.dumps([operation, type, name]) + "\n")
            file_of_faults = self.folder / "faults.json"
            if not file_of_faults.exists():
                return []
            made = self._calls()
            try:
                faults = [Fault(**item) for item in json.loads(file_of_faults.read_text())]
            except (TypeError, ValueError) as exc:
                raise BadInput(f"faults.json of the stand-in is wrong: {exc}") from exc
        return [
            item
            for item in faults
            if item.matches(operation, type, name)
            and item.call in (0, sum(item.matches(*call) for call in made))
        ]

    def generation(self, urn: str) -> int:
        """How many objects a resource has had, so that a replacement gets another name."""
        with self._locked():
            return self._generations().get(urn, 0)

    def count_up(self, urn: str) -> None:
        """The resource has had one object more."""
        with self._locked():
            found = self._generations()
            found[urn] = found.get(urn, 0) + 1
            (self.folder / "generations.json").write_text(json.dumps(found))

    def _generations(self) -> dict[str, int]:
        file = self.folder / "generations.json"
        found: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        return found

    def _calls(self) -> list[tuple[str, str, str]]:
        file = self.folder / "calls.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        found = [json.loads(line) for line in lines]
        return [(operation, type, name) for operation, type, name in found]

    def _file(self, type: str, id: str) -> Path:
        digest = hashlib.sha256(f"{type}\n{id}".encode()).hexdigest()
        return self.folder / "objects" / f"{digest[:32]}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _load(file: Path) -> Record | None:
    if not file.exists():
        return None
    found = json.loads(file.read_text())
    inputs, outputs = (_from_json(found.pop(key)) for key in ("inputs", "outputs"))
    return Record(**found, inputs=inputs, outputs=outputs)


def _to_json(properties: Properties) -> Any:  # Any: JSON
    return json_format.MessageToDict(encode(unwrap(properties)))


def _from_json(value: Any) -> Properties:  # Any: JSON
    return decode(json_format.ParseDict(value, struct_pb2.Struct()))
