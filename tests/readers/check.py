"""Has other programs read what `export.py` exported, and compares with what the archive has: for `nox -s readers`.

It runs where those programs are installed and tobs is not. A warning of theirs is an error.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chatpack
from chatminer.chatparsers import TelegramJsonParser
from tg_parser.infrastructure.readers.telegram_json import TelegramJSONReader

ZONE = ZoneInfo("Europe/Berlin")


class Strict(logging.Handler):
    """Raises for what a program finds worth a warning."""

    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError(record.getMessage())


def say_utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def squeeze(text: str) -> str:
    return "".join(text.split())


def check_chatpack(path: str, chat: dict[str, Any]) -> int:
    """It reads messages with words; not one of a chat that was merged with the group that it was before."""
    if chat["is_merged"]:
        # When this passes no more, chatpack reads negative ids, and docs/json.md has to say so.
        assert "expected u64" in find_error(path)
        return 0
    wanted = [
        (each["author"], each["text"].strip(), say_utc(each["date"]))
        for each in chat["messages"]
        if each["text"].strip() and not each["kind"]
    ]
    for found in (chatpack.TelegramParser().parse(path), list(chatpack.TelegramStreamParser(path))):
        compare(
            "chatpack", path, [(each.sender, each.content.strip(), each.timestamp) for each in found], wanted
        )
    return len(wanted)


def find_error(path: str) -> str:
    """Return why chatpack does not read a file, or nothing when it does."""
    try:
        chatpack.TelegramParser().parse(path)
    except ValueError as error:
        return str(error)
    return ""


def check_tg_parser(path: str, chat: dict[str, Any]) -> int:
    reader = TelegramJSONReader()
    assert reader.validate(Path(path)) == []
    wanted = [
        (
            each["author"],
            datetime.fromtimestamp(each["date"], ZONE).replace(tzinfo=None),
            each["text"],
            "service" if each["kind"] else "",
        )
        for each in chat["messages"]
        if each["kind"] not in SPEAKING
    ]
    found = [
        (
            each.author_name,
            each.timestamp,
            each.text,
            "service" if each.message_type.value == "service" else "",
        )
        for each, said in zip(reader.read(Path(path)).messages, chat["messages"], strict=True)
        if said["kind"] not in SPEAKING
    ]
    compare("tg-parser", path, found, wanted)
    return len(chat["messages"])


SPEAKING = ("web_view_data_sent", "web_view_data_sent_me")
"""Service messages with a text that the archive has elsewhere."""


def check_chat_miner(path: str, chat: dict[str, Any]) -> int:
    """It puts spaces between the parts of a text, and takes a service message with a `from` for a message."""
    wanted = [
        (
            each["author"],
            datetime.fromtimestamp(each["date"], UTC).replace(tzinfo=None),
            squeeze(each["text"]),
        )
        for each in chat["messages"]
        if each["kind"] in {"", "geo_proximity_reached"}
    ]
    parser = TelegramJsonParser(path)
    parser.parse_file()
    rows = parser.parsed_messages.get_df().iter_rows() if wanted else ()
    compare("chat-miner", path, [(author, date, squeeze(text)) for date, author, text in rows], wanted)
    return len(wanted)


def compare(
    program: str, path: str, found: Iterable[tuple[Any, ...]], wanted: Iterable[tuple[Any, ...]]
) -> None:
    left, right = sorted(found), sorted(wanted)
    assert len(left) == len(right), f"{program}: {len(left)} messages of {len(right)} in {path}"
    for one, other in zip(left, right, strict=True):
        assert one == other, f"{program}: {one} is {other} in the archive ({path})"


def main() -> None:
    folder = Path(sys.argv[1])
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger().addHandler(Strict(logging.WARNING))
    warnings.simplefilter("error")
    # chat-miner uses what newer Pythons advise against.
    warnings.filterwarnings(
        "ignore", message="datetime.datetime.utcfromtimestamp", category=DeprecationWarning
    )
    chats = json.loads((folder / "archive.json").read_text(encoding="utf-8"))
    for check in (check_chatpack, check_tg_parser, check_chat_miner):
        messages = sum(check(str(folder / each["path"]), each) for each in chats)
        merged = sum(each["is_merged"] for each in chats)
        refused = f", {merged} merged with its old group refused" if check is check_chatpack else ""
        name = check.__name__.removeprefix("check_")
        sys.stdout.write(f"{name}: {len(chats)} chats, {messages} messages equal{refused}\n")


if __name__ == "__main__":
    main()
