"""Which files of a chat are downloaded: the choice, its rule, and when a file that failed is tried again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tobs.core.media import FILE_KINDS
from tobs.core.medianames import find_extension
from tobs.core.words import say_size
from tobs.errors import UsageError

NOT_SELECTED = "not selected"
TOO_LARGE = "too large for your limit"
"""How the reason begins; the limit stands behind it."""

_DAY_SECONDS = 86_400
_MOST_DAYS = 32


@dataclass(frozen=True, slots=True)
class MediaChoice:
    """Which files are downloaded; the last choice is kept in the archive, since notes name it as a reason.

    `kinds` are of FILE_KINDS; `max_bytes` is what one file may have, 0 for any; extensions are in lower case and
    without a dot, no `included` ones means any.
    """

    kinds: tuple[str, ...] = FILE_KINDS
    max_bytes: int = 100_000_000
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


def judge_file(choice: MediaChoice, kinds: Iterable[str], size_bytes: int, mime: str, name: str) -> str:
    """Return why a file that was sent as one of these kinds is not chosen; empty when it is."""
    if not list_taken(choice, kinds, mime, name):
        return NOT_SELECTED
    if choice.max_bytes and size_bytes > choice.max_bytes:
        return f"{TOO_LARGE} of {say_size(choice.max_bytes)}"
    return ""


def list_taken(choice: MediaChoice, kinds: Iterable[str], mime: str, name: str) -> list[str]:
    """Return those of these kinds as one of which a file is chosen, if it is not too large."""
    return [
        each
        for each in kinds
        if each in choice.kinds and _takes_extension(choice, find_extension(each, mime, name))
    ]


def _takes_extension(choice: MediaChoice, extension: str) -> bool:
    return extension not in choice.excluded and (not choice.included or extension in choice.included)


def find_retry(tries: int, at: float, *, is_lasting: bool) -> float:
    """Return from when on (UTC seconds) a file that failed for the `tries`-th time at `at` is wanted again.

    That is the next run; where the cause is a lasting one, a run after one day, then two, then four, up to a month.
    """
    return at + min(2 ** (tries - 1), _MOST_DAYS) * _DAY_SECONDS if is_lasting else at


_OTHER_WORDS = {"music": "audio", "gif": "animation", "file": "document"}


def choose_kinds(*, photos: bool, videos: bool, audio: bool, other: bool) -> tuple[str, ...]:
    """Return the kinds of which each is in one of four groups that are wanted or not."""
    groups = {"photo": photos, "video": videos, "round": videos, "voice": audio, "audio": audio}
    return tuple(each for each in FILE_KINDS if groups.get(each, other))


def parse_kinds(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds that lists with commas name: of FILE_KINDS, or `all`, or `none`. Raises UsageError."""
    words = [word.strip().casefold() for text in texts for word in text.split(",")]
    words = list(dict.fromkeys(word for word in words if word))
    if words in (["all"], ["none"]):
        return FILE_KINDS if words == ["all"] else ()
    if lone := {"all", "none"}.intersection(words):
        raise UsageError(f"--media {min(lone)} stands alone.", hint="Leave it out, or the other words.")
    known = {**{each: each for each in FILE_KINDS}, **_OTHER_WORDS}
    kinds = [known.get(word) or known.get(word.removesuffix("s"), "") for word in words]
    if not kinds or not all(kinds):
        wrong = next((word for word, kind in zip(words, kinds, strict=True) if not kind), "")
        raise UsageError(
            f"--media does not know {wrong!r}." if wrong else "--media names nothing.",
            hint=f"It takes all, none, or a list of {', '.join(FILE_KINDS)}.",
        )
    return tuple(each for each in FILE_KINDS if each in kinds)


def parse_extensions(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the extensions that lists with commas name, in lower case and without dots."""
    words = (word.strip().lstrip(".").casefold() for text in texts for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))
