"""Records as they are stored: what is left out comes back, and what is there stays."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.structs import fields

from tobs.core import media, model
from tobs.core.media import Answer, Block, Button, Contact, Entity, File, Media, Page, Place, Poll, Task
from tobs.core.model import (
    Action,
    Content,
    Counters,
    FactCheck,
    Forward,
    MessageRow,
    PollResult,
    Reaction,
    Reactor,
    Reply,
)
from tobs.core.record import Record

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.one_of(st.just(0), st.integers(-(2**63), 2**63 - 1))
SECONDS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.one_of(NUMBERS, WORDS, st.booleans(), st.lists(NUMBERS, max_size=3))
VALUES = st.dictionaries(WORDS, st.one_of(PLAIN, st.dictionaries(WORDS, PLAIN, max_size=2)), max_size=2)
ENTITIES = st.lists(
    st.builds(Entity, WORDS, NUMBERS, NUMBERS, WORDS, st.booleans(), other=VALUES), max_size=3
)
FILES = st.builds(File, NUMBERS, WORDS, NUMBERS, WORDS, WORDS, date=NUMBERS, other=VALUES)
PICTURES = st.none() | st.builds(Media, WORDS, file=st.none() | FILES, other=VALUES)
ANSWERS = st.lists(st.builds(Answer, WORDS, WORDS, ENTITIES, media=PICTURES), max_size=3)
POLLS = st.builds(
    Poll,
    WORDS,
    ANSWERS,
    ENTITIES,
    is_quiz=st.booleans(),
    solution=WORDS,
    solution_entities=ENTITIES,
    media=PICTURES,
    other=VALUES,
)
BLOCKS = st.builds(
    Block,
    WORDS,
    WORDS,
    ENTITIES,
    blocks=st.lists(st.builds(Block, WORDS, media=PICTURES), max_size=2),
    caption=st.none() | st.builds(Block, WORDS, credit=st.none() | st.builds(Block, WORDS)),
    buttons=st.lists(st.builds(Button, WORDS, WORDS), max_size=2),
)
PAGES = st.builds(
    Page, st.lists(BLOCKS, max_size=2), st.booleans(), media=st.lists(st.builds(Media, WORDS), max_size=2)
)
TASKS = st.lists(st.builds(Task, NUMBERS, WORDS, ENTITIES, NUMBERS, NUMBERS), max_size=2)
PLACES = st.builds(Place, SECONDS, SECONDS, WORDS, WORDS, NUMBERS)
CONTACTS = st.builds(Contact, WORDS, WORDS, WORDS, NUMBERS)
SIMPLE_MEDIA = st.builds(
    Media,
    WORDS,
    file=st.none() | FILES,
    width=NUMBERS,
    duration_s=SECONDS,
    title=WORDS,
    url=WORDS,
    value=NUMBERS,
    is_spoiler=st.booleans(),
    poll=st.none() | POLLS,
    tasks=TASKS,
    place=st.none() | PLACES,
    contact=st.none() | CONTACTS,
    cover=PICTURES,
    page=st.none() | PAGES,
    peer_ids=st.lists(NUMBERS, max_size=2),
    other=VALUES,
)
MEDIA = st.builds(Media, WORDS, amount=NUMBERS, items=st.lists(SIMPLE_MEDIA, max_size=2)) | SIMPLE_MEDIA
FORWARDS = st.builds(Forward, NUMBERS, NUMBERS, WORDS, NUMBERS, WORDS, NUMBERS, NUMBERS, other=VALUES)
REPLIES = st.builds(
    Reply,
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.booleans(),
    WORDS,
    ENTITIES,
    NUMBERS,
    is_quote=st.booleans(),
    origin=st.none() | FORWARDS,
    media=PICTURES,
)
CONTENTS = st.builds(
    Content,
    ENTITIES,
    st.none() | MEDIA,
    st.none() | REPLIES,
    st.none() | FORWARDS,
    st.none() | st.builds(Action, WORDS, VALUES),
    NUMBERS,
    WORDS,
    st.lists(st.lists(st.builds(Button, WORDS, WORDS), max_size=2), max_size=2),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    WORDS,
    page=st.none() | PAGES,
    keyboard=WORDS,
    effect_id=NUMBERS,
    other=VALUES,
)
COUNTERS = st.builds(
    Counters,
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.lists(st.builds(Reaction, WORDS, NUMBERS, st.booleans()), max_size=3),
    st.booleans(),
    NUMBERS,
    st.lists(st.builds(PollResult, WORDS, NUMBERS, st.booleans(), st.booleans()), max_size=3),
    reactors=st.lists(st.builds(Reactor, NUMBERS, WORDS, NUMBERS), max_size=2),
    fact_check=st.none() | st.builds(FactCheck, WORDS, ENTITIES, WORDS),
    qualities=st.lists(st.builds(Media, WORDS, file=FILES), max_size=2),
    other=VALUES,
)
RECORDS = [
    each
    for each in (vars(media) | vars(model)).values()
    if isinstance(each, type) and issubclass(each, Record)
]
# Records are deep; how long it takes to invent one says nothing about them.
patient = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
ROW = MessageRow(7, 1000, None, 42, 5, None, None, "text", "words", "{}", '{"views":3}')


def travel(record: Any) -> Any:
    """Return a record that went through the archive."""
    return msgspec.json.decode(msgspec.json.encode(record), type=type(record))


def list_keys(value: Any) -> list[str]:
    """Return all keys of a document, however deep, but those in which Telegram's own names are kept."""
    if isinstance(value, dict):
        inside = (each for name, each in value.items() if name not in {"other", "values"})
        return [*value, *(key for each in inside for key in list_keys(each))]
    return [key for each in value for key in list_keys(each)] if isinstance(value, list) else []


