"""What was typed is what a reader of our Markdown sees, with the same spans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from attacks import ADDRESSES, hostile_texts
from drawn_entities import entity_lists, mark_units
from tobs.core.media import Entity
from tobs.writers.clean import clean_text
from tobs.writers.markdown.spans import COMMONMARK_KINDS, OBSIDIAN_KINDS, Kinds, render_line, render_text
from writers.dialect import READER, Marked, read_marked

STYLES = ["bold", "italic", "underline", "strike", "spoiler", "code"]
MARKS = [
    *"ab1 \n\t*_~|`=#$%^&<>[](){}!\\-+:;.,'\"@/é。—😀", "\n", "||", "[[", "]]", "![", "<b>", "%%", "::", "1. ", "    ",
]  # fmt: skip

PURE = MarkdownIt("commonmark")
addresses = st.sampled_from(["", "https://example.org", "2", *ADDRESSES])
texts = st.lists(st.sampled_from([*MARKS, "word", "Привет", "&amp;", "#tag"]), max_size=14).map("".join)


def visible(marked: Marked) -> Marked:
    return [(char, kinds) for char, kinds in marked if not char.isspace() and char != "\u2060"]


def expect(text: str, entities: list[Entity]) -> Marked:
    """Return what must be seen, by the simplest model: the kinds over each character."""
    found = []
    for char, kinds in zip(text, mark_units(text, entities), strict=True):
        if "pre" in kinds:
            kinds &= {"pre", "blockquote"}
        found.append((char, kinds))
    return found


@given(texts, st.data())
def test_styles_come_back_as_they_were_typed(text: str, data: st.DataObject) -> None:
    entities = data.draw(entity_lists(text, [*STYLES, "text_url"]))
    source = render_text(text, entities)
    assert visible(read_marked(source)) == visible(expect(text, entities)), source


def test_code_that_looks_like_a_definition_stays_a_link() -> None:
    whole = [Entity("code", 0, 5), Entity("text_url", 0, 5, "https://example.org")]
    for inner in ([], [Entity("bold", 0, 5)]):
        source = render_text("a]: b", [*inner, *whole])
        assert visible(read_marked(source)) == visible(expect("a]: b", [*inner, *whole])), source
    assert render_text("a]: b", whole[:1]) == "`a]: b`"


@given(texts, st.data())
def test_blocks_come_back_as_they_were_typed(text: str, data: st.DataObject) -> None:
    entities = data.draw(entity_lists(text, ["bold", "italic", "code", "pre", "blockquote"]))
    source = render_text(text, entities)
    assert visible(read_marked(source)) == visible(expect(text, entities)), source


@given(texts)
def test_plain_text_creates_nothing_but_text(text: str) -> None:
    source = render_text(text, [])
    marked = read_marked(source)
    assert visible(marked) == visible([(char, frozenset()) for char in text]), source
    assert "::" not in source
    assert "<%" not in source


@given(texts)
def test_every_line_stays_a_line(text: str) -> None:
    seen = "".join(char for char, _ in read_marked(render_text(text, [])))
    typed = [" ".join(line.split()) for line in text.split("\n")]
    assert [" ".join(line.split()) for line in seen.split("\n") if line.strip()] == [
        each for each in typed if each
    ]


@given(texts, st.data())
def test_one_line_forms_hold_the_same_text(text: str, data: st.DataObject) -> None:
    entities = data.draw(entity_lists(text, [*STYLES, "pre", "blockquote", "text_url"]))
    line = render_line(text, entities)
    assert "\n" not in line
    seen = [char for char, _ in visible(read_marked(line))]
    assert seen == [char for char, _ in visible([(char, frozenset()) for char in text])], line


@pytest.mark.parametrize("kinds", [OBSIDIAN_KINDS, COMMONMARK_KINDS], ids=["obsidian", "commonmark"])
@given(st.one_of(texts, hostile_texts), st.data())
def test_what_telegram_takes_for_an_address_or_tag_begins_nothing_else(
    kinds: Kinds, text: str, data: st.DataObject
) -> None:
    drawn = data.draw(entity_lists(text, ["url", "email", "hashtag", "text_url", "mention_name"]))
    entities = [Entity(each.kind, each.offset, each.length, data.draw(addresses)) for each in drawn]
    reader = READER if kinds is OBSIDIAN_KINDS else PURE
    for source in (render_text(text, entities, kinds), render_line(text, entities, kinds)):
        marked = read_marked(source, reader)
        assert {kind for _, found in marked for kind in found} <= {"text_url", "hashtag", "code"}, source
        seen = iter("".join(char for char, _ in visible(marked)))
        typed = visible([(char, frozenset()) for char in clean_text(text)])
        assert all(char in seen for char, _ in typed), source
        assert "<%" not in source


@pytest.mark.parametrize("begun", ["---", "- x", "# x", "1. x", "> q", "===", "+", "```", "| a | b |"])
@pytest.mark.parametrize(
    "entity",
    [Entity("email", 0, 40), Entity("hashtag", 0, 40), Entity("text_url", 0, 40, "javascript:alert(1)")],
    ids=lambda each: each.kind,
)
def test_what_becomes_no_link_or_tag_is_text_at_the_start_of_a_line(begun: str, entity: Entity) -> None:
    for text in (begun, f"before\n{begun}\nafter"):
        source = render_text(text, [entity])
        assert {kind for _, found in read_marked(source) for kind in found} <= {"code"}, source


@given(texts, st.data(), st.sampled_from([OBSIDIAN_KINDS, COMMONMARK_KINDS]))
def test_a_line_is_written_alone_as_it_is_above_another(text: str, data: st.DataObject, kinds: Kinds) -> None:
    line = text.replace("\n", " ") + "."
    end = len(line.encode("utf-16-le")) // 2
    entities = [
        replace(each, length=min(each.length, end - each.offset))
        for each in data.draw(
            entity_lists(line, [*STYLES, "text_url", "url", "email", "hashtag", "mention", "blockquote"])
        )
    ]
    alone = render_text(line, entities, kinds)
    assert render_text(f"{line}\n\nbelow", entities, kinds) == f"{alone}\n\nbelow"


@given(st.text(), st.data())
def test_any_text_can_be_rendered(text: str, data: st.DataObject) -> None:
    entities = data.draw(
        entity_lists(
            text, [*STYLES, "pre", "blockquote", "url", "hashtag", "email", "mention_name", "nonsense"]
        )
    )
    source = render_text(text, entities)
    source.encode()
    assert "\x00" not in source


@pytest.mark.parametrize(
    ("text", "entities", "source"),
    [
        ("bold word", [Entity("bold", 0, 4)], "**bold** word"),
        ("bold ", [Entity("bold", 0, 5)], "**bold**"),
        ("inword", [Entity("italic", 0, 2)], "<i>in</i>word"),
        ("a😀b", [Entity("bold", 1, 2)], "a<b>😀</b>b"),
        ("adjoining", [Entity("bold", 0, 4), Entity("bold", 4, 5)], "**adjoining**"),
        ("two\nlines", [Entity("bold", 0, 9)], "**two**  \n**lines**"),
        ("look!here", [Entity("text_url", 5, 4, "https://a.b")], "look\\![here](https://a.b)"),
        ("a", [Entity("text_url", 0, 1, "javascript:alert(1)")], "a (`javascript:alert(1)`)"),
        (
            "a",
            [Entity("text_url", 0, 1, "https://a.b/c d)e?x=%&amp;")],
            "[a](https://a.b/c%20d%29e?x=%25&amp;amp;)",
        ),
        ("https://a.b/c_d", [Entity("url", 0, 15)], "<https://a.b/c_d>"),
        ("a.b:80/c", [Entity("url", 0, 8)], "[a.b:80/c](https://a.b:80/c)"),
        ("x@a.b", [Entity("email", 0, 5)], "<x@a.b>"),
        ("Bob", [Entity("mention_name", 0, 3, "42")], "[Bob](tg://user?id=42)"),
        ("#tag", [Entity("hashtag", 0, 4)], "#tag"),
        ("#2026", [Entity("hashtag", 0, 5)], "\\#2026"),
        ("x#tag", [Entity("hashtag", 1, 4)], "x\\#tag"),
        ("a.#tag", [Entity("hashtag", 2, 4)], "a.\\#tag"),
        ("#tag/sub", [Entity("hashtag", 0, 4)], "\\#tag/sub"),
        ("#tag", [Entity("bold", 0, 4), Entity("hashtag", 0, 4)], "**#tag**"),
        ("$TSLA", [Entity("cashtag", 0, 5)], "\\$TSLA"),
        ("a `b", [Entity("code", 0, 4)], "``a `b``"),
        ("`", [Entity("code", 0, 1)], "`` ` ``"),
        ("= this", [Entity("code", 0, 6)], "<code>\\= this</code>"),
        ("$= dv", [Entity("code", 0, 5)], "<code>\\$\\= dv</code>"),
        ("<% x %>", [Entity("code", 0, 7)], "<code>&lt;\\% x \\%&gt;</code>"),
        ("<% x %>", [Entity("pre", 0, 7)], "```\n<\u2060% x %>\n```"),
        ("x ``` y", [Entity("pre", 0, 7, "Python")], "````python\nx ``` y\n````"),
        ("x", [Entity("pre", 0, 1, "dataviewjs")], "```x-dataviewjs\nx\n```"),
        ("q", [Entity("blockquote", 0, 1)], "> q"),
        ("q", [Entity("blockquote", 0, 1, collapsed=True)], "> [!quote]-\n> q"),
        ("snake_case", [Entity("mention", 5, 5)], "snake_case"),
    ],
)
def test_the_source_reads_well(text: str, entities: list[Entity], source: str) -> None:
    assert render_text(text, entities) == source
