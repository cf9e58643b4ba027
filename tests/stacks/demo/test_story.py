from __future__ import annotations

import io
import re

import pytest

from splitplane.stacks.demo.errors import CheckFailed
from splitplane.stacks.demo.story import Story
from splitplane.stacks.demo.waiting import wait_for


def test_a_step_is_one_line_with_its_time_and_detail() -> None:
    out = io.StringIO()
    story = Story(out)

    with story.step("control plane") as step:
        step.detail = "http://127.0.0.1:8470"

    assert re.fullmatch(
        r"ok {5}0\.0 s  control plane {14}http://127\.0\.0\.1:8470\n", out.getvalue()
    )


def test_a_failed_step_says_so_and_goes_on_failing() -> None:
    out = io.StringIO()

    with pytest.raises(ValueError, match="boom"), Story(out).step("agent"):
        raise ValueError("boom")

    assert re.fullmatch(r"FAIL {3}0\.0 s  agent\n", out.getvalue())


def test_waiting_returns_what_was_found() -> None:
    answers = iter([None, [], "pod"])

    assert wait_for(lambda: next(answers) or None, what="a pod", seconds=5) == "pod"


def test_waiting_in_vain_says_what_was_seen_last() -> None:
    with pytest.raises(CheckFailed) as caught:
        wait_for(lambda: None, what="a pod", seconds=0, explain=lambda: "pending")

    assert str(caught.value) == "a pod did not come true within 0 s: pending"


def test_waiting_ends_when_a_process_has_died() -> None:
    def check() -> None:
        raise RuntimeError("it ended")

    with pytest.raises(RuntimeError, match="it ended"):
        wait_for(lambda: None, what="a pod", seconds=60, check=check)
