"""One message, or one album, made ready for its template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from tobs.core.model import Counters, Forward, Message
from tobs.core.names import has_visible
from tobs.writers.answers import (
    Origin,
    find_origin,
    find_post,
    find_reply,
    find_subject,
    look_at_partner,
    name_forwarder,
    say_forward,
)
from tobs.writers.bodies import list_earlier, list_entities, name_unsupported, say_suggestion, title_check
from tobs.writers.clean import clean_line
from tobs.writers.counts import find_counted, list_counts, name_reaction
from tobs.writers.heads import are_gone, find_head, say_action, say_gone
from tobs.writers.html.blocks import render_page
from tobs.writers.html.media import FactCard, Note, Piece, Shown, list_buttons, list_pieces
from tobs.writers.html.shape import link_target
from tobs.writers.html.templates import load_macros
from tobs.writers.html.text import EMPTY, make_link, render_line, render_text
from tobs.writers.links import Target, cut_words, make_anchor
from tobs.writers.scene import Scene

_LINK_LENGTH = 50
_HUES = 8


@dataclass(slots=True)
class Link:
    """Words that lead to a message of the chat's pages; without an address they only stand there."""

    words: str
    address: str = ""


@dataclass(slots=True)
class Quote:
    """What is answered: whose message with a link to it, or what else it is, and words of it."""

    origin: Link
    words: Markup


@dataclass(slots=True)
class Body:
    """What one message, or one member of an album, says; `notices` are what others added to it."""

    text: Markup
    pieces: list[Piece]
    page: Markup = EMPTY
    notices: list[Piece] = field(default_factory=list)
    earlier: list[tuple[str, Markup]] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """A message or album; `details` is the rest of its header, `is_near`: it goes on with what the one above began."""

    anchor: str
    moment: str
    sender: str
    hue: int
    details: str = ""
    is_gone: bool = False
    is_near: bool = False
    forward: Markup = EMPTY
    quote: Quote | None = None
    post: Link | None = None
    grid: list[Shown] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    buttons: list[list[Markup]] = field(default_factory=list)
    reactions: list[tuple[str, int, bool]] = field(default_factory=list)
    counts: list[Link] = field(default_factory=list)
    service: str = ""
    subject: Link | None = None

    @property
    def stamp(self) -> str:
        """The moment as HTML wants it."""
        return self.moment.replace(" ", "T")

    @property
    def clock(self) -> str:
        """The time of day."""
        return self.moment[11:]

    @property
    def has_foot(self) -> bool:
        """Tell whether anything stands below it."""
        return bool(self.reactions or self.counts or self.buttons)


