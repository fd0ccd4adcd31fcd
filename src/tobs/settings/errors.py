"""Where a value was found, and the sentence about one that tobs cannot take."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from tobs.errors import SettingError
from tobs.settings.keys import PREFIX, find_key

ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was found: `place` is flag, environment, .env, config.toml or default."""

    place: str
    name: str = ""

    def __str__(self) -> str:
        """Return the words that stand in messages."""
        return (
            self.name if self.place == "flag" else f"{self.name} ({self.place})" if self.name else self.place
        )


def describe_bad(field: str, origin: Origin, value: object) -> SettingError:
    """Return the error for a value that a key does not take, with where it was found."""
    key = find_key(field)
    instead = "" if key.is_private else f", not {_say_value(value)!r}"
    wins = (
        f"If another program needs that value, set {key.name}, which wins."
        if origin.name == field.upper()
        else ""
    )
    return SettingError(f"{origin} must be {key.expects}{instead}.", hint=wins)


def describe_unknown(name: str, place: str, known: Iterable[str]) -> SettingError:
    """Return the error for a name that is no key's, with the nearest that is."""
    # The prefix, which all have, would make everything look near.
    bare = {each.lower().removeprefix(PREFIX.lower()): each for each in sorted(known)}
    near = difflib.get_close_matches(name.lower().removeprefix(PREFIX.lower()), bare, n=1)
    nearest = f"; the nearest one is {bare[near[0]]}" if near else ""
    where = "the environment" if place == ENVIRONMENT else place
    return SettingError(
        f"{name} in {where} is not a setting of tobs{nearest}.",
        hint="Correct or remove it.",
    )


def _say_value(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
