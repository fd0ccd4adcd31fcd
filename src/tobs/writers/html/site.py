"""The pages about a chat and about all chats, and the files that pages share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

import msgspec
from markupsafe import Markup

from tobs.core.fidelity import Omissions
from tobs.core.model import Chat
from tobs.core.names import has_visible
from tobs.core.ports.writer import ABOUT, INDEX, Rendering
from tobs.core.words import say_count
from tobs.writers.census import Census, count_partitions
from tobs.writers.clean import clean_line
from tobs.writers.extent import mark_extent
from tobs.writers.html.dates import say_month
from tobs.writers.html.message import Link
from tobs.writers.html.shape import (
    INDEX_ASSETS,
    INDEX_PATH,
    about_path,
    find_folder,
    link_path,
    name_page,
    quote_path,
)
from tobs.writers.html.templates import Shell, load_macros
from tobs.writers.html.text import make_link
from tobs.writers.profile import (
    KEPT,
    PEOPLE_SHOWN,
    Thread,
    count_messages,
    link_chat,
    list_kinds,
    list_lists,
    list_not_shown,
    list_numbers,
    list_topics,
    order_chats,
    say_part,
    say_partner,
    say_span,
    title_chat,
)
from tobs.writers.scene import Scene, Stage

_ASSETS = ("page.css", "page.js")


@dataclass(slots=True)
class Month:
    """A month with links to its pages."""

    name: str
    pages: list[Link]
    messages: int


@dataclass(slots=True)
class Year:
    """Months of one year."""

    name: str
    months: list[Month]


@dataclass(slots=True)
class Section:
    """The pages of a chat, or of one topic or list of it."""

    title: str
    years: list[Year]


@dataclass(slots=True)
class About:
    """All that the page about a chat tells."""

    title: str
    kind: str
    link: Markup
    numbers: list[str]
    partner_words: str
    partner: Link | None
    sections: list[Section]
    bare_topics: list[str]
    people: list[tuple[str, int, int]]
    more_people: int
    kinds: list[str]
    not_shown: list[str]
    kept: str
    zone: str


def render_about(scene: Scene, omissions: Omissions) -> list[Rendering]:
    """Return the chat's own page, the list of its pages for search and steps, and copies of style and script."""
    chat, folder = scene.chat, find_folder(scene.chat)
    scene.people.start_file()
    threads = _list_threads(scene)
    about = _describe_chat(scene, threads, omissions)
    trail = [Link("Chats", link_path(INDEX_PATH, chat.folder))]
    shell = Shell(about.title, about.title, trail, "html/", has_search=True)
    bodies = {
        about_path(chat): str(load_macros("about.html").about(shell, about)).encode(),
        f"{folder}/pages.js": _write_pages(threads),
    }
    peers = frozenset(scene.people.shown)
    return [
        *(Rendering(path, ABOUT, body, peers) for path, body in bodies.items()),
        *_copy_assets(folder, ABOUT),
    ]


def render_index(stage: Stage) -> list[Rendering]:
    """Return the page that lists all chats, in the order in which they were first exported, comments below their channel."""
    chats = [
        (*_list_chat(stage, each), is_below) for each, is_below in order_chats(stage.reader.drawn_chats())
    ]
    part = say_part(stage.reader.extent, len(chats))
    shell = Shell("Chats", "Chats", [], f"{INDEX_ASSETS}/")
    body = str(load_macros("about.html").index(shell, chats, part)).encode()
    return [Rendering(INDEX_PATH, INDEX, body), *_copy_assets(INDEX_ASSETS, INDEX)]


def _list_chat(stage: Stage, chat: Chat) -> tuple[Link, str]:
    summary = stage.reader.summary(chat)
    words = [
        chat.kind,
        say_count(count_messages(summary), "message"),
        say_span(stage.set_scene(chat), summary),
        mark_extent(summary),
    ]
    title = clean_line(chat.title if has_visible(chat.title) else chat.basename)
    return Link(title, link_path(about_path(chat), "")), " · ".join(filter(None, words))


def _copy_assets(folder: str, key: str) -> Iterator[Rendering]:
    return (Rendering(f"{folder}/{each}", key, _read_asset(each)) for each in _ASSETS)


@cache
def _read_asset(name: str) -> bytes:
    return (files("tobs.writers.html") / "assets" / name).read_bytes()


def _list_threads(scene: Scene) -> list[Thread]:
    """Return what has pages of its own: the chat as a whole, its topics, or one's notes and the lists."""
    if scene.chat.kind == "forum":
        return [*list_topics(scene)]
    own = count_partitions(scene.layout, scene.chat, scene.chat.main_topic or None)
    return [Thread(scene.chat.main_topic, "Messages", own), *list_lists(scene)]


def _describe_chat(scene: Scene, threads: list[Thread], omissions: Omissions) -> About:
    chat, summary = scene.chat, scene.reader.summary(scene.chat)
    partner_words, partner = _link_partner(scene)
    people = summary.people if {peer_id for peer_id, _ in summary.people} - {chat.id} else []
    address = link_chat(chat)
    return About(
        title=clean_line(title_chat(chat)),
        kind=chat.kind,
        link=make_link(address, address) if address else Markup(),
        numbers=[clean_line(each) for each in list_numbers(scene, summary)],
        partner_words=partner_words,
        partner=partner,
        sections=[Section(clean_line(each.title), _list_years(each)) for each in threads if each.periods],
        bare_topics=[clean_line(each.title) for each in threads if not each.periods and chat.kind == "forum"],
        people=[(scene.people.plain(peer_id), peer_id, count) for peer_id, count in people[:PEOPLE_SHOWN]],
        more_people=len(people) - PEOPLE_SHOWN,
        kinds=list_kinds(summary),
        not_shown=[*list_not_shown(scene, summary, omissions)],
        kept=KEPT,
        zone=scene.calendar.zone,
    )


def _link_partner(scene: Scene) -> tuple[str, Link | None]:
    found = say_partner(scene)
    if found is None:
        return "", None
    words, partner = found
    title = clean_line(partner.title if has_visible(partner.title) else partner.basename)
    return words, Link(title, link_path(about_path(partner), scene.chat.folder))


def _list_years(thread: Thread) -> list[Year]:
    years = groupby(reversed(thread.periods), key=lambda each: _find_month(each)[:4])
    return [Year(name, [_link_month(each) for each in found]) for name, found in years]


def _link_month(census: Census) -> Month:
    name = say_month(_find_month(census))
    names = [name, *map(str, range(2, census.parts + 1))]
    pages = [
        Link(words, quote_path(f"html/{name_page(census.partition, part)}.html"))
        for part, words in enumerate(names, start=1)
    ]
    return Month(name, pages, census.messages)


def _find_month(census: Census) -> str:
    return census.partition.key.rpartition("/")[2]


def _write_pages(threads: list[Thread]) -> bytes:
    """Return a script with the titles of topics and, for each page: its name, topic, title and messages."""
    rows = [
        (name_page(each.partition, part), number, _name_part(each, part), each.messages // each.parts)
        for number, thread in enumerate(threads)
        for each in thread.periods
        for part in range(1, each.parts + 1)
    ]
    encode = msgspec.json.encode
    titles = encode([clean_line(each.title) for each in threads])
    return b"tobs.pages(" + titles + b",[\n" + b",\n".join(map(encode, rows)) + b"\n]);\n"


def _name_part(census: Census, part: int) -> str:
    month = say_month(_find_month(census))
    return f"{month}, page {part}" if census.parts > 1 else month
