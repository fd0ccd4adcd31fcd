"""Titles become file names that every system and Obsidian can hold."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pathvalidate import is_valid_filename

from attacks import ATTACKS, hostile_texts
from tobs.core.names import BASE_BYTES, cut_bytes, fold_name, has_visible, looks_dated, name_peer, safe_name

tricky = st.text(
    st.sampled_from('aZ9é .-_()[]#^|\\/:*?"<>%\u0301\u200b\u200d\ufe0f\u202e\x00\t\n😀👩🇩🇪דمCONAUX.'),
    max_size=40,
)
titles = st.one_of(st.text(max_size=60), tricky, hostile_texts, st.sampled_from(ATTACKS))


@given(titles)
@example("e\u200b\u0301")
@example("CON")
@example("--help")
@example("com1.txt")
@example("...")
@example("NUL .")
@example("A" * 79 + ".b")
@example("\ufe0f")
def test_a_name_is_safe_everywhere(title: str) -> None:
    name = safe_name(title, fallback="chat 5")
    assert name
    assert is_valid_filename(name, platform="universal")
    assert len(name.encode()) <= BASE_BYTES
    assert name[0] not in ".-"
    assert name == name.rstrip(". ").strip()
    assert not set(name) & set('[]#^|\\/:*?"<>%`')
    assert unicodedata.is_normalized("NFC", name)
    assert not any(unicodedata.category(char) == "Cc" for char in name)


@given(titles)
def test_a_safe_name_is_safe_already(title: str) -> None:
    name = safe_name(title, fallback="chat 5")
    assert safe_name(name, fallback="chat 5") == name


@given(titles)
def test_equal_titles_in_other_notation_collide(title: str) -> None:
    assert fold_name(unicodedata.normalize("NFD", title)) == fold_name(unicodedata.normalize("NFC", title))
    assert fold_name(fold_name(title)) == fold_name(title)


@given(titles, st.integers(0, 40))
def test_a_cut_keeps_whole_characters(title: str, size: int) -> None:
    text = unicodedata.normalize("NFC", title.encode(errors="replace").decode())
    cut = cut_bytes(text, size)
    assert text.startswith(cut)
    assert len(cut.encode()) <= size
    rest = text[len(cut) :]
    assert not cut or not rest or not unicodedata.combining(rest[0])
    assert not cut.endswith("\u200d") or not rest


def test_ordinary_titles_stay_as_they_are() -> None:
    for title in ("Team chat", "Наш чат", "家族", "Jürgen & Söhne", "👩‍👩‍👧 family", "v1.2 (beta)", "50 €"):
        assert safe_name(title, fallback="x") == unicodedata.normalize("NFC", title)


def test_a_title_of_nothing_visible_takes_the_fallback() -> None:
    for title in ("", "   ", "\u200b", "///", "...", "#"):
        assert safe_name(title, fallback="chat 5") == "chat 5"


def test_names_that_look_like_notes_are_told() -> None:
    assert looks_dated("Log 2026-03")
    assert looks_dated("Log 2026-03 (2)")
    assert looks_dated("Log 2026")
    assert looks_dated("Log 2026-03-14 1042")
    assert looks_dated("Log 2026-03-14 G7 (2)")
    assert looks_dated("Them All")
    assert not looks_dated("Y'all")
    assert not looks_dated("Log 3")


@pytest.mark.parametrize(
    "blank", ["", " \t", "\u2063", "\u200b\u202e", "\u3164", "\u2800", "\u034f", "\ufe0f"]
)
def test_a_name_that_cannot_be_seen_is_none(blank: str) -> None:
    assert not has_visible(blank)
    assert safe_name(blank, fallback="chat 5") == "chat 5"
    assert has_visible(blank + "ö")


@pytest.mark.parametrize("shown", ["a", "😀", "\u2764\ufe0f", "דמ", "\u0301", ".", "\ufffd", "\U0001fadf"])
def test_any_mark_on_the_screen_is_a_name(shown: str) -> None:
    assert has_visible(shown)


def test_who_has_no_name_goes_by_the_marked_id() -> None:
    assert (name_peer(5), name_peer(-1_002_999_999_999)) == ("User 5", "Chat -1002999999999")
