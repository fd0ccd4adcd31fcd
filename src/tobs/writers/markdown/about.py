"""A chat's own note: what it is, who is in it, and where its months are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tobs.core.model import Chat
from tobs.core.names import fold_name, has_visible
from tobs.core.ports.reader import ChatSummary, Topic
from tobs.core.ports.writer import ABOUT, Rendering
from tobs.core.words import say_count, say_some
from tobs.writers.census import Census, count_partitions
from tobs.writers.kinds import name_kind
from tobs.writers.layout import own_name
from tobs.writers.markdown.escape import escape_alias, escape_name
from tobs.writers.markdown.extent import find_extent, name_asked, say_extent
from tobs.writers.markdown.frontmatter import TAG, Properties, clean_title, write_properties
from tobs.writers.markdown.links import link_note, link_own_note
from tobs.writers.markdown.shape import about_path
from tobs.writers.scene import Scene

_PEOPLE = 50
"""How many people the table names; the archive knows them all."""


def render_about(scene: Scene) -> Rendering:
    """Return the chat's own note."""
    summary = scene.reader.summary(scene.chat)
    scene.people.start_file()
    sections = [
        _introduce(scene, summary),
        _list_notes(scene),
        _list_people(scene, summary),
        _list_kinds(summary),
        f"*{_say_not_shown(scene)}*" if count_messages(summary) else "",
    ]
    body = "\n\n".join(filter(None, sections))
    text = f"{write_properties(_list_properties(scene, summary))}\n{body}\n"
    return Rendering(about_path(scene.chat), ABOUT, text.encode(), frozenset(scene.people.shown))


def _say_not_shown(scene: Scene) -> str:
    kept = ["message effects", "whether a message was sent silently or protected"]
    if not scene.projection.show_edits:
        kept.insert(0, "earlier versions of edited messages")
    if scene.projection.keep_deleted == "hide":
        kept.insert(0, "deleted messages")
    return f"Only in the archive: {', '.join(kept[:-1])}, and {kept[-1]}."


def link_chat(chat: Chat) -> str:
    """Return the t.me address of a chat that has a public name, or an empty string."""
    return f"https://t.me/{chat.username}" if chat.username else ""


def say_span(scene: Scene, summary: ChatSummary) -> str:
    """Return `2024-01-03 to 2026-03-14`, or an empty string for a chat without messages."""
    if summary.first_date is None or summary.last_date is None:
        return ""
    first, last = (scene.calendar.day(each).isoformat() for each in (summary.first_date, summary.last_date))
    return first if first == last else f"{first} to {last}"


def count_messages(summary: ChatSummary) -> int:
    """Return how many messages are stored, service messages included."""
    return sum(summary.kinds.values())


def _list_properties(scene: Scene, summary: ChatSummary) -> Properties:
    chat, tally, extent = scene.chat, summary.tally, find_extent(summary)
    found: Properties = {
        "title": clean_title(chat.title, f"Chat {chat.id}"),
        "chat_id": chat.id,
        "kind": chat.kind,
        "username": chat.username,
        "link": link_chat(chat),
        "migrated_from": chat.migrated_from or None,
        "first_message": scene.calendar.day(summary.first_date) if summary.first_date is not None else None,
        "last_message": scene.calendar.day(summary.last_date) if summary.last_date is not None else None,
        "messages": count_messages(summary),
        "coverage": extent if extent != "whole" else "",
        "asked": name_asked(scene, summary),
        "ids_empty": tally.empty,
        "ids_unknown": tally.unknown,
        "ids_unreadable": tally.unreadable or None,
        "ids_hidden": tally.hidden or None,
        "timezone": scene.calendar.zone,
        "tags": [TAG],
    }
    return {key: value for key, value in found.items() if value not in ("", None)}


def _introduce(scene: Scene, summary: ChatSummary) -> str:
    chat = scene.chat
    link = f" · <{link_chat(chat)}>" if chat.username else ""
    span = say_span(scene, summary)
    dated = f", {span}" if span else ""
    lines = [
        f"**{escape_name(_visible_or(chat.title, f'Chat {chat.id}'))}** · {chat.kind}{link}",
        f"{say_count(count_messages(summary), 'message')}{dated}{_say_before(scene)}",
        say_extent(scene, summary),
        _say_tally(summary),
        _say_unreadable(chat, summary),
        _link_partner(scene),
    ]
    return "  \n".join(filter(None, lines))


def _link_partner(scene: Scene) -> str:
    partner = scene.across.partner
    if partner is None:
        return ""
    link = link_own_note(partner, escape_alias(_visible_or(partner.title, partner.basename)))
    return f"Comments are in {link}" if scene.chat.discussion_id else f"Comments on posts of {link}"


def _say_unreadable(chat: Chat, summary: ChatSummary) -> str:
    count, shown = summary.tally.unreadable, summary.unreadable
    if not count:
        return ""
    # An id of the group that a supergroup was is told from the supergroup's own as in anchors.
    named = say_some([str(each) if half == chat.id else f"g{each}" for half, each in shown], count)
    return f"{say_count(count, 'message')} cannot be read by this version of tobs: {named}"


