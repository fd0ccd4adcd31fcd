"""Files that only a passphrase opens."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tobs._util.sealed import Seal, find_seal, is_sealed, make_seal
from tobs.errors import WrongPassphrase

CHEAP = (2, 1, 1)
"""Costs for tests: what they are is said in the file, and no secret."""


@given(st.text(), st.binary(max_size=500), st.binary(min_size=16, max_size=16))
def test_what_a_seal_closes_its_passphrase_opens_and_no_other(
    passphrase: str, body: bytes, salt: bytes
) -> None:
    closed = Seal(passphrase, salt, CHEAP).close(body)
    assert is_sealed(closed)
    assert find_seal(closed, passphrase).open(closed) == body
    with pytest.raises(WrongPassphrase):
        find_seal(closed, passphrase + "x")


@given(st.text(min_size=1), st.binary(max_size=100))
def test_it_does_not_matter_how_a_keyboard_composes_a_letter(passphrase: str, body: bytes) -> None:
    closed = Seal(unicodedata.normalize("NFD", passphrase), b"s" * 16, CHEAP).close(body)
    assert find_seal(closed, unicodedata.normalize("NFC", passphrase)).open(closed) == body


@given(st.binary(max_size=300))
def test_any_bytes_are_either_sealed_or_not(body: bytes) -> None:
    assert is_sealed(body) in {True, False}


@settings(max_examples=300)
@given(st.data())
def test_a_sealed_file_that_was_changed_anywhere_opens_nothing_else(data: st.DataObject) -> None:
    closed = Seal("right", b"s" * 16, CHEAP).close(b"the session")
    at = data.draw(st.integers(0, len(closed) - 1))
    spoilt = bytes((*closed[:at], data.draw(st.integers(0, 255)), *closed[at + 1 :]))
    if not is_sealed(spoilt):
        return
    try:
        opened = find_seal(spoilt, "right").open(spoilt)
    except WrongPassphrase:
        return
    assert opened == b"the session"


def test_two_files_of_one_passphrase_have_nothing_in_common() -> None:
    one, other = make_seal("the same"), make_seal("the same")
    assert one.salt != other.salt
    assert one.close(b"body")[40:] != other.close(b"body")[40:]
    with pytest.raises(WrongPassphrase):
        one.open(other.close(b"body"))
