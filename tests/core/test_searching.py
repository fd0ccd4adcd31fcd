"""What is typed becomes terms, whatever it is, and terms are found again in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks import hostile_texts
from tobs.core.searching import Query, Term, cut_around, find_spans, make_term, parse_kinds, parse_query
from tobs.errors import UsageError


def word(text: str) -> Term:
    return Term("word", text)


@pytest.mark.parametrize(
    ("typed", "groups", "excluded"),
    [
        (["hello", "world"], [[word("hello")], [word("world")]], []),
        (["hello AND world*"], [[word("hello")], [Term("prefix", "world")]], []),
        (["two words"], [[word("two words")]], []),
        (['"two words" three'], [[word("two words")], [word("three")]], []),
        (['"two wor"*'], [[Term("prefix", "two wor")]], []),
        (["one", "OR", "other", "more"], [[word("one"), word("other")], [word("more")]], []),
        (["this", "NOT", "that"], [[word("this")]], [word("that")]),
        (['this -that -"the other"'], [[word("this")]], [word("that"), word("the other")]),
        (["*part*"], [[Term("part", "part")]], []),
        (["東京", "café"], [[Term("part", "東京")], [word("café")]], []),
        (["😀"], [[Term("part", "😀")]], []),
        (["OR", "one", "OR"], [[word("one")]], []),
        (['"open'], [[word("open")]], []),
    ],
)
def test_words_are_read_as_a_person_means_them(
    typed: list[str], groups: list[list[Term]], excluded: list[Term]
) -> None:
    assert parse_query(typed) == Query(tuple(map(tuple, groups)), tuple(excluded))


@pytest.mark.parametrize("typed", [[], [""], ["  "], ['""'], ["NOT", "x"], ["OR"], ["\x00"], ["x"] * 51])
def test_what_asks_for_nothing_or_too_much_is_said(typed: list[str]) -> None:
    with pytest.raises(UsageError, match=r"no word|only what to leave out|More than"):
        parse_query(typed)


@given(st.lists(st.one_of(st.text(), hostile_texts), max_size=4))
def test_anything_typed_is_a_query_or_one_sentence(typed: list[str]) -> None:
    try:
        query = parse_query(typed)
    except UsageError:
        return
    assert query.groups
    assert all(each.text.strip() for each in query.wanted)


@pytest.mark.parametrize(
    ("text", "terms", "found"),
    [
        ("A Café, a cafe and a caféteria", ["cafe"], ["Café", "cafe"]),
        ("A Café, a cafe and a cafe\u0301teria", ["cafe*"], ["Café", "cafe", "cafe\u0301teria"]),
        ("what we said, we said", ["we said"], ["we said", "we said"]),
        ("我爱北京天安门", ["北京"], ["北京"]),
        ("Überall", ["*BER*"], ["ber"]),
        ("İstanbul STRASSE", ["*stra*"], []),
        ("nothing", ["else"], []),
        ("שלום עולם", ["עולם"], ["עולם"]),
    ],
)
def test_terms_are_marked_where_they_stand(text: str, terms: list[str], found: list[str]) -> None:
    spans = find_spans(text, parse_query(terms).wanted)
    assert [text[start:end] for start, end in spans] == found


@given(hostile_texts, st.lists(hostile_texts, max_size=3), st.integers(1, 60))
def test_an_excerpt_is_short_and_its_marks_lie_in_it(text: str, typed: list[str], length: int) -> None:
    terms = [term for each in typed if (term := make_term(each))]
    excerpt, spans = cut_around(text, find_spans(text, terms), length)
    assert len(excerpt) <= length + 2
    assert all(0 <= start < end <= len(excerpt) for start, end in spans)
    assert spans == sorted(spans)


def test_the_first_match_is_in_the_excerpt() -> None:
    text = "word " * 100 + "harbour " + "word " * 100
    excerpt, [(start, end)] = cut_around(text, find_spans(text, [word("harbour")]), 60)
    assert excerpt[start:end] == "harbour"
    assert excerpt[0] == excerpt[-1] == "…"


def test_kinds_are_taken_as_the_export_takes_them() -> None:
    assert parse_kinds(["Photos, files", "music", "photo"]) == ("photo", "document", "audio")
    assert parse_kinds([]) == ()
    for wrong in ("cats", ","):
        with pytest.raises(UsageError, match=r"no kind"):
            parse_kinds([wrong])