def _say_before(scene: Scene) -> str:
    """Return how much of a supergroup is from the time when it was a basic group."""
    if not scene.chat.migrated_from:
        return ""
    summaries = [scene.reader.summary(each) for each in scene.layout.halves(scene.chat)[:-1]]
    count = sum(map(count_messages, summaries))
    if not count:
        return "; those from before it was a supergroup are not in this archive"
    return f"; {count:,} of them from before it was a supergroup"


def _say_tally(summary: ChatSummary) -> str:
    tally = summary.tally
    if find_extent(summary) in {"search", "none"}:
        return ""
    words = [f"{tally.stored:,} stored", f"{tally.empty:,} empty", f"{tally.unknown:,} unknown"]
    if tally.unreadable:
        words.append(f"{tally.unreadable:,} unreadable")
    if tally.hidden:
        words.append(f"{tally.hidden:,} not visible to the account that was used last")
    return f"Of the ids asked for: {', '.join(words)}"


def _list_notes(scene: Scene) -> str:
    if scene.chat.kind == "forum":
        return "\n\n".join(_list_topics(scene))
    own = scene.chat.main_topic or None
    months = [_link_month(scene, each) for each in count_partitions(scene.layout, scene.chat, own)]
    sections = ["## Months", "\n".join(months)] if months else []
    if scene.chat.kind == "saved":
        sections += _list_lists(scene)
    return "\n\n".join(sections)


def _list_lists(scene: Scene) -> Iterator[str]:
    """Yield the lists of Saved Messages; one's own notes are the months of the chat."""
    lists = [each for each in scene.reader.topics(scene.chat) if each != scene.chat.id]
    found = {each: count_partitions(scene.layout, scene.chat, each) for each in lists}
    named = sorted((scene.people.plain(each).casefold(), each) for each, months in found.items() if months)
    if named:
        yield "## Lists by origin"
    for _, each in named:
        yield f"### {scene.people.inline(each)}"
        yield "\n".join(_link_month(scene, month) for month in found[each])


def _list_topics(scene: Scene) -> Iterator[str]:
    topics = scene.reader.topics(scene.chat)
    if topics:
        yield "## Topics"
    uses = Counter(fold_name(topic.title) for topic in topics.values())
    bare: list[str] = []
    for topic_id, topic in sorted(topics.items()):
        is_shared = uses[fold_name(topic.title)] > 1
        title = own_name(scene.chat, scene.layout.topic(scene.chat, topic_id)) if is_shared else topic.title
        name = f"{escape_name(_visible_or(title, f'Topic {topic_id}'))}{_say_flags(topic)}"
        months = count_partitions(scene.layout, scene.chat, topic_id)
        if months:
            yield f"### {name}"
            yield "\n".join(_link_month(scene, each) for each in months)
        else:
            bare.append(name)
    if bare:
        yield f"Topics of which no message is in the archive: {', '.join(bare)}"


def _say_flags(topic: Topic) -> str:
    words = ["closed"] * topic.is_closed + ["hidden"] * topic.is_hidden
    return f" ({', '.join(words)})" if words else ""


def _link_month(scene: Scene, census: Census) -> str:
    links = [link_note(scene.layout.find_path(census.partition, part)) for part in range(1, census.parts + 1)]
    return f"- {', '.join(links)} · {say_count(census.messages, 'message')}"


def _list_people(scene: Scene, summary: ChatSummary) -> str:
    if not {peer_id for peer_id, _ in summary.people} - {scene.chat.id}:
        return ""
    rows = [
        f"| {scene.people.inline(peer_id)} | {peer_id} | {count:,} |"
        for peer_id, count in summary.people[:_PEOPLE]
    ]
    table = "\n".join(["| Name | Id | Messages |", "| --- | ---: | ---: |", *rows])
    rest = len(summary.people) - _PEOPLE
    more = f"\n\nand {rest:,} more" if rest > 0 else ""
    return f"## People\n\n{table}{more}"


def _list_kinds(summary: ChatSummary) -> str:
    """Return what the messages are, each with the files of that kind that are still to come.

    Their numbers may differ: one file may stand in several messages, and several in one.
    """
    counts = {kind: summary.kinds.get(kind, 0) for kind in {*summary.kinds, *summary.files}}
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    words = (_say_kind(kind, count, summary.files.get(kind, 0)) for kind, count in ordered)
    lines = "\n".join(f"- {each}" for each in words if each)
    return f"## What it holds\n\n{lines}" if lines else ""


def _say_kind(kind: str, count: int, missing: int) -> str:
    if not count and not missing:
        return ""
    if not missing:
        return name_kind(kind, count)
    if count == missing:
        return f"{name_kind(kind, count)}, not downloaded yet"
    if not count:
        return f"{name_kind(kind, missing)} in other messages, not downloaded yet"
    return f"{name_kind(kind, count)}; {say_count(missing, 'file')} not downloaded yet"


def _visible_or(title: str, fallback: str) -> str:
    return title if has_visible(title) else fallback
