"""What a person writes to choose files: kinds, extensions and sizes."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs.core.choice import choose_kinds, parse_extensions, parse_kinds
from tobs.core.media import FILE_KINDS
from tobs.core.words import parse_size, say_size
from tobs.errors import UsageError

GROUPS = {
    "photos": ("photo",),
    "videos": ("video", "round"),
    "audio": ("voice", "audio"),
    "other": ("animation", "sticker", "document"),
}


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_each_kind_has_its_word_in_one_or_many_and_any_case(kind: str) -> None:
    for word in (kind, f"{kind}s", kind.upper(), f" {kind} ,", f",{kind},{kind}s"):
        assert parse_kinds([word]) == (kind,)


@pytest.mark.parametrize(
    ("texts", "kinds"),
    [
        (["all"], FILE_KINDS),
        ([" ALL "], FILE_KINDS),
        (["none"], ()),
        (["none", "none"], ()),
        (["music"], ("audio",)),
        (["gifs"], ("animation",)),
        (["files,gif"], ("animation", "document")),
        (["voice", "photos,video"], ("photo", "video", "voice")),
    ],
)
def test_lists_and_other_words_name_kinds(texts: list[str], kinds: tuple[str, ...]) -> None:
    assert parse_kinds(texts) == tuple(each for each in FILE_KINDS if each in kinds)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["photo,nonsense,more"], "--media does not know 'nonsense'."),
        (["s"], "--media does not know 's'."),
        (["photoss"], "--media does not know 'photoss'."),
        ([""], "--media names nothing."),
        ([" , ", ","], "--media names nothing."),
        (["all,photo"], "--media all stands alone."),
        (["photo", "none"], "--media none stands alone."),
        (["none,all"], "--media all stands alone."),
    ],
)
def test_a_list_that_means_nothing_is_one_sentence(texts: list[str], sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)) as caught:
        parse_kinds(texts)
    assert (str(caught.value), caught.value.exit_code) == (sentence, 2)
    assert caught.value.hint.endswith(".")


@pytest.mark.parametrize("wanted", GROUPS)
def test_each_group_is_wanted_on_its_own_and_all_together_are_every_kind(wanted: str) -> None:
    assert {*choose_kinds(**{name: name == wanted for name in GROUPS})} == {*GROUPS[wanted]}
    without = choose_kinds(**{name: name != wanted for name in GROUPS})
    assert {*without} == {*FILE_KINDS} - {*GROUPS[wanted]}
    assert choose_kinds(**dict.fromkeys(GROUPS, True)) == FILE_KINDS
    assert choose_kinds(**dict.fromkeys(GROUPS, False)) == ()


def test_extensions_lose_their_dots_and_their_case_and_stand_once() -> None:
    assert parse_extensions(["PDF,.epub", " .Pdf ", "tar.gz,,"]) == ("pdf", "epub", "tar.gz")
    assert parse_extensions(["", ","]) == ()


UNITS = {
    "": 1,
    "B": 1,
    "k": 10**3,
    "kB": 10**3,
    "M": 10**6,
    "mb": 10**6,
    "GB": 10**9,
    "T": 10**12,
    "TB": 10**12,
}


@given(st.integers(0, 10**15 - 1), st.integers(0, 999), st.sampled_from([*UNITS]), st.sampled_from(["", " "]))
def test_a_size_is_exact_to_the_byte(whole: int, thousandths: int, unit: str, space: str) -> None:
    assert parse_size(f"{whole}{space}{unit}") == whole * UNITS[unit]
    exact = int((whole + Decimal(thousandths) / 1000) * UNITS[unit])
    for point in ".,":
        assert parse_size(f" {whole}{point}{thousandths:03}{space}{unit} ") == exact


@given(st.integers(1000, 10**15))
def test_a_size_that_tobs_says_can_be_given_back(size_bytes: int) -> None:
    said = say_size(size_bytes)
    again = parse_size(said)
    assert isinstance(again, int)
    assert abs(again - size_bytes) <= size_bytes * 0.051
    assert say_size(again) == said


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [
        (999, "999 bytes"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (9_949_000, "9.9 MB"),
        (999_600_000_000, "1.0 TB"),
    ],
)
def test_a_size_never_has_four_digits(size_bytes: int, said: str) -> None:
    assert say_size(size_bytes) == said


@pytest.mark.parametrize(
    "text",
    ["", "abc", "-1", "MB", "1 MiB", "1.2345GB", "1e9", ".5GB", "1 2", "٣MB", "1MBs", "1\n2", "9" * 16],
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        parse_size(text)


@pytest.mark.parametrize("value", [5, None, 1.5, ["1MB"]])
def test_what_is_no_text_is_left_to_the_settings(value: object) -> None:
    assert parse_size(value) is value
