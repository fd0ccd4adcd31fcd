"""What the files of an export folder do not show, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tobs.cli.tables import clean_text
from tobs.core.fidelity import ChatFidelity, list_words
from tobs.core.words import say_count, say_list


def print_fidelity(chats: Iterable[ChatFidelity]) -> None:
    """Print for each chat what its formats do not show, what most messages have first."""
    for chat in chats:
        print(f"\nWhat the files of {clean_text(chat.title) or '(no name)'} ({chat.id}) do not show:")
        for line in _describe_chat(chat):
            print(f"  {clean_text(line)}")


def _describe_chat(chat: ChatFidelity) -> Iterator[str]:
    if chat.withheld:
        yield f"all formats: {say_count(chat.withheld, 'medium', 'media')} withheld by Telegram"
    if chat.unsupported:
        yield f"all formats: {say_count(chat.unsupported, 'message')} that this version does not understand; they are named"
    for name, omissions in chat.formats.items():
        if omissions.groups:
            yield f"{name}:"
            yield from (f"  {each}" for each in list_words(omissions, with_minor=True))
    if whole := [name for name, omissions in chat.formats.items() if not omissions.groups]:
        yield f"{say_list(whole)}: nothing is left out"
