"""What an owner adds to a note stays theirs, and what they change in ours is noticed."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from attacks import hostile_texts
from tobs.writers.clean import clean_text
from tobs.writers.markdown.frontmatter import KEYS, clean_title, split_note, write_properties
from tobs.writers.markdown.owner import REGION, carry_over, fingerprint, holds_words
from writers.dialect import read_marked

words = st.text(st.sampled_from("ab:#- '\"é😀|>\n"), max_size=8)
values = st.one_of(words, st.integers(), st.booleans(), st.none(), st.dates(), st.lists(words, max_size=3))
foreign = st.dictionaries(
    st.from_regex(r"[a-z]{3,8}", fullmatch=True).filter(lambda key: key not in KEYS), values, max_size=4
)
bodies = st.lists(st.sampled_from(["## 2026-03-14", "text", "", "---", "a: b", "  x"]), max_size=6).map(
    "\n".join
)

OURS = {"title": "Team: chat", "chat_id": -100, "first_message": date(2026, 3, 1), "tags": ["telegram"]}


def make_note(properties: dict[str, object], body: str = "\ntext\n") -> bytes:
    return f"{write_properties(properties)}{body}".encode()


@given(foreign, bodies)
def test_the_owners_properties_are_carried_over_and_do_not_count(
    theirs: dict[str, object], body: str
) -> None:
    new = make_note(OURS, body)
    old = make_note({**theirs, **OURS, "tags": ["mine", "telegram"]}, "old\n")
    carried = carry_over(new, old)
    assert fingerprint(carried) == fingerprint(new)
    found = split_note(carried.decode())
    assert found == ({**OURS, **theirs, "tags": ["telegram", "mine"]}, body)
    assert carry_over(new, carried) == carried


@given(hostile_texts, hostile_texts)
def test_a_title_is_one_property_whatever_it_says(title: str, body: str) -> None:
    title = clean_title(title, "Chat 5")
    found = split_note(write_properties({**OURS, "title": title}) + clean_text(body))
    assert found == ({**OURS, "title": title}, clean_text(body))
    assert "\n" not in title
    assert "<%" not in title


@given(bodies)
def test_a_note_without_an_owners_word_stays_as_it_is(body: str) -> None:
    new = make_note(OURS, body)
    assert carry_over(new, make_note(OURS, "anything")) == new


@given(bodies)
def test_a_trimmed_or_reordered_note_is_still_ours(body: str) -> None:
    note = make_note(OURS, f"{body}  \n\n")
    reordered = yaml.safe_dump(dict(reversed(OURS.items())), sort_keys=False, default_flow_style=True)
    trimmed = "\n".join(line.rstrip() for line in body.split("\n"))
    assert fingerprint(f"---\n{reordered}---\n{trimmed}".encode()) == fingerprint(note)
    assert fingerprint(note.replace(b"\n", b"\r\n")) == fingerprint(note)


@pytest.mark.parametrize(
    "changed",
    [
        make_note({**OURS, "title": "Mine"}),
        make_note(OURS, "\ntext!\n"),
        make_note(OURS, "\n text\n"),
        make_note({key: value for key, value in OURS.items() if key != "chat_id"}),
        make_note({**OURS, "tags": ["mine"]}),
        b"text\n",
        b"---\n[broken\n---\n\ntext\n",
        b"\xff\xfe",
        b"",
    ],
)
def test_an_owners_change_is_noticed(changed: bytes) -> None:
    new = make_note(OURS)
    assert fingerprint(changed) != fingerprint(new)
    carry_over(new, changed)


@given(st.binary())
def test_any_file_has_a_fingerprint(body: bytes) -> None:
    assert fingerprint(body) == fingerprint(body)
    assert carry_over(body, body) == body or split_note(body.decode()) is not None


@pytest.mark.parametrize(
    "broken", ["date: 2026-99-99", "? [a]\n: b", "- list", "just words", "a: !!python/object:os.system x"]
)
def test_properties_that_cannot_be_read_are_left_alone(broken: str) -> None:
    old = f"---\n{broken}\n---\nbody\n".encode()
    assert fingerprint(old)
    assert carry_over(make_note(OURS), old) == make_note(OURS)


BEGIN, END = REGION.split("\n\n")
ABOUT = "\nwhat it is\n\n{}\n\n## Months\n\n- [[Team chat 2026-03]]\n"
region_texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.sampled_from(["words", "", "```", "---", "a: b", "  x ", "<!--", "-->", END[:-1], "\r"])).map(
        "\n".join
    ),
)


def make_about(region: str = REGION, **properties: object) -> bytes:
    return make_note({**OURS, **properties}, ABOUT.format(region))


@given(region_texts, foreign)
def test_whatever_stands_in_the_region_survives_any_redraw_and_does_not_count(
    words: str, theirs: dict[str, object]
) -> None:
    mine = make_about(f"{BEGIN}\n{words}\n{END}", **theirs)
    assert fingerprint(mine) == fingerprint(make_about())
    redrawn = make_note({**OURS, "title": "New"}, ABOUT.format(REGION).replace("2026-03", "2026-04"))
    carried = carry_over(redrawn, mine)
    assert f"\n{BEGIN}\n{words}\n{END}\n".encode() in carried
    assert fingerprint(carried) == fingerprint(redrawn)
    assert carry_over(redrawn, carried) == carried
    assert carry_over(make_about(), mine) == mine
    assert holds_words(mine) is holds_words(carried) is bool(words.strip())


@given(region_texts, st.sampled_from(["what it is", "## Months", "- [[Team chat 2026-03]]"]))
def test_what_changes_outside_of_the_region_is_still_noticed(words: str, ours: str) -> None:
    mine = make_about(f"{BEGIN}\n{words}\n{END}")
    assert fingerprint(mine.replace(ours.encode(), b"mine")) != fingerprint(make_about())
    assert fingerprint(mine + b"\nbelow\n") != fingerprint(make_about())


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        BEGIN,
        END,
        f"{END}\n\nwords\n\n{BEGIN}",
        f"{BEGIN}\n\none\n\n{BEGIN}\n\ntwo\n\n{END}",
        f"{BEGIN}\n\none\n\n{END}\n\ntwo\n\n{END}",
        f"{REGION}\n\n{REGION}",
        f"{BEGIN} x\n\nwords\n\n{END}",
        REGION.replace("Yours", "Ours"),
    ],
)
def test_a_region_with_a_damaged_border_makes_the_note_its_owners(damaged: str) -> None:
    mine = make_about(damaged)
    assert fingerprint(mine) != fingerprint(make_about())
    assert carry_over(make_about(), mine) == make_about()
    assert not holds_words(mine)


def test_borders_typed_in_a_chat_mean_nothing_in_its_notes() -> None:
    month: dict[str, object] = {"chat": "[[Team chat]]", "month": "2026-03"}
    old, new = (make_note(month, f"\n```\n{BEGIN}\n{words}\n{END}\n```\n") for words in ("was", "is"))
    assert fingerprint(old) != fingerprint(new)
    assert carry_over(new, old) == new
    assert not holds_words(old)


def test_no_reader_shows_the_borders() -> None:
    marked = read_marked(f"one\n\n{BEGIN}\ntwo\n{END}\n\nthree")
    assert "".join(char for char, kinds in marked if "html_block" not in kinds).split() == [
        "one",
        "two",
        "three",
    ]
