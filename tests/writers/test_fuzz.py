"""Texts and names that chance puts together of attacks and their pieces, through every writer and onto the disk."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from attacks import ADDRESSES, ATTACKS
from tobs._util.inside import find_inside
from tobs.core.fidelity import Omissions
from tobs.core.media import Answer, Button, Contact, Entity, File, Media, Place, Poll
from tobs.core.medianames import name_medium, name_processed, number_path
from tobs.core.model import Chat, Content, Forward, Message, Reply
from tobs.core.names import MAX_BYTES, fold_name, safe_name
from tobs.core.request import FlavorName, Projection
from tobs.export.project import list_partitions
from tobs.writers.registry import make_writer
from unharmed import check_lines, check_names, check_notes, check_pages, list_drawn
from writers.dialect import make_reader
from writers.memory import MemoryReader, make_message

PIECES = (
    *"\x00\x07\t\n\n\n\r\x1b\x7f\x85\x9b\xa0\u200b\u200d\u202e\u2028\ufeff./\\:<>\"'&|%#^[]{}()*_~`=$!-+ 1aZé😀",
    *("---", "[[", "]]", "![", "](", "%%", "||", "==", "~~", "**", "::", "```", "<%", "<b>", "&lt;", "1. ", "    ", "$=", "^m1"),
)  # fmt: skip
KINDS = (
    "bold", "italic", "underline", "strike", "spoiler", "code", "pre", "blockquote", "text_url", "url", "email", "hashtag",
    "mention", "mention_name", "cashtag", "phone", "bot_command", "custom_emoji", "formatted_date", "diff_replace", "nonsense",
)  # fmt: skip
TAKEN = {"chats", "chats.md", "chats (new).md", "chats.html", "chats (new).html", "tobs-assets"}
"""Names that an archive gives to no chat (archive/schema/001.sql): they are those of the index."""
START = 1_772_400_000
ROUND = 100
FORMATS = ("markdown", "commonmark", "html", "json", "jsonl")


class Stranger:
    """Words messages, names and files by chance."""

    def __init__(self, seed: object) -> None:
        self.chance = random.Random(f"stranger {seed}")

    def word(self) -> str:
        """Return a text of attacks and of pieces of them."""
        chance = self.chance
        words = []
        for _ in range(chance.randint(0, 5)):
            attack = chance.choice(ATTACKS)
            start = chance.randrange(len(attack))
            words.append(
                chance.choice(
                    (attack, attack[start : start + chance.randint(1, 9)], *chance.choices(PIECES, k=3))
                )
            )
        return "".join(words)

    def address(self) -> str:
        """Return an address of a link."""
        return self.chance.choice((*ADDRESSES, self.word(), f"https://example.org/{self.word()}"))

    def mark(self, text: str) -> list[Entity]:
        """Return entities that lie anywhere."""
        chance, length = self.chance, len(text)
        return [
            Entity(
                chance.choice(KINDS),
                chance.randint(-1, length),
                chance.randint(0, length + 2),
                chance.choice(("", "12", "python", self.address())),
                collapsed=chance.random() < 0.2,
            )
            for _ in range(chance.choice((0, 0, 1, 2, 4)))
        ]

    def attach(self) -> Media | None:
        """Return a medium that quotes strangers, or none."""
        word = self.word
        made: list[Any] = [
            Media("document", File(7, "document", 9, word(), word())),
            Media("audio", File(8, "document", 9, "audio/mpeg", word()), title=word(), performer=word()),
            Media(
                "web_page", title=word(), description=word(), url=self.address(), site=word(), author=word()
            ),
            Media("contact", contact=Contact(word(), word(), word())),
            Media("venue", place=Place(1.0, 2.0, title=word(), address=word())),
            Media(
                "poll",
                poll=Poll(
                    word(), [Answer(word(), "30", self.mark("xxxx")), Answer(word(), "31")], solution=word()
                ),
            ),
            Media("invoice", title=word(), description=word(), currency=word(), amount=5),
        ]
        found: Media | None = self.chance.choice((None, None, None, *made))
        return found

    def say(self, number: int) -> Message:
        """Return a message."""
        chance, text = self.chance, self.word()
        content = Content(
            self.mark(text),
            self.attach(),
            Reply(chance.randint(1, number), quote=self.word())
            if number > 1 and chance.random() < 0.2
            else None,
            Forward(START, name=self.word()) if chance.random() < 0.2 else None,
            author=self.word() if chance.random() < 0.1 else "",
            buttons=[[Button(self.word(), url=self.address())]] if chance.random() < 0.1 else [],
        )
        return make_message(
            number, START + number * 60, text, sender_id=chance.randint(1, 9), content=content
        )


def draw_round(folder: Path, name: str, seed: object) -> list[Message]:
    """Draw a chat of a hundred messages in one format, and fail unless the files are only what tobs writes."""
    stranger = Stranger(seed)
    title = stranger.word()
    basename = safe_name(title, fallback="Chat 5")
    if fold_name(basename) in TAKEN:
        basename += " (5)"
    chat = Chat(0, -1_000_000_000_005, "supergroup", title, "", basename)
    reader = MemoryReader(names={number: stranger.word() for number in range(1, 10)})
    reader.add(chat, [stranger.say(number) for number in range(1, ROUND + 1)])
    flavor: FlavorName = "commonmark" if name == "commonmark" else "obsidian"
    writer = make_writer(
        "markdown" if name == "commonmark" else name, reader, Projection("UTC", flavor=flavor)
    )
    files = {each.path: each.body for each in (*writer.list_index(), *writer.list_about(chat, Omissions()))}
    for partition in list_partitions(reader, writer, chat):
        frame = writer.frame(partition) if writer.traits.joins_parts else None
        drawn = [each for part in writer.list_parts(partition) for each in writer.render_part(part)]
        if frame:
            bodies = writer.traits.between.join(each.body for each in drawn if each.body)
            files[frame.path] = frame.head + bodies + frame.tail
        else:
            files |= {each.path: each.body for each in drawn}
    for path, body in files.items():
        find_inside(folder, path).parent.mkdir(parents=True, exist_ok=True)
        find_inside(folder, path).write_bytes(body)
    return reader.stored[chat.key]


def check_round(folder: Path, name: str, seed: object) -> None:
    said = draw_round(folder, name, seed)
    check_names(folder)
    if name in {"markdown", "commonmark"}:
        check_notes(folder, make_reader() if name == "markdown" else MarkdownIt("commonmark"))
    elif name == "html":
        check_pages(folder)
    else:
        check_lines(folder)
        check_words(folder, said)


def check_words(folder: Path, said: list[Message]) -> None:
    """Programs get every text as it was typed."""
    for path in list_drawn(folder, "result.json"):
        texts = [
            "".join(part["text"] for part in each["text_entities"])
            for each in json.loads(path.read_bytes())["messages"]
        ]
        assert texts == [each.text for each in said]
    for path in list_drawn(folder, "messages.jsonl"):
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert [line.get("text", "") for line in lines] == [each.text for each in said]


def write_rounds(folder: Path, name: str, seed: int, count: int) -> None:
    for number in range(count):
        place = folder / str(number)
        place.mkdir()
        try:
            check_round(place, name, f"{seed} {number}")
        except AssertionError as error:
            raise AssertionError(f"check_round(…, {name!r}, '{seed} {number}')") from error
        shutil.rmtree(place)


def place_names(folder: Path, seed: int, count: int) -> None:
    """Give chats and files names by chance, make them, and find each in its place and under no other's name."""
    stranger = Stranger(f"names {seed}")
    for start in range(0, count, ROUND):
        root = folder / str(start)
        root.mkdir()
        taken: dict[str, int] = {}
        for number in range(ROUND):
            title = stranger.word()
            name = safe_name(title, fallback=f"Chat {number}")
            assert safe_name(name, fallback="x") == name, ascii(title)
            name = name if taken.setdefault(fold_name(name), number) == number else f"{name} ({number})"
            medium = name_medium(START, "UTC", f"{number}", "document", stranger.word(), stranger.word())
            for path in (medium, number_path(medium, 2), name_processed(medium, ".1280px.webp")):
                place = find_inside(root, f"{name}/media/{path}")
                assert len(place.name.encode()) <= MAX_BYTES, ascii(title)
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("xb"):
                    pass
        check_names(root)
        assert sum(each.is_file() for each in root.rglob("*")) == 3 * ROUND
        assert len([*root.iterdir()]) == ROUND
        shutil.rmtree(root)


@pytest.mark.parametrize("name", FORMATS)
def test_words_by_chance_are_text_in_every_format(tmp_path: Path, name: str) -> None:
    write_rounds(tmp_path, name, 0, 2)


def test_names_by_chance_stay_in_their_places(tmp_path: Path) -> None:
    place_names(tmp_path, 0, 200)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 11))
@pytest.mark.parametrize("name", FORMATS)
def test_a_hundred_thousand_messages_by_chance_are_text_in_every_format(
    tmp_path: Path, name: str, seed: int
) -> None:
    write_rounds(tmp_path, name, seed, 10_000 // ROUND)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 11))
def test_a_hundred_thousand_names_by_chance_stay_in_their_places(tmp_path: Path, seed: int) -> None:
    place_names(tmp_path, seed, 10_000)
