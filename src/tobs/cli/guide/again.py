"""The export of those who come back: what is new in the chats that a folder has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tobs.cli.guide.plan import Plan
from tobs.core.ids import SHARED_ACCOUNT
from tobs.core.media import FILE_KINDS

if TYPE_CHECKING:
    from tobs.archive.known import KnownFolder
    from tobs.core.choice import MediaChoice
    from tobs.core.model import Chat
    from tobs.settings import Settings


def plan_again(known: KnownFolder, account: int, settings: Settings) -> list[Plan]:
    """Return the exports that go on with a folder: one for the chats that it has whole, and one for each day others begin at."""
    begins: dict[str, list[str]] = {}
    for each in known.chats:
        if each.chat.account in {SHARED_ACCOUNT, account}:
            begins.setdefault(each.since, []).append(_name(each.chat))
    plan = _repeat_choice(known.choice, settings) if known.choice else Plan()
    return [
        Plan(tuple(names), media=plan.media, max_size=plan.max_size, since=since, rest=plan.rest)
        for since, names in sorted(begins.items())
    ]


def _name(chat: Chat) -> str:
    """Return a name that is sure to mean this chat: of titles the archive does not know who else has them."""
    if chat.kind == "saved":
        return "me"
    return f"@{chat.username}" if chat.username else str(chat.id)


def _repeat_choice(choice: MediaChoice, settings: Settings) -> Plan:
    words = {FILE_KINDS: "all", (): "none"}
    extensions = (("--include-ext", choice.included), ("--exclude-ext", choice.excluded))
    return Plan(
        media=words.get(choice.kinds) or ",".join(choice.kinds),
        max_size=None if choice.max_bytes == settings.max_size else choice.max_bytes,
        rest=tuple(word for name, values in extensions if values for word in (name, ",".join(values))),
    )
