"""docs/eks-comparison.md proves what it says of ours, and names the versions of the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "eks-comparison.md").read_text()
HEADER = "| | here | proof | terraform-aws-eks 21.19 | pulumi-eks 4.3 | Blueprints addons 1.24 |"
LINK = re.compile(r"\]\(([^)]+)\)")
LACKING = ("none", "no:")
"""How a row starts that says what there is not; it needs no proof."""


def _rows() -> Iterator[list[str]]:
    for table in PAGE.split(HEADER)[1:]:
        for line in table.split("\n\n")[0].strip().splitlines()[1:]:
            yield [cell.strip() for cell in line[2:-1].split(" | ")]


ROWS = list(_rows())


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_says_something_of_each_and_proves_ours(row: list[str]) -> None:
    what, ours, proof, *others = row

    assert len(others) == 3
    assert all((what, ours, proof, *others))
    if proof == "-":
        assert ours.startswith(LACKING) or what == "maturity"
    for link in LINK.findall(proof):
        assert (DOCS / link).is_file(), link
    assert LINK.findall(proof) or proof == "-"


def test_the_page_has_every_table_and_no_row_twice() -> None:
    names = [row[0] for row in ROWS]

    assert PAGE.count("\n| | ") == PAGE.count(HEADER) == 6
    assert len(names) == len(set(names))


def test_it_says_where_the_others_are_ahead() -> None:
    behind = {row[0] for row in ROWS if row[2] == "-"}

    assert {
        "self-managed nodes, Fargate",
        "hybrid nodes, Outposts, Windows",
        "EKS Capabilities",
        "tests in real accounts",
        "maturity",
    } <= behind
