"""What formats leave out of the messages that they show: counted by path, and in words for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from tobs.core.patterns import make_pattern, merge_blocks


@dataclass(slots=True)
class Omissions:
    """How many messages have something that a format does not show.

    `paths` counts by path (core/census.py), `groups` by what people call it, for a message may have several of a group;
    a path of no group is one by itself.
    """

    paths: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)

    def add(self, other: Omissions) -> None:
        """Add what was counted elsewhere."""
        _add_counts(self.paths, other.paths)
        _add_counts(self.groups, other.groups)


@dataclass(slots=True)
class ChatFidelity:
    """What the files of one chat do not show of the messages that they show, by format.

    Whatever the format: `unsupported` messages have something that this version does not understand, and `withheld` media
    Telegram did not give, or does not let be saved.
    """

    account: int
    id: int
    title: str
    unsupported: int = 0
    withheld: int = 0
    formats: dict[str, Omissions] = field(default_factory=dict)


def _add_counts(counts: dict[str, int], more: Mapping[str, int]) -> None:
    for key, count in more.items():
        counts[key] = counts.get(key, 0) + count
    ordered = sorted(counts.items())
    counts.clear()
    counts.update(ordered)


def sum_omissions(seen: Counter[frozenset[str]]) -> Omissions:
    """Return what messages have that is not shown; `seen` counts those that have the same."""
    found = Omissions()
    for paths, count in seen.items():
        found.add(Omissions(dict.fromkeys(paths, count), dict.fromkeys(map(find_group, paths), count)))
    return found


class _Group(NamedTuple):
    """What is said of a message that has any of these paths; `is_minor` for what no reader looks for."""

    patterns: str
    one: str
    many: str
    is_minor: bool = False


_GROUPS = {
    "voters": _Group("counters.poll.recent", "poll whose voters are not shown", "polls whose voters are not shown"),
    "reactors": _Group(
        "counters.{reactors,top_reactors}", "message without the names of who reacted", "messages without the names of who reacted",
    ),
    "instant_view": _Group(
        "media.webpage.page", "link without the page that Telegram has of it", "links without the pages that Telegram has of them",
    ),
    "preview_media": _Group(
        "media.webpage.{cover,clip}.*", "link preview without its picture", "link previews without their pictures",
    ),
    "covers": _Group("media.{**.,}{cover,clip}.*", "medium without its cover", "media without their covers"),
    "attached": _Group(
        "{media.poll.poll.**,reply}.{media,solution_media}.*", "message without what is attached to a poll or a quote",
        "messages without what is attached to a poll or a quote",
    ),
    "cards": _Group("media.contact.**", "contact without all of its card", "contacts without all of their cards"),
    "effects": _Group("effect_id", "message without its animated effect", "messages without their animated effects"),
    "prices": _Group("paid_stars", "message without what its sender paid", "messages without what their senders paid"),
    "lifetimes": _Group(
        "ttl_seconds", "message without when it was to disappear", "messages without when they were to disappear",
    ),
    "custom_emoji": _Group(
        "**.custom_emoji{,.**}", "message with custom emoji as plain ones", "messages with custom emoji as plain ones",
    ),
    "buttons": _Group(
        "{buttons,**.buttons}.** keyboard other.reply_markup.**", "message with buttons of which only the words are shown",
        "messages with buttons of which only the words are shown",
    ),
    "ranks": _Group("counters.rank", "message without its sender's title", "messages without their senders' titles"),
    "commenters": _Group(
        "counters.other.replies.**", "post without who commented on it last", "posts without who commented on them last",
    ),
    "sources": _Group(
        "forward.** other.saved_peer_id", "forwarded message without where it was kept before",
        "forwarded messages without where they were kept before",
    ),
    "stories": _Group("media.story.**", "story without all that was in it", "stories without all that was in them"),
    "links": _Group("media.webpage.**", "link preview without some details", "link previews without some details"),
    "layouts": _Group("page.**", "rich message without some of its layout", "rich messages without some of their layout"),
    "deeds": _Group(
        "action.*.values.**", "service message without some details", "service messages without some details",
    ),
    "unknown_actions": _Group("action.*", "action unknown to this version", "actions unknown to this version"),
    "quiet": _Group(
        "is_silent is_protected", "message not marked as sent silently or protected", "messages not marked as sent silently or protected",
        is_minor=True,
    ),
    "plain_words": _Group(
        "{entities,**.entities}.**", "message with tags, commands or dates as plain words",
        "messages with tags, commands or dates as plain words", is_minor=True,
    ),
    "files": _Group(
        "**.file.** counters.qualities.**", "file without its technical details", "files without their technical details", is_minor=True,
    ),
    "media": _Group("media.**", "medium without some details", "media without some details", is_minor=True),
    "quotes": _Group("reply.**", "answer without some details", "answers without some details", is_minor=True),
    "moving": _Group(
        "counters.**", "message without some of its numbers and marks", "messages without some of their numbers and marks",
        is_minor=True,
    ),
    "ways": _Group("other.**", "message without how it was sent", "messages without how they were sent", is_minor=True),
}  # fmt: skip
"""By name; the first one that has a path is its group."""

_MATCHERS = [(name, make_pattern(group.patterns.split())) for name, group in _GROUPS.items()]


@lru_cache(10_000)
def find_group(path: str) -> str:
    """Return the group of a path; its own name, where it has none."""
    merged = merge_blocks(path)
    return next((name for name, matcher in _MATCHERS if matcher.fullmatch(merged)), path)


def list_words(omissions: Omissions, *, with_minor: bool) -> list[str]:
    """Return what is not shown in words, what most messages have first."""
    ordered = sorted(omissions.groups.items(), key=lambda each: (is_minor(each[0]), -each[1], each[0]))
    return [say_group(name, count) for name, count in ordered if with_minor or not is_minor(name)]


def is_minor(name: str) -> bool:
    """Tell whether a group is of no interest to readers."""
    return name in _GROUPS and _GROUPS[name].is_minor


def say_group(name: str, count: int) -> str:
    """Return `3 polls whose voters are not shown`."""
    if name not in _GROUPS:
        return f"{count:,} × {name}"
    return f"{count:,} {_GROUPS[name].one if count == 1 else _GROUPS[name].many}"
