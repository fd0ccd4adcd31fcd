"""Names and odd characters: shown, never interpreted."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from attacks import hostile_texts
from tobs.writers.addresses import is_harmless
from tobs.writers.clean import clean_text
from tobs.writers.html import text as html
from tobs.writers.markdown.addresses import make_link, quote_path
from tobs.writers.markdown.escape import escape_alias, escape_name
from writers.dialect import READER, read_marked

names = st.lists(
    st.sampled_from([*"ab1 \t\n*_~|`=#$%^&<>[](){}!\\-+:;.,'\"@/é😀", "||", "[[", "]]", "<b>", "%%", "::", "1. ", "&amp;"]), max_size=10
).map("".join)  # fmt: skip


def squeeze(text: str) -> str:
    return " ".join(text.split())


def show(source: str) -> str:
    return squeeze("".join(char for char, _ in read_marked(source)))


@given(names)
def test_a_name_in_a_header_reads_as_itself(name: str) -> None:
    escaped = escape_name(name)
    if not escaped:
        return
    marked = read_marked(f"**{escaped}** · 09:01:12")
    assert squeeze("".join(char for char, kinds in marked if kinds == {"bold"})) == squeeze(name)
    assert squeeze("".join(char for char, kinds in marked if not kinds)) == "· 09:01:12"


@given(names)
def test_a_name_at_the_start_of_a_list_item_or_in_italics_reads_as_itself(name: str) -> None:
    escaped = escape_name(name)
    assert show(escaped) == squeeze(name)
    assert not escaped or show(f"*Forwarded from {escaped} · 2026*") == squeeze(
        f"Forwarded from {name} · 2026"
    )


@given(names)
def test_an_alias_holds_nothing_that_could_end_or_change_it(name: str) -> None:
    alias = escape_alias(name)
    assert not set(alias) & set("|[]<>\\`*$^#~\n")
    assert show(f"[{alias}]") == f"[{alias}]"
    assert len(alias) == len(squeeze(name))


@given(st.text())
def test_cleaned_text_has_no_control_characters_but_newlines_and_tabs(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", cleaned)
    assert clean_text(cleaned) == cleaned


def test_odd_characters_are_shown_or_dropped() -> None:
    assert clean_text("a\x00b\x1bc\x7fd\x9be") == "a\u2400b\u241bc\u2421d\ufffde"
    assert clean_text("a\r\nb\rc\u2028d\x85e\x0bf") == "a\nb\nc\nd\ne\nf"
    assert clean_text("a\u202eb\u2066c\u2069\ud800") == "abc\ufffd"
    assert clean_text("\u200eleft \u200fright 👩\u200d👧") == "\u200eleft \u200fright 👩\u200d👧"


@given(names)
def test_a_path_survives_its_link(path: str) -> None:
    source = f"![]({quote_path(path)})" if path else "![](x)"
    tokens = READER.parseInline(source)[0].children or []
    assert [token.type for token in tokens] == ["image"]


@given(names)
def test_an_address_survives_its_link(address: str) -> None:
    tokens = READER.parseInline(make_link("text", f"https://example.org/{address}"))[0].children or []
    assert [token.type for token in tokens] == ["link_open", "text", "link_close"]


@given(hostile_texts)
def test_no_address_holds_what_commands_or_turns_around(address: str) -> None:
    for url in (address, f"https://example.org/{address}"):
        for source in (make_link("text", url), str(html.make_link("text", url))):
            assert not re.search(
                "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]", source
            )
            assert re.match(r"(?:text \(<?`*(?:code>)?|\[text\]\(|<a href=\")", source)
    tokens = READER.parseInline(make_link("text", address))[0].children or []
    links = [str(each.attrGet("href")) for each in tokens if each.type == "link_open"]
    assert all(is_harmless(each) for each in links)
    found = re.search('href="([^"]*)"', str(html.make_link("text", address)))
    assert found is None or is_harmless(found[1])


def test_what_cannot_be_anything_stays_as_it_is() -> None:
    for text in (
        "snake_case",
        "C# is",
        "I <3 you",
        "a = b",
        "50% of",
        "x^2 + y",
        "R&D",
        "see: this",
        "a-b",
        "7. Oktober"[:1],
    ):
        assert escape_name(text) == text
