"""What a message carries beside its text, as pieces for a template: `shape` says which macro shows one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup, escape

from tobs.core.media import FILE_KINDS, Button, Media, Poll
from tobs.core.model import Counters, Message
from tobs.core.words import say_clock, say_size
from tobs.writers.ballots import is_done, list_rules, list_votes, name_poll, say_done
from tobs.writers.cards import CARDS, Card, name_rest
from tobs.writers.clean import clean_line, clean_text
from tobs.writers.descriptions import describe_file, name_file, name_track
from tobs.writers.files import find_medium
from tobs.writers.html.shape import quote_path
from tobs.writers.html.text import EMPTY, make_link, render_line, render_text
from tobs.writers.scene import Scene

_PLAYERS = {
    **dict.fromkeys(("avif", "bmp", "gif", "jpeg", "jpg", "png", "svg", "webp"), "image"),
    **dict.fromkeys(("m4v", "mov", "mp4", "ogv", "webm"), "video"),
    **dict.fromkeys(("aac", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav"), "audio"),
}
"""What browsers show by themselves."""


@dataclass(slots=True)
class Shown:
    """A file that is here: `player` is `image`, `video`, `audio`, or empty for a link."""

    shape: ClassVar[str] = "file"
    player: str
    address: str
    words: str
    details: str = ""
    width: int = 0
    height: int = 0
    is_covered: bool = False
    is_loop: bool = False

    @property
    def is_picture(self) -> bool:
        """Tell whether it can stand in the grid of an album."""
        return self.player in {"image", "video"}


@dataclass(slots=True)
class Note:
    """A sentence about what is not shown."""

    shape: ClassVar[str] = "note"
    words: str


@dataclass(slots=True)
class FactCard:
    """A card: its facts and the words that it quotes are HTML already."""

    shape: ClassVar[str] = "card"
    label: str
    facts: list[Markup]
    text: str = ""
    is_quote: bool = False
    quote: Markup = EMPTY


@dataclass(slots=True)
class Option:
    """One answer of a poll, or one task: `votes` of all `voters`."""

    text: Markup
    details: str
    votes: int = 0
    is_done: bool = False


@dataclass(slots=True)
class Ballot:
    """A poll, or a to-do list when `has_boxes`; `voters` is 0 where nobody is said to have voted."""

    shape: ClassVar[str] = "ballot"
    label: str
    details: str
    question: Markup
    options: list[Option]
    voters: int = 0
    solution: Markup = EMPTY
    has_boxes: bool = False


Piece = Shown | Note | FactCard | Ballot


def list_pieces(scene: Scene, message: Message) -> Iterator[Piece]:
    """Yield what a message carries; what is not here is named with the reason."""
    media = message.content.media
    if media is None:
        return
    if media.poll:
        yield _show_poll(scene, media.poll, message.counters)
    elif media.kind == "todo":
        yield _show_tasks(scene, media)
    else:
        yield from _list_shown(scene, media)


def _list_shown(scene: Scene, media: Media) -> Iterator[Piece]:
    piece = show_media(scene, media)
    if not isinstance(piece, FactCard) or piece.label or piece.facts:
        yield piece
    if media.kind == "photo" and media.clip and media.clip.file:  # a live photo
        yield show_media(scene, media.clip)
    for item in media.items:
        yield show_media(scene, item)


def show_media(scene: Scene, media: Media) -> Piece:
    """Return a medium by itself, neither poll nor to-do list."""
    if media.kind in FILE_KINDS:
        return _show_file(scene, media)
    card = CARDS.get(media.kind)
    return _show_card(card(scene, media)) if card else Note(clean_line(name_rest(media)))


def list_buttons(rows: list[list[Button]]) -> list[list[Markup]]:
    """Return rows of buttons; one that leads somewhere is a link."""
    return [
        [
            make_link(clean_line(each.text), each.url) if each.url else escape(clean_line(each.text))
            for each in row
        ]
        for row in rows
    ]


def _show_file(scene: Scene, media: Media) -> Piece:
    if media.file is None:
        return Note(f"{clean_line(describe_file(media))} · only a preview was sent")
    found = find_medium(scene, media, media.file)
    if not found.path:
        return Note(f"{clean_line(describe_file(media))} · {clean_line(found.reason)}")
    player = _PLAYERS.get(found.path.rpartition(".")[2].lower(), "")
    track = clean_line(name_track(media))
    size = say_size(media.file.size_bytes) if media.file.size_bytes else ""
    details = " · ".join(filter(None, [say_clock(media.duration_s) if media.duration_s else "", size]))
    return Shown(
        "audio" if media.kind in {"voice", "audio"} and player == "video" else player,
        quote_path(found.path),
        track
        or (clean_line(name_file(media, found.path)) if not player else clean_line(describe_file(media))),
        details if track or not player else "",
        media.width,
        media.height,
        media.is_spoiler,
        media.kind == "animation",
    )


def _show_card(card: Card) -> FactCard:
    facts = [
        make_link(clean_line(each.words), each.address) if each.address else escape(clean_line(each.words))
        for each in card.facts
    ]
    quote = render_text(card.quote, list(card.entities))
    return FactCard(clean_line(card.label), facts, clean_text(card.text).strip(), card.is_quote, quote)


def _show_poll(scene: Scene, poll: Poll, counters: Counters) -> Ballot:
    results = {each.option: each for each in counters.poll}
    options = []
    for answer in poll.answers:
        result = results.get(answer.option)
        said = " · ".join(list_votes(result, counters.voters))
        text = render_line(answer.text, answer.entities)
        options.append(Option(text, said, result.voters if result else 0))
    question = render_line(poll.question, poll.entities)
    return Ballot(
        name_poll(poll),
        " · ".join(list_rules(scene, poll, counters)),
        question,
        options,
        counters.voters if counters.poll else 0,
        render_text(poll.solution, poll.solution_entities),
    )


def _show_tasks(scene: Scene, media: Media) -> Ballot:
    options = [
        Option(
            render_line(each.text, each.entities),
            clean_line(say_done(scene, each)) if is_done(each) else "",
            is_done=is_done(each),
        )
        for each in media.tasks
    ]
    return Ballot("To-do", "", render_line(media.title, media.entities), options, has_boxes=True)
