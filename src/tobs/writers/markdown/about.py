"""A chat's own note: what it is, who is in it, and where its messages are."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.fidelity import Omissions
from tobs.core.names import has_visible
from tobs.core.ports.reader import ChatSummary
from tobs.core.ports.writer import ABOUT, Rendering
from tobs.writers.census import count_partitions
from tobs.writers.extent import find_extent, name_asked
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.markdown.frontmatter import TAG, Properties, clean_title, list_dates, write_properties
from tobs.writers.markdown.links import link_own_note
from tobs.writers.markdown.owner import REGION
from tobs.writers.markdown.periods import HEADINGS, list_periods
from tobs.writers.markdown.shape import about_path
from tobs.writers.profile import (
    KEPT,
    NOT_SHOWN,
    PEOPLE_SHOWN,
    Thread,
    count_messages,
    link_chat,
    list_kinds,
    list_lists,
    list_not_shown,
    list_numbers,
    list_topics,
    say_partner,
    title_chat,
)
from tobs.writers.scene import Scene


def render_about(scene: Scene, omissions: Omissions) -> Rendering:
    """Return the chat's own note."""
    summary = scene.reader.summary(scene.chat)
    scene.people.start_file()
    scene.folder = scene.chat.folder
    sections = [
        _introduce(scene, summary),
        REGION,
        _list_notes(scene),
        _list_people(scene, summary),
        _list_kinds(summary),
        _list_not_shown(scene, summary, omissions) if count_messages(summary) else "",
    ]
    body = "\n\n".join(filter(None, sections))
    text = f"{write_properties(_list_properties(scene, summary))}\n{body}\n"
    return Rendering(about_path(scene.chat), ABOUT, text.encode(), frozenset(scene.people.shown))


def _list_properties(scene: Scene, summary: ChatSummary) -> Properties:
    chat = scene.chat
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
        **_count_ids(scene, summary),
        "timezone": scene.calendar.zone,
        "tags": [TAG],
    }
    return {key: value for key, value in found.items() if value not in ("", None)}


def _count_ids(scene: Scene, summary: ChatSummary) -> Properties:
    """Return what was asked for and what became of it; of a part, whose ids nobody asked for, its dates."""
    if scene.reader.extent.is_dated:
        return list_dates(scene.reader.extent)
    tally, extent = summary.tally, find_extent(summary)
    return {
        "coverage": extent if extent != "whole" else "",
        "asked": name_asked(scene, summary),
        "ids_empty": tally.empty,
        "ids_unknown": tally.unknown,
        "ids_unreadable": tally.unreadable or None,
        "ids_hidden": tally.hidden or None,
    }


def _introduce(scene: Scene, summary: ChatSummary) -> str:
    chat = scene.chat
    link = f" · <{link_chat(chat)}>" if chat.username else ""
    lines = [
        f"**{escape_name(title_chat(chat))}** · {chat.kind}{link}",
        *map(escape_name, list_numbers(scene, summary)),
        _link_partner(scene),
    ]
    return "  \n".join(filter(None, lines))


def _link_partner(scene: Scene) -> str:
    found = say_partner(scene)
    if found is None:
        return ""
    words, partner = found
    title = partner.title if has_visible(partner.title) else partner.basename
    return f"{words} {link_own_note(scene, partner, title)}"


def _list_notes(scene: Scene) -> str:
    if scene.chat.kind == "forum":
        return "\n\n".join(_list_topics(scene))
    own = scene.chat.main_topic or None
    found = count_partitions(scene.layout, scene.chat, own)
    sections = [f"## {HEADINGS[scene.projection.layout]}", list_periods(scene, found)] if found else []
    lists = [*list_lists(scene)]
    sections += ["## Lists by origin"] * bool(lists)
    sections += (text for thread in lists for text in _list_thread(scene, thread))
    return "\n\n".join(sections)


def _list_topics(scene: Scene) -> Iterator[str]:
    threads = [*list_topics(scene)]
    if threads:
        yield "## Topics"
    for thread in threads:
        if thread.periods:
            yield from _list_thread(scene, thread)
    if bare := [escape_name(each.title) for each in threads if not each.periods]:
        yield f"Topics of which no message is in the archive: {', '.join(bare)}"


def _list_thread(scene: Scene, thread: Thread) -> Iterator[str]:
    yield f"### {escape_name(thread.title)}"
    yield list_periods(scene, thread.periods)


def _list_people(scene: Scene, summary: ChatSummary) -> str:
    if not {peer_id for peer_id, _ in summary.people} - {scene.chat.id}:
        return ""
    named = [(scene.people.inline(each), each, count) for each, count in summary.people[:PEOPLE_SHOWN]]
    table = flavor_of(scene).list_people(named)
    rest = len(summary.people) - PEOPLE_SHOWN
    more = f"\n\nand {rest:,} more" if rest > 0 else ""
    return f"## People\n\n{table}{more}"


def _list_not_shown(scene: Scene, summary: ChatSummary, omissions: Omissions) -> str:
    lines = "\n".join(f"- {escape_name(each)}" for each in list_not_shown(scene, summary, omissions))
    return "\n\n".join(filter(None, [f"## {NOT_SHOWN}", lines, KEPT]))


def _list_kinds(summary: ChatSummary) -> str:
    lines = "\n".join(f"- {each}" for each in list_kinds(summary))
    return f"## What it holds\n\n{lines}" if lines else ""