@patient
@given(CONTENTS)
def test_any_content_comes_back_from_the_archive_as_it_was(content: Content) -> None:
    assert travel(content) == content


@patient
@given(COUNTERS)
def test_any_counters_come_back_from_the_archive_as_they_were(counters: Counters) -> None:
    assert travel(counters) == counters


@patient
@given(CONTENTS, COUNTERS)
def test_the_stored_form_is_json_that_any_program_reads(content: Content, counters: Counters) -> None:
    for record in (content, counters):
        assert json.loads(msgspec.json.encode(record)) == to_builtins(record)


@patient
@given(CONTENTS)
def test_two_contents_differ_exactly_when_their_stored_forms_do(content: Content) -> None:
    twin = copy.deepcopy(content)
    assert msgspec.json.encode(twin) == msgspec.json.encode(content)
    twin.via_bot_id = content.via_bot_id + 1 if content.via_bot_id < 9 else 0
    assert msgspec.json.encode(twin) != msgspec.json.encode(content)


@patient
@given(CONTENTS)
def test_making_the_stored_form_leaves_the_record_alone(content: Content) -> None:
    before = copy.deepcopy(content)
    to_builtins(content)
    assert content == before


@patient
@given(CONTENTS)
def test_a_record_can_be_sent_to_another_process(content: Content) -> None:
    assert pickle.loads(pickle.dumps(content)) == content  # noqa: S301 - our own bytes, as between processes


def test_what_says_nothing_takes_no_room() -> None:
    assert to_builtins(Content()) == {}
    assert to_builtins(Counters()) == {}
    assert to_builtins([Button("a"), Button("b", "https://c.example")]) == [
        {"text": "a"},
        {"text": "b", "url": "https://c.example"},
    ]


def test_only_the_fields_that_say_something_are_stored_at_every_depth() -> None:
    photo = Media("photo", File(5, "photo"), is_spoiler=True)
    content = Content(media=Media("paid", amount=50, items=[photo]), reply=Reply(to_id=3))
    assert to_builtins(content) == {
        "media": {
            "kind": "paid",
            "amount": 50,
            "items": [{"kind": "photo", "file": {"id": 5, "kind": "photo"}, "is_spoiler": True}],
        },
        "reply": {"to_id": 3},
    }


def test_a_field_that_has_no_default_is_always_stored() -> None:
    assert to_builtins(Place(0.0, 0.0)) == {"latitude": 0.0, "longitude": 0.0}
    assert to_builtins(Forward(0)) == {"date": 0}
    assert to_builtins(Poll("", [])) == {"question": "", "answers": []}


def test_an_empty_record_inside_is_told_from_none() -> None:
    assert to_builtins(Content(reply=Reply())) == {"reply": {}}
    assert travel(Content(reply=Reply())) == Content(reply=Reply())
    assert travel(Content(reply=Reply())) != Content()


def test_defaults_are_not_shared_between_records() -> None:
    content = Content()
    content.entities.append(Entity("bold", 0, 1))
    assert to_builtins(content) == {"entities": [{"kind": "bold", "offset": 0, "length": 1}]}
    assert to_builtins(Content()) == {}
    assert Content().entities == []


@pytest.mark.parametrize("record_type", RECORDS, ids=lambda each: each.__name__)
def test_every_record_takes_no_field_that_it_does_not_know(record_type: Any) -> None:
    with pytest.raises(TypeError):
        record_type(unknown=1)


@patient
@given(CONTENTS)
def test_stored_keys_are_names_of_fields_but_for_telegrams_own(content: Content) -> None:
    known = {each.name for record in RECORDS for each in fields(record)}
    assert set(list_keys(to_builtins(content))) <= known


def test_counters_and_topics_do_not_make_another_version() -> None:
    assert ROW.settled() == ROW._replace(counters='{"views":900}', topic_id=None).settled()
    for changed in ({"text": "other"}, {"content": '{"author":"A"}'}, {"edit_date": 5}, {"kind": "photo"}):
        assert ROW._replace(**changed).settled() != ROW.settled()


@pytest.mark.parametrize(
    "stored",
    [
        "no JSON",
        "[]",
        '{"entities": 5}',
        '{"is_silent": 1}',
        '{"media": {"title": "of no kind"}}',
        '{"media": {"kind": "paid", "items": [{"title": "of no kind"}]}}',
        '{"reply": {"entities": [{"kind": "bold"}]}}',
    ],
)
def test_what_is_no_content_is_refused(stored: str) -> None:
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(stored, type=Content)


def test_what_a_later_version_may_add_is_left_out() -> None:
    stored = '{"author": "Ann", "media": null, "later": {"a": 1}, "buttons": [[{"text": "a", "later": 2}]]}'
    assert msgspec.json.decode(stored, type=Content) == Content(author="Ann", buttons=[[Button("a")]])
