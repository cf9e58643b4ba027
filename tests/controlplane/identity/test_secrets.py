import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splitplane.controlplane.identity.secrets import (
    JOIN,
    PERSONAL,
    SERVICE_ACCOUNT,
    digest,
    is_well_formed,
    new_code,
    new_secret,
    normal_code,
)


@pytest.mark.parametrize("prefix", [PERSONAL, SERVICE_ACCOUNT, JOIN])
def test_a_secret_has_prefix_length_and_checksum(prefix: str) -> None:
    secret = new_secret(prefix)

    assert secret.startswith(prefix)
    assert len(secret) == len(prefix) + 49
    assert set(secret.removeprefix(prefix)) <= set(string.ascii_letters + string.digits)
    assert is_well_formed(secret, prefix)


def test_a_secret_of_one_kind_is_none_of_another() -> None:
    assert not is_well_formed(new_secret(PERSONAL), SERVICE_ACCOUNT)
    assert not is_well_formed(new_secret(JOIN), PERSONAL)


@given(position=st.integers(0, 48), letter=st.sampled_from(string.ascii_letters + string.digits))
def test_one_wrong_letter_is_noticed(position: int, letter: str) -> None:
    secret = new_secret(PERSONAL)
    index = len(PERSONAL) + position
    changed = secret[:index] + letter + secret[index + 1 :]

    assert is_well_formed(changed, PERSONAL) == (changed == secret)


@given(st.text())
def test_any_text_is_refused_without_an_error(text: str) -> None:
    assert not is_well_formed(text, PERSONAL)
    assert not is_well_formed(PERSONAL + text, PERSONAL)


def test_digests_are_hex_sha256() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_code_is_read_as_people_type_it() -> None:
    code = new_code()

    assert len(code) == 24
    assert normal_code(code) == code
    assert normal_code(code.lower().replace("-", " ")) == code
    assert normal_code("o1il-0000") == "0111-0000"
