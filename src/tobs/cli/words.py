"""Events as sentences."""

from __future__ import annotations

from tobs.core.events import Event, Failed, Said, Waiting


def put_in_words(event: Event) -> str:
    """Return the sentence of an event, or nothing for what is only counted."""
    if isinstance(event, Said):
        return event.text
    if isinstance(event, Waiting):
        return f"Waiting {event.seconds:.0f} s, asked by Telegram ({event.method})"
    if isinstance(event, Failed):
        is_named = not event.entity_name or event.entity_name in event.text
        name = "" if is_named else f"{event.entity_name}: "
        return f"{name}{event.text} {event.hint}".rstrip()
    return ""
