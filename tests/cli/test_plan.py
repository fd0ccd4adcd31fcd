"""The command that the guide's answers are: it names the chats that were meant, and a shell reads it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tobs.archive.known import KnownChat, KnownFolder
from tobs.cli.guide.again import plan_again
from tobs.cli.guide.plan import Plan, name_chat
from tobs.cli.guide.telling import write_command
from tobs.core.choice import MediaChoice
from tobs.core.media import FILE_KINDS
from tobs.core.model import Chat
from tobs.core.request import Selection
from tobs.settings import Settings

ID = -1_002_000_000_001


def chat(title: str, username: str = "", kind: str = "supergroup", number: int = ID) -> Chat:
    return Chat(0, number, kind, title, username)


@pytest.mark.parametrize(
    ("meant", "name"),
    [
        (chat("Saved Messages", kind="saved"), "me"),
        (chat("Team", "team_chat"), "@team_chat"),
        (chat("Team & 'friends'"), "Team & 'friends'"),
        (chat("Twins"), str(ID)),
        (chat("-rf"), str(ID)),
        (chat("12345"), str(ID)),
        (chat("me"), str(ID)),
        (chat(" Team "), str(ID)),
        (chat("@other"), str(ID)),
        (chat("https://t.me/other"), str(ID)),
        (chat("+49 151 1234567"), str(ID)),
        (chat("Te\x1b[2Jam"), str(ID)),
        (chat(""), str(ID)),
    ],
)
def test_a_chat_is_called_so_that_no_other_one_is_meant(meant: Chat, name: str) -> None:
    others = [meant, chat("TWINS", number=ID - 1), chat("Other", "other", number=ID - 2)]
    assert name_chat(meant, others) == name


def test_a_plan_is_one_command_and_the_same_request(tmp_path: Path) -> None:
    plan = Plan(
        ("Team $HOME",), ("Work",), media="photo", max_size=0, since="1y", output=tmp_path, account="7"
    )
    assert write_command(plan.write()) == (
        f"tobs export 'Team $HOME' --folder Work --media photo --max-size 0 --since 1y -o {tmp_path} --account 7"
    )
    request = plan.as_request(Settings())
    assert (request.chats, request.output) == (("Team $HOME",), tmp_path)
    assert request.selection == Selection(folders=("Work",))
    assert request.media == MediaChoice(("photo",), 0)
    assert Plan(is_all=True).write() == ["export", "--all"]


def test_who_comes_back_goes_on_with_each_chat_as_it_began() -> None:
    chats = (
        KnownChat(chat("Team", "team_chat"), 5),
        KnownChat(chat("Old", number=ID - 1), 5, "2026-01-01"),
        KnownChat(Chat(7, 7, "saved", "Saved Messages"), 1),
        KnownChat(Chat(8, 9, "private", "Somebody else's"), 1),
    )
    known = KnownFolder(chats, ("markdown",), MediaChoice(FILE_KINDS, 100_000_000, ("pdf", "epub")))
    assert [each.write() for each in plan_again(known, 7, Settings())] == [
        ["export", "@team_chat", "me", "--media", "all", "--include-ext", "pdf,epub"],
        ["export", str(ID - 1), "--media", "all", "--since", "2026-01-01", "--include-ext", "pdf,epub"],
    ]
    nothing = KnownFolder(chats[:1], choice=MediaChoice(()))
    assert [each.media for each in plan_again(nothing, 7, Settings())] == ["none"]
