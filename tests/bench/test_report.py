"""The harness itself; not a benchmark, so it runs with the other tests."""

from __future__ import annotations

import json
from pathlib import Path

import bench_report
import pytest
from bench_report import Missing, Peer, Result


def a_result(**changes: object) -> Result:
    fields: dict[str, object] = {
        "name": "start",
        "unit": "s",
        "what": "from start to end",
        "ours": [1.0, 9.0, 2.0],
        "peer": Peer("rival", "1.2", [4.0, 4.0, 100.0], "the same"),
        "goal": 3,
    }
    return Result(**(fields | changes))  # type: ignore[arg-type]  # by name


def test_the_ratio_is_of_medians() -> None:
    document = bench_report.to_json(a_result(), 0.5)

    assert document["ours"] == {"median": 2.0, "min": 1.0, "max": 9.0, "n": 3}
    assert document["peer"]["median"] == 4.0
    assert document["ratio"] == 0.5


def test_a_missing_peer_leaves_its_reason_and_no_ratio() -> None:
    document = bench_report.to_json(a_result(peer=Missing("no registry")), 0.5)

    assert (document["peer"], document["ratio"]) == (None, None)
    assert document["peer_missing_because"] == "no registry"


@pytest.mark.parametrize(
    ("goal", "is_met"), [(3, True), (2, False), (None, None)], ids=["below", "equal", "none"]
)
def test_a_goal_is_met_by_a_median_below_it(goal: float | None, is_met: bool | None) -> None:
    assert bench_report.to_json(a_result(goal=goal), 0.5)["is_goal_met"] is is_met


def test_a_benchmark_without_samples_has_no_result() -> None:
    with pytest.raises(ValueError, match="without a single sample"):
        bench_report.to_json(a_result(ours=[]), 0.5)


def test_the_file_has_sorted_keys_and_the_conditions(tmp_path: Path) -> None:
    bench_report.write(a_result(versions={"engine": "3"}), 0.5, tmp_path)

    text = (tmp_path / "start.json").read_text()
    document = json.loads(text)
    assert list(document) == sorted(document)
    assert set(document["conditions"]) == {
        "cores", "cpu_model", "date", "load_1_minute_at_start", "os", "python", "versions",
    }  # fmt: skip
    assert document["conditions"]["versions"]["engine"] == "3"


def test_the_table_shows_a_missed_goal_and_why_a_peer_is_missing() -> None:
    documents = [
        bench_report.to_json(a_result(goal=1), 0.5),
        bench_report.to_json(a_result(name="end", peer=Missing("no registry")), 0.5),
    ]

    lines = bench_report.table(documents)

    assert lines[1].split() == [
        "start", "2", "s", "1", "to", "9", "(3)", "<", "1", "s", "MISSED", "rival", "1.2", "4",
        "s", "0.5",
    ]  # fmt: skip
    assert lines[-1] == "end: no peer: no registry"
