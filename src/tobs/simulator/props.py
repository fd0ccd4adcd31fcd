"""The media of a play, written as `[kind argument]`; parts of an argument are divided by ` | `."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator.corpus import files, media

_DAY = datetime(2026, 6, 20, 12, 0, tzinfo=UTC)
_MIMES = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "txt": "text/plain",
    "zip": "application/zip",
    "gpx": "application/gpx+xml",
    "stl": "model/stl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
}


def make_prop(kind: str, argument: str) -> Any:
    """Return the medium that a play asks for. Errors: KeyError names an unknown kind."""
    return _MAKERS[kind](*(part.strip() for part in argument.split(" | ")))


def make_album(argument: str) -> list[Any]:
    """Return the photos of an album from `key count`."""
    key, count = argument.split()
    return [files.photo_media(f"{key}-{number}") for number in range(1, int(count) + 1)]


def _file(name: str, kilobytes: str = "120") -> Any:
    return files.named(name, _MIMES[name.rsplit(".", 1)[-1]], int(kilobytes) * 1_000 + 317)


def _place(lat: str, long: str, title: str = "", address: str = "") -> Any:
    if not title:
        return types.MessageMediaGeo(files.place(float(lat), float(long)))
    return files.venue(float(lat), float(long), title, address)


def _poll(question: str, *answers: str) -> Any:
    """Make a poll; each answer is written as `words = votes`."""
    pairs = [answer.rsplit("=", 1) for answer in answers]
    return media.poll(
        question,
        [words.strip() for words, _ in pairs],
        [int(votes) for _, votes in pairs],
        public_voters=True,
    )


def _todo(title: str, *tasks: str) -> Any:
    """Make a to-do list; a task that begins with `x ` is done."""
    items, done = [], []
    for number, task in enumerate(tasks, start=1):
        items.append(types.TodoItem(number, types.TextWithEntities(task.removeprefix("x "), [])))
        if task.startswith("x "):
            done.append(types.TodoCompletion(number, types.PeerUser(5_100_000_011), _DAY))
    todo = types.TodoList(
        types.TextWithEntities(title, []), items, others_can_append=True, others_can_complete=True
    )
    return types.MessageMediaToDo(todo, done)


def _contact(number: str, first: str, last: str = "") -> Any:
    return types.MessageMediaContact(number, first, last, "", 0)


_MAKERS: dict[str, Callable[..., Any]] = {
    "photo": files.photo_media,
    "portrait": lambda key: files.photo_media(key, 960, 1280),
    "video": lambda key, seconds="14": files.video(key, float(seconds), int(seconds) * 260_000),
    "round": files.round_video,
    "voice": lambda key, seconds="9": files.voice(key, int(seconds)),
    "audio": files.audio,
    "gif": files.animation,
    "sticker": lambda alt: files.sticker(f"demo/{alt}", alt, "animated"),
    "file": _file,
    "place": _place,
    "poll": _poll,
    "quiz": lambda _: media.quiz(),
    "todo": _todo,
    "link": files.web_page,
    "contact": _contact,
    "dice": lambda emoji, value: types.MessageMediaDice(int(value), emoji),
}
