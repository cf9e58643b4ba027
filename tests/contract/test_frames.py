from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitplane.contract.frames import (
    BODIES,
    MAX_FRAME_BYTES,
    Accepted,
    FrameError,
    Heartbeat,
    auth_bytes,
    decode_frame,
    encode_frame,
    split_spec,
)


def test_a_frame_is_versioned_and_typed_json() -> None:
    assert encode_frame(Accepted(seq=7)) == '{"v":1,"t":"accepted","body":{"seq":7}}'


def test_a_frame_is_read_back() -> None:
    assert decode_frame(encode_frame(Heartbeat(time=1.5))) == Heartbeat(time=1.5)


def test_a_field_of_a_newer_peer_is_dropped() -> None:
    assert decode_frame('{"v":1,"t":"accepted","body":{"seq":7,"new":1},"x":2}') == Accepted(seq=7)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"v":2,"t":"accepted","body":{"seq":1}}', '{"v":1,"t":"nope","body":{}}',
     '{"v":1,"t":"accepted","body":{}}', '{"v":1,"t":["a"],"body":{}}'],
)  # fmt: skip
def test_what_is_no_frame_is_refused(text: str) -> None:
    with pytest.raises(FrameError):
        decode_frame(text)


def test_a_frame_above_the_limit_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(FrameError, match="above the limit of 262144"):
        decode_frame("x" * (MAX_FRAME_BYTES + 1))


@given(st.text())
def test_garbage_is_refused_and_nothing_else_is_raised(text: str) -> None:
    with pytest.raises(FrameError):
        decode_frame(text)


@given(st.text(min_size=1, max_size=200_000))
def test_the_parts_of_a_spec_are_the_spec_and_fit_into_frames(spec: str) -> None:
    parts = split_spec(spec)

    assert "".join(parts) == spec
    assert max(len(json.dumps(part, ensure_ascii=False).encode()) for part in parts) < 250_000


def test_every_frame_type_has_one_model() -> None:
    assert len(set(BODIES.values())) == len(BODIES)


def test_the_signed_bytes_of_auth_name_everything_that_binds_them() -> None:
    signed = auth_bytes(nonce="n", agent_id="a", audience="h:1", time=1.25)

    assert signed == b"splitplane-auth-v1\nn\na\nh:1\n1.250"
