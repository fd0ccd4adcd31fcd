"""What is not shown is counted by message, and said in words."""

from __future__ import annotations

from collections import Counter

import msgspec

from tobs.core.fidelity import Omissions, find_group, list_words, sum_omissions


def test_a_message_with_several_things_of_a_group_counts_once() -> None:
    found = sum_omissions(
        Counter(
            {
                frozenset({"media.photo.file.photo.mime", "media.photo.file.photo.date"}): 5,
                frozenset({"media.photo.file.photo.date"}): 1,
                frozenset({"action.gift_code.values.slug", "counters.poll.recent"}): 2,
            }
        )
    )
    assert found.paths == {
        "action.gift_code.values.slug": 2,
        "counters.poll.recent": 2,
        "media.photo.file.photo.date": 6,
        "media.photo.file.photo.mime": 5,
    }
    assert found.groups == {"deeds": 2, "files": 6, "voters": 2}


def test_the_same_counts_are_the_same_json_whatever_came_first() -> None:
    one, other = Omissions({"b": 1}, {"b": 1}), Omissions({"a": 1}, {"a": 1})
    one.add(Omissions({"a": 1}, {"a": 1}))
    other.add(Omissions({"b": 1}, {"b": 1}))
    assert msgspec.json.encode(one) == msgspec.json.encode(other)


def test_what_is_not_shown_is_said_in_words_small_things_last() -> None:
    groups = {"files": 1200, "voters": 1, "unknown_actions": 2, "new.field": 4}
    assert list_words(Omissions({}, groups), with_minor=True) == [
        "4 × new.field",
        "2 actions unknown to this version",
        "1 poll whose voters are not shown",
        "1,200 files without their technical details",
    ]
    assert len(list_words(Omissions({}, groups), with_minor=False)) == 3


def test_an_action_without_words_is_of_another_group_than_what_its_sentence_leaves_out() -> None:
    assert find_group("action.something_new") == "unknown_actions"
    assert find_group("action.gift_code.values.slug") == "deeds"
    assert find_group("page.blocks.list.blocks.item.other.type") == "layouts"
