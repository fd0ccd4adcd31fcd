"""Entities become a tree that any format can walk."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from drawn_entities import entity_lists, mark_units
from tobs.core.media import Entity
from tobs.core.richtext import LINKS, STYLES, Node, Span, plain_text, read_text

KINDS = [
    "bold", "italic", "underline", "spoiler", "code", "pre", "blockquote", "text_url", "url", "mention", "custom_emoji",
]  # fmt: skip
texts = st.text(st.sampled_from("ab é😀\n"), max_size=12)


@given(texts, st.data())
def test_the_text_stays_whole(text: str, data: st.DataObject) -> None:
    assert plain_text(read_text(text, data.draw(entity_lists(text, KINDS)))) == text


@given(texts, st.data())
def test_each_character_has_the_kinds_of_the_entities_over_its_code_units(
    text: str, data: st.DataObject
) -> None:
    entities = data.draw(entity_lists(text, KINDS))
    found = [(char, frozenset(kinds)) for char, kinds in walk(read_text(text, entities))]
    assert without_links(found) == without_links(list(zip(text, mark_units(text, entities), strict=True)))


@given(texts, st.data())
def test_links_do_not_overlap_but_leave_no_gap(text: str, data: st.DataObject) -> None:
    entities = data.draw(entity_lists(text, KINDS))
    wanted = mark_units(text, entities)
    for (_, kinds), marked in zip(walk(read_text(text, entities)), wanted, strict=True):
        assert len([each for each in kinds if each in LINKS]) == bool(LINKS & marked)


@given(texts, st.data())
def test_spans_nest_as_promised(text: str, data: st.DataObject) -> None:
    nodes = read_text(text, data.draw(entity_lists(text, KINDS)))
    for _, kinds in walk(nodes):
        assert "blockquote" not in kinds[1:]
        assert "pre" not in kinds[1:] or kinds[:2] == ["blockquote", "pre"]
        assert len(set(kinds)) == len(kinds) or "mention" in kinds or "custom_emoji" in kinds
    for span in spans(nodes):
        assert plain_text(span.children)


@given(texts, st.data())
def test_touching_pieces_of_one_style_are_one_span(text: str, data: st.DataObject) -> None:
    entities = data.draw(entity_lists(text, ["bold"]))
    for left, right in pairs(read_text(text, entities)):
        assert isinstance(left, str) or isinstance(right, str) or left.kind not in STYLES


@given(texts, st.data(), st.randoms(use_true_random=False))
def test_the_order_of_different_kinds_does_not_matter(text: str, data: st.DataObject, random: object) -> None:
    entities = data.draw(
        st.lists(st.sampled_from(["bold", "code", "pre"]), unique=True).map(
            lambda kinds: [Entity(kind, 0, 3) for kind in kinds]
        )
    )
    assert read_text(text, entities) == read_text(text, entities[::-1]) or len(entities) < 2


def test_overlapping_spans_are_split() -> None:
    nodes = read_text("abcdef", [Entity("bold", 0, 4), Entity("italic", 2, 4)])
    assert nodes == [
        Span("bold", children=["ab", Span("italic", children=["cd"])]),
        Span("italic", children=["ef"]),
    ]


def test_a_span_that_cuts_an_emoji_takes_it_whole() -> None:
    assert read_text("a😀b", [Entity("bold", 2, 2)]) == ["a", Span("bold", children=["😀b"])]


def test_two_quotes_that_touch_stay_two() -> None:
    found = read_text("ab", [Entity("blockquote", 0, 1), Entity("blockquote", 1, 1)])
    assert found == [Span("blockquote", children=["a"]), Span("blockquote", children=["b"])]


def walk(nodes: list[Node], kinds: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    for node in nodes:
        if isinstance(node, str):
            yield from ((char, list(kinds)) for char in node)
        else:
            yield from walk(node.children, (*kinds, node.kind))


def spans(nodes: list[Node]) -> Iterator[Span]:
    for node in nodes:
        if isinstance(node, Span):
            yield node
            yield from spans(node.children)


def pairs(nodes: list[Node]) -> Iterator[tuple[Node, Node]]:
    yield from pairwise(nodes)


def without_links(marked: list[tuple[str, frozenset[str]]]) -> list[tuple[str, frozenset[str]]]:
    return [(char, kinds - LINKS) for char, kinds in marked]


def test_only_a_quote_can_be_folded_so_that_equal_styles_are_one() -> None:
    nodes = read_text("ab", [Entity("strike", 0, 2, collapsed=True), Entity("strike", 0, 2)])
    assert nodes == [Span("strike", children=["ab"])]
