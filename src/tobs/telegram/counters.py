"""What changes without an edit: the counters of a message, typed where people read them and mirrored where not."""

from __future__ import annotations

from typing import Any

from telethon.tl import types as tl

from tobs.core.media import Values
from tobs.core.model import Counters, FactCheck, PollResult, Reaction, Reactor, Suggestion
from tobs.telegram.documents import find_document
from tobs.telegram.entities import text_of
from tobs.telegram.fields import MOVING, WAYS
from tobs.telegram.peers import mark_peer
from tobs.telegram.rest import Rest, list_moving, plain_value

_TYPED = ("views", "forwards", "replies", "reactions", "pinned", "from_rank", "factcheck", "suggested_post")
_UNTYPED = {name: None for name in MOVING["Message"] if name not in _TYPED}
_REST = Rest(only=tuple(_UNTYPED))
_ALL = frozenset(MOVING["Message"])


def read_counters(message: Any, *, is_service: bool) -> Counters | None:
    """Return a message's counters, or None when there is nothing to count."""
    other = {}
    for name in WAYS["MessageService" if is_service else "Message"]:
        value = getattr(message, name)
        if value is not None and (moving := list_moving(value)):
            other[name] = moving
    if not other and _ALL.isdisjoint(vars(message)):
        return None
    counters = Counters(other=other)
    if not _UNTYPED.keys().isdisjoint(vars(message)):
        other |= _REST.read(message)
    if message.reactions is not None:
        _read_reactions(message.reactions, counters, other)
    if not is_service:
        _read_more(message, counters, other)
    return counters


def _read_more(message: Any, counters: Counters, other: Values) -> None:
    """Fill in what only ordinary messages have."""
    counters.views = message.views or 0
    counters.forwards = message.forwards or 0
    counters.is_pinned = bool(message.pinned)
    counters.rank = message.from_rank or ""
    if message.replies is not None:
        moving = list_moving(message.replies)
        counters.replies = moving.pop("replies", 0)
        if moving:
            other["replies"] = moving
    if message.factcheck is not None:
        counters.fact_check = _read_check(message.factcheck)
    if message.suggested_post is not None:
        counters.suggestion = _read_suggestion(message.suggested_post)
    if "media" in other:
        _read_media(message.media, counters, other)


_REACTOR = Rest("peer_id", "date", "reaction", "big", "my")
_PAYER = Rest("peer_id", "count", "my")


def _read_reactions(reactions: Any, counters: Counters, other: Values) -> None:
    counters.reactions = [_read_reaction(each) for each in reactions.results]
    for each in reactions.recent_reactions or ():
        reactor = Reactor(mark_peer(each.peer_id) or 0, name_reaction(each.reaction), each.date)
        reactor.is_own, reactor.is_big = bool(each.my), bool(each.big)
        reactor.other = _REACTOR.read(each)
        counters.reactors.append(reactor)
    for each in reactions.top_reactors or ():
        payer = Reactor(mark_peer(each.peer_id) or 0, "paid", count=each.count, is_own=bool(each.my))
        payer.other = _PAYER.read(each)
        counters.top_reactors.append(payer)
    if reactions.can_see_list or reactions.reactions_as_tags:
        flags = {name: True for name in ("can_see_list", "reactions_as_tags") if getattr(reactions, name)}
        other["reactions"] = flags


def _read_reaction(count: Any) -> Reaction:
    order = count.chosen_order
    return Reaction(name_reaction(count.reaction), count.count, is_own=order is not None, order=order or 0)


def name_reaction(reaction: Any) -> str:
    """Return an emoji, `custom:<document id>` or `paid`; empty for none."""
    if isinstance(reaction, tl.ReactionEmoji):
        return str(reaction.emoticon)
    if isinstance(reaction, tl.ReactionCustomEmoji):
        return f"custom:{reaction.document_id}"
    return "paid" if isinstance(reaction, tl.ReactionPaid) else ""


_CHECK = Rest("text", "country")


def _read_check(check: Any) -> FactCheck:
    text, entities = text_of(check.text)
    return FactCheck(text, entities, check.country or "", _CHECK.read(check))


_SUGGESTION = Rest("accepted", "rejected", "price", "schedule_date")


def _read_suggestion(post: Any) -> Suggestion:
    found = Suggestion(bool(post.accepted), bool(post.rejected), date=post.schedule_date or 0)
    found.other = _SUGGESTION.read(post)
    if post.price is not None:
        found.amount = post.price.amount
        found.currency = "XTR" if isinstance(post.price, tl.StarsAmount) else "TON"
        if nanos := getattr(post.price, "nanos", 0):
            found.other["nanos"] = nanos
    return found


def _read_media(media: Any, counters: Counters, other: Values) -> None:
    """Put votes and the copies of a video where people look for them."""
    if isinstance(media, tl.MessageMediaPoll) and media.results is not None:
        _count_votes(media.results, counters, other)
    elif isinstance(media, tl.MessageMediaDocument):
        del other["media"]
        counters.qualities = [found for each in media.alt_documents if (found := find_document(each))]


def _count_votes(results: Any, counters: Counters, other: Values) -> None:
    counters.voters = results.total_voters or 0
    counters.poll = [
        PollResult(
            each.option.hex(),
            each.voters or 0,
            is_own=bool(each.chosen),
            is_correct=bool(each.correct),
            recent=plain_value(each.recent_voters or []),
        )
        for each in results.results or ()
    ]
    said = other["media"].get("results", {})
    for name in ("results", "total_voters"):
        said.pop(name, None)
    if not said:
        other["media"].pop("results", None)
    if not other["media"]:
        del other["media"]
