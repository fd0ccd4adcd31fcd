"""Names that Windows keeps for devices, and names as long as a filesystem takes them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tobs.core.names import BASE_BYTES, MAX_BYTES, cut_bytes, fold_name, safe_name

# learn.microsoft.com/windows/win32/fileio/naming-a-file, and the console's own two.
DEVICES = [
    *("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"),
    *(f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"),
]
LONGEST_SUFFIX = " 2026-03 (100)"


def is_device(name: str) -> bool:
    """Tell whether Windows takes a name for a device, whatever comes behind a dot or a space."""
    return name.partition(".")[0].rstrip().upper() in DEVICES


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("shape", ["{}", "{}.txt", "{} .txt", "{}.tar.gz", " {}", "{} ", "{}.", "{}…"])
def test_a_title_that_is_a_device_becomes_a_name_that_is_none(device: str, shape: str) -> None:
    for title in (shape.format(device), shape.format(device.lower())):
        name = safe_name(title, fallback="chat 5")
        assert not is_device(name)
        assert name.casefold().startswith(device.casefold())
        assert safe_name(name, fallback="chat 5") == name


@pytest.mark.parametrize(
    "title", ["Console", "Nulls and ones", "AUXILIARY", "COM10", "Con Air", "com", "LPT"]
)
def test_a_title_that_only_begins_like_a_device_stays(title: str) -> None:
    assert safe_name(title, fallback="chat 5") == title


@settings(deadline=None)
@given(st.sampled_from(DEVICES), st.text(max_size=6))
def test_no_ending_turns_a_name_into_a_device(device: str, ending: str) -> None:
    assert not is_device(safe_name(device + ending, fallback="chat 5"))


@settings(deadline=None)
@given(st.text(min_size=1, max_size=200), st.integers(20, MAX_BYTES))
def test_a_name_never_takes_more_bytes_than_allowed(title: str, size: int) -> None:
    assert len(safe_name(title, fallback="chat 5", max_bytes=size).encode()) <= size


@pytest.mark.parametrize("char", ["a", "é", "家", "😀", "e\u0301\u0302", "👩\u200d👩\u200d👧"])
def test_a_chat_a_topic_and_a_part_fit_one_name(char: str) -> None:
    base = safe_name(char * 300, fallback="chat 5")
    assert BASE_BYTES - 30 < len(base.encode()) <= BASE_BYTES
    assert len(f"{base}{LONGEST_SUFFIX} (new).md".encode()) <= MAX_BYTES


@pytest.mark.parametrize(("size", "cut"), [(7, "ab👩"), (6, "ab👩"), (9, "ab👩"), (5, "ab"), (2, "ab")])
def test_a_family_is_cut_between_its_members_and_never_ends_in_a_joiner(size: int, cut: str) -> None:
    found = cut_bytes("ab👩\u200d👩\u200d👧", size)
    assert found in {cut, "ab"}
    assert not found.endswith("\u200d")


def test_a_cut_to_nothing_is_nothing() -> None:
    assert cut_bytes("家", 2) == ""
    assert cut_bytes("", 0) == ""
    assert cut_bytes("a\u0301\u0301", 2) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("Ünal", "u\u0308nal"), ("ΣΑΣ", "σας"), ("ﬁle", "FILE"), ("Å", "\u212b")],
)
def test_names_that_some_filesystem_takes_for_one_fold_to_one(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(("one", "other"), [("Team", "Team 2"), ("a", "á"), ("И", "Й")])
def test_names_that_differ_stay_apart(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("C:\\Windows\\System32", "C Windows System32"),
        ("a\nb\tc\u2028d", "a b c d"),
        ("50 % [off] #1 ^x|y", "50 off 1 x y"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("..hidden..", "hidden"),
        ("\ud800broken", "broken"),
        ("nul\x00byte", "nulbyte"),
    ],
)
def test_what_is_dangerous_in_a_title_goes_and_the_words_stay(title: str, name: str) -> None:
    assert safe_name(title, fallback="chat 5") == name
    assert unicodedata.is_normalized("NFC", name)
