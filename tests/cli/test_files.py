from __future__ import annotations

import io
from pathlib import Path

import pytest

from splitplane.cli.exits import CommandFailed
from splitplane.cli.files import read_documents


def _write(folder: Path, text: str, name: str = "app.yaml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_each_document_knows_the_lines_of_its_fields(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        "---\ntype: environment\nname: dev\n---\n\n"
        "type: service\nname: ranker\nports:\n  - port: 80\n  - port: 81\n",
    )

    first, second = read_documents(path)

    assert first.place() == f"{path}:2"
    assert second.place("ports[1].port") == f"{path}:10"
    assert second.place("ports[1].name") == f"{path}:10"
    assert second.place("replicas") == f"{path}:6"


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    _write(tmp_path, "name: two\n", "b.yml")
    _write(tmp_path, "name: one\n", "a.yaml")
    _write(tmp_path, "not a manifest", "notes.txt")

    assert [item.data["name"] for item in read_documents(str(tmp_path))] == ["one", "two"]


def test_standard_input_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("name: dev\n"))

    assert read_documents("-")[0].place("name") == "-:1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2\n", ":2: not valid YAML: while parsing a flow sequence"),
        ("type: service\nname: a\nname: b\n", ":3: name is written twice, first on line 2"),
        ("- type: service\n", ":1: a manifest is a mapping"),
        ("a: !!python/object:os.system x\n", ":1: not valid YAML: could not determine"),
        ("\n---\n", "holds no manifest"),
    ],
    ids=["syntax", "twice", "list", "tag", "empty"],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = _write(tmp_path, text)

    with pytest.raises(CommandFailed) as caught:
        read_documents(path)

    assert message in str(caught.value)
    assert path in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_file_that_is_not_there_is_wrong_input() -> None:
    with pytest.raises(CommandFailed, match=r"no file or folder 'none\.yaml'") as caught:
        read_documents("none.yaml")

    assert caught.value.exit_code == 2


def test_a_time_stays_the_text_that_was_written(tmp_path: Path) -> None:
    file = tmp_path / "binding.yaml"
    file.write_text("type: role-binding\nexpires_at: 2027-01-01T00:00:00Z\nday: 2027-01-01\n")

    (document,) = read_documents(str(file))

    assert document.data == {
        "type": "role-binding",
        "expires_at": "2027-01-01T00:00:00Z",
        "day": "2027-01-01",
    }


def test_what_json_cannot_say_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "bytes.yaml"
    file.write_text("type: service\nimage: !!binary aGVsbG8=\n")

    with pytest.raises(CommandFailed, match=r"bytes\.yaml:2: not valid YAML: could not determine"):
        read_documents(str(file))
