"""What of a message is shown, and how it was before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from tobs.core.media import Entity
from tobs.core.model import FactCheck, Message, Suggestion
from tobs.core.words import say_money
from tobs.writers.scene import Scene

_Drawn = TypeVar("_Drawn", bound=str)


def list_entities(message: Message) -> list[Entity]:
    """Return the spans of a message's text, which is struck through when the message is gone."""
    if not message.gone_at:
        return message.content.entities
    # One style over all of the text; what was struck through by its writer is so as well.
    units = len(message.text.encode("utf-16-le", "surrogatepass")) // 2
    return [Entity("strike", 0, units), *(each for each in message.content.entities if each.kind != "strike")]


def is_unsupported(message: Message) -> bool:
    """Tell whether something of a message cannot be shown."""
    return bool(message.content.unsupported) or message.kind == "withheld"


def name_unsupported(message: Message) -> list[str]:
    """Return what cannot be shown of a message, if there is anything."""
    found = ["Medium withheld by Telegram"] if message.kind == "withheld" else []
    if message.content.unsupported:
        found.append(f"Not understood by this version of tobs: {message.content.unsupported}")
    return found


def title_check(check: FactCheck) -> str:
    """Return what stands above the words of those who checked a message."""
    return f"Fact check ({check.country})" if check.country else "Fact check"


def say_suggestion(scene: Scene, post: Suggestion) -> str:
    """Return what a suggested post costs, when it is to appear, and what became of it."""
    words = ["Suggested post", say_money(post.amount, post.currency) if post.amount else ""]
    words.append(f"for {scene.calendar.moment(post.date)}" if post.date else "")
    words.append("accepted" if post.is_accepted else "rejected" if post.is_rejected else "")
    return " · ".join(filter(None, words))


def list_earlier(
    scene: Scene, message: Message, render: Callable[[Message], _Drawn]
) -> Iterator[tuple[str, _Drawn]]:
    """Yield moment and rendering of each earlier version; those that looked like the next one are left out."""
    if not scene.projection.show_edits:
        return
    versions = scene.reader.versions(scene.links.chat, message.id)
    bodies = [render(each) for each in (*versions, message)]
    for each, body, following in zip(versions, bodies, bodies[1:], strict=False):
        if body and body != following:
            yield scene.calendar.moment(each.edit_date or each.date), body