class Desk:
    """Makes entries for the page at `path`."""

    def __init__(self, scene: Scene, path: str) -> None:
        self._scene = scene
        self._path = path

    def make_entry(self, members: list[Message], moment: str, anchor: str) -> Entry:
        """Return a message or album; `moment` is the first member's date as the calendar says it."""
        scene, first = self._scene, members[0]
        if first.content.action:
            return self._make_service(first, moment)
        head = find_head(scene, members, moment)
        entry = Entry(anchor, moment, scene.people.plain(head.sender_id), head.sender_id % _HUES)
        words = [
            f"via {clean_line(head.via)}" if head.via else "",
            f"by {clean_line(head.by)}" if head.by else "",
            f"signed {clean_line(head.author)}" if head.author else "",
            "pinned" if head.is_pinned else "",
            f"edited {head.edited}" if head.edited else "",
            head.gone,
        ]
        entry.details = " · ".join(filter(None, words))
        entry.is_gone = bool(head.gone)
        if post := scene.across.find_post(scene.links.chat, first.id):
            # The channel's pages have the words, and all that came with them.
            entry.quote = self._quote_origin(look_at_partner(scene, post))
        else:
            self._add_frame(entry, first)
            self._add_bodies(entry, members)
        self._add_foot(entry, members)
        return entry

    def _add_frame(self, entry: Entry, first: Message) -> None:
        content = first.content
        if content.forward:
            entry.forward = self._say_forward(content.forward)
        if not (content.reply or first.reply_to_id):
            return
        if reply := find_reply(first):
            entry.quote = self._quote_origin(find_origin(self._scene, reply))
            if reply.quote:
                entry.quote.words = render_line(reply.quote, reply.entities)
        if post := find_post(self._scene, first):
            entry.post = self._link(cut_words(post.words, _LINK_LENGTH), post)

    def _quote_origin(self, origin: Origin) -> Quote:
        if origin.target is None:
            return Quote(Link(f"{origin.label} {clean_line(origin.name)}".rstrip() + origin.rest), EMPTY)
        return Quote(self._link(origin.name, origin.target), escape(origin.words))

    def _say_forward(self, forward: Forward) -> Markup:
        typed, address = name_forwarder(self._scene, forward)
        name = make_link(clean_line(typed), address) if address else clean_line(typed)
        signed = f" ({clean_line(forward.author)})" if has_visible(forward.author) else ""
        moment = self._scene.calendar.moment(forward.date)
        return Markup("{} <bdi>{}</bdi>{} · {}").format(say_forward(forward), name, signed, moment)

    def _add_bodies(self, entry: Entry, members: list[Message]) -> None:
        """Add texts and media; pictures of an album that are here stand together in its grid."""
        is_partly_gone = len(members) > 1 and not are_gone(members)
        for member in members:
            body = self._make_body(member)
            if member.gone_at and is_partly_gone:
                body.pieces.append(Note(say_gone(self._scene, member)))
            if len(members) > 1:
                pictures = [each for each in body.pieces if isinstance(each, Shown) and each.is_picture]
                body.pieces = [each for each in body.pieces if each not in pictures]
                entry.grid += pictures
            body.earlier = [*list_earlier(self._scene, member, self._draw_body)]
            if any((body.text, body.pieces, body.page, body.notices, body.earlier)):
                entry.bodies.append(body)

    def _make_body(self, message: Message) -> Body:
        text = render_text(message.text, list_entities(message)) if message.text else EMPTY
        notes = [Note(clean_line(each)) for each in name_unsupported(message)]
        page = render_page(self._scene, message.content.page) if message.content.page else EMPTY
        return Body(
            text, [*list_pieces(self._scene, message), *notes], page, [*self._list_notices(message.counters)]
        )

    def _list_notices(self, counters: Counters) -> Iterator[Piece]:
        check = counters.fact_check
        if check and check.text:
            said = render_text(check.text, check.entities)
            yield FactCard(clean_line(title_check(check)), [], quote=said)
        if counters.suggestion:
            yield Note(clean_line(say_suggestion(self._scene, counters.suggestion)))

    def _draw_body(self, message: Message) -> Markup:
        drawn: Markup = load_macros("message.html").body(self._make_body(message))
        return drawn.strip()

    def _add_foot(self, entry: Entry, members: list[Message]) -> None:
        for member in members:
            entry.buttons += list_buttons(member.content.buttons)
        if counted := find_counted(self._scene, members):
            self._add_counts(entry, counted)

    def _add_counts(self, entry: Entry, message: Message) -> None:
        entry.reactions = [
            (clean_line(name_reaction(each.emoji)), each.count, each.is_own)
            for each in message.counters.reactions
        ]
        entry.counts = [
            self._link(said, target) if target else Link(said)
            for said, target in list_counts(self._scene, message)
        ]

    def _make_service(self, message: Message, moment: str) -> Entry:
        scene = self._scene
        entry = Entry(make_anchor(scene.links.chat, message.id), moment, "", 0)
        entry.service = clean_line(say_action(scene, message))
        if message.gone_at:
            entry.is_gone, entry.details = True, say_gone(scene, message)
        if subject := find_subject(scene, message):
            target, words = subject
            entry.subject = self._link(cut_words(words, _LINK_LENGTH), target)
        self._add_counts(entry, message)
        return entry

    def _link(self, words: str, target: Target) -> Link:
        return Link(words, link_target(target, self._path))
