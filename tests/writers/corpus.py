"""One chat with every kind of message, as a person would meet them."""

from __future__ import annotations

from datetime import UTC, datetime

from tobs.core.media import Answer, Block, Button, Contact, Entity, File, Media, Page, Place, Poll, Task
from tobs.core.model import (
    Action,
    Chat,
    Content,
    Counters,
    FactCheck,
    Forward,
    Message,
    PollResult,
    Reaction,
    Reply,
    Suggestion,
)
from tobs.core.ports.reader import FileState
from tobs.core.report import Tally
from writers.memory import MemoryReader, make_message

ALICE, BOB, CAROL, BOT, NEWS = 1, 2, 3, 4, -1_000_000_000_777
TEAM = Chat(0, -1_000_000_000_042, "supergroup", "Team chat", "teamchat", "Team chat")
CHANNEL = Chat(0, NEWS, "channel", "News & more", "news", "News & more")

NAMES = {
    ALICE: "Alice Doe",
    BOB: "Bob",
    CAROL: "[Carol] | *star*",
    BOT: "GIF",
    NEWS: "News & more",
    TEAM.id: "Team chat",
}


def at(text: str) -> int:
    """Return UTC seconds of `2026-03-14 09:01:12`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def make_team() -> MemoryReader:
    """Return an archive of the group with all that can be said in it."""
    reader = MemoryReader(names=dict(NAMES), usernames={BOT: "gif", NEWS: "news"}, tally=Tally(78, 3, 2, 0))
    reader.files = {
        8: FileState("done", "", "Team chat/media/2026-03/2026-03-14_090112_8_a b (1).jpg"),
        9: FileState("done", "", "Team chat/media/2026-03/2026-03-14_090112_9_report.docx"),
        10: FileState("done", "", "Team chat/media/2026-03/2026-03-14_090112_10_song.mp3"),
        11: FileState("failed", "withheld by Telegram", ""),
    }
    reader.add(TEAM, _number(_talk(), 1000, "2026-02-28 23:58:00"))
    reader.add(TEAM, _number([*_texts(), *_frames(), *_media(), *_facts()], 1100, "2026-03-14 08:01:12"))
    reader.add(TEAM, _number(_services(), 1300, "2026-03-15 10:00:00"))
    return reader


def make_channel() -> MemoryReader:
    """Return an archive of a channel: nobody signs, everything is counted."""
    reader = MemoryReader(names=dict(NAMES), tally=Tally(2, 0, 0, 1), unreadable=[(NEWS, 3)])
    posts = [
        make_message(
            1, 0, "First post #news", sender_id=None,
            content=Content([Entity("hashtag", 11, 5)], author="The editor"),
            counters=Counters(views=12_345, forwards=1, replies=12, reactions=[Reaction("🔥", 7)]),
        ),
        make_message(2, 0, "", sender_id=None, content=Content(action=Action("chat_edit_title", {"title": "News & more"}))),
    ]  # fmt: skip
    reader.add(CHANNEL, _number(posts, 1, "2026-03-01 00:00:00"))
    return reader


def _number(messages: list[Message], first_id: int, start: str) -> list[Message]:
    for step, each in enumerate(messages):
        each.id, each.date = each.id or first_id + step, at(start) + 60 * step
        if each.edit_date:
            each.edit_date += each.date
    return messages


def _text(text: str, *entities: Entity, sender_id: int | None = ALICE) -> Message:
    return make_message(0, 0, text, sender_id=sender_id, content=Content(list(entities)))


def _talk() -> list[Message]:
    return [
        make_message(0, 0, "", content=Content(action=Action("chat_create", {"title": "Team chat", "users": [2, 3]}))),
        _text("Hello, everybody!"),
        make_message(0, 0, "Happy new month", sender_id=BOB, content=Content(reply=Reply(1001))),
    ]  # fmt: skip


def _texts() -> list[Message]:
    everything = "bold italic under strike spoiler code link @alice #tag $TSLA /start +4912345 a@b.org me"
    return [
        _text(
            everything,
            Entity("bold", 0, 4), Entity("italic", 5, 6), Entity("underline", 12, 5), Entity("strike", 18, 6),
            Entity("spoiler", 25, 7), Entity("code", 33, 4), Entity("text_url", 38, 4, "https://example.org/a_(b)"),
            Entity("mention", 43, 6), Entity("hashtag", 50, 4), Entity("cashtag", 55, 5), Entity("bot_command", 61, 6),
            Entity("phone", 68, 8), Entity("email", 77, 7), Entity("mention_name", 85, 2, "2"),
        ),
        _text("See https://example.org/a_b?c=1&d=2 and example.org", Entity("url", 4, 31), Entity("url", 40, 11)),
        _text("unbelievable, half a word and 😀emoji", Entity("bold", 2, 7), Entity("italic", 14, 3), Entity("italic", 23, 1), Entity("bold", 30, 2)),
        _text("overlapping styles here", Entity("bold", 0, 15), Entity("italic", 5, 18)),
        _text("two\nlines in bold\n\nand a paragraph", Entity("bold", 0, 17)),
        _text("Look:\nprint(`hi`)\n    return 1\nthat was it", Entity("pre", 6, 24, "python")),
        _text("dataviewjs runs code\nnot here", Entity("pre", 0, 20, "dataviewjs"), Entity("code", 21, 8)),
        _text("As she said\nnever again\nnot ever\nand so on", Entity("blockquote", 12, 20)),
        _text("long quote\nsecond line\nafter", Entity("blockquote", 0, 22, collapsed=True)),
        _text("A flag 🇩🇪 and a custom one 👍!", Entity("custom_emoji", 28, 2, "5368324170671202286"), Entity("bold", 30, 1)),
        _text("<%* app.vault.delete() %> = 1, `= this`\n= dv.pages()", Entity("code", 40, 12)),
        _text("# not a heading\n- no list\n1. no list\n> no quote\n---\n    no code\n| a | b |\nkey:: value ^nolink"),
        _text("*a* _b_ snake_case ~~c~~ ==d== $e$ %%f%% [[g]] ![h](i) <b>j</b> &amp; &c \\ #tag C# a^b `k` ||l|| [^1]"),
        _text("Bidi \u202egnp.exe\u202c, NUL \x00, bell \x07, tab\tand\r\nCRLF"),
        _text("שלום עולם: bold", Entity("bold", 0, 4)),
    ]  # fmt: skip


def _frames() -> list[Message]:
    spoiler = Content(entities=[Entity("spoiler", 0, 3)])
    return [
        make_message(1150, 0, "BAD words", content=spoiler),
        make_message(1151, 0, "edited later", sender_id=BOB, edit_date=128),
        make_message(1152, 0, "edited on another day", sender_id=BOB, edit_date=200_000),
        make_message(1153, 0, "an answer to a spoiler", sender_id=BOB, content=Content(reply=Reply(1150))),
        make_message(1154, 0, "with a quote", content=Content(reply=Reply(1151, quote="edited", entities=[Entity("bold", 0, 6)]))),
        make_message(1155, 0, "with a long quote", content=Content(reply=Reply(1151, quote="one\ntwo"))),
        make_message(1156, 0, "to the month before", content=Content(reply=Reply(1002))),
        make_message(1157, 0, "to nothing", content=Content(reply=Reply(9))),
        make_message(1158, 0, "to elsewhere", content=Content(reply=Reply(3, chat_id=NEWS, quote="their words"))),
        make_message(1159, 0, "to a story", content=Content(reply=Reply(story_id=3, chat_id=BOB))),
        make_message(1160, 0, "to a hidden person", content=Content(reply=Reply(origin=Forward(0, name="Hidden | one")))),
        make_message(1161, 0, "to Carol's", sender_id=CAROL, content=Content(reply=Reply(1161))),
        make_message(1162, 0, "forwarded post", content=Content(forward=Forward(at("2025-12-31 23:00:00"), NEWS, post_id=12, author="Ed"))),
        make_message(1163, 0, "forwarded person", content=Content(forward=Forward(at("2025-12-31 22:00:00"), name="Hidden *star*"))),
        make_message(1164, 0, "by a bot", content=Content(via_bot_id=BOT, buttons=[[Button("Yes"), Button("Site", "https://example.org")], [Button("No")]])),
        make_message(
            1165, 0, "liked",
            counters=Counters(reactions=[Reaction("👍", 3), Reaction("❤️", 1, is_own=True), Reaction("custom:53", 2), Reaction("paid", 5)], is_pinned=True),
        ),
        make_message(1166, 0, "from nobody", sender_id=None),
        make_message(1167, 0, "new thing", content=Content(unsupported="MessageMediaHologram")),
    ]  # fmt: skip


def _file(kind: str, number: int, **more: object) -> Content:
    file = File(number, "photo" if kind == "photo" else "document", 245_000, name=str(more.pop("name", "")))
    return Content(media=Media(kind, file=file, **more))  # type: ignore[arg-type]


def _media() -> list[Message]:
    return [
        make_message(1180, 0, "A photo with words", content=_file("photo", 1, width=1280, height=960)),
        make_message(1181, 0, "", content=_file("photo", 8, width=1280, height=960)),
        make_message(1182, 0, "first of three", content=_file("photo", 2), album_id=77),
        make_message(1183, 0, "", content=_file("video", 3, duration_s=61.5), album_id=77),
        make_message(1184, 0, "third of three", content=_file("photo", 8), album_id=77, counters=Counters(reactions=[Reaction("👍", 1)])),
        make_message(1185, 0, "to the third", sender_id=BOB, content=Content(reply=Reply(1184))),
        make_message(1186, 0, "", content=_file("document", 4, name="report [v2].docx")),
        make_message(1187, 0, "", content=_file("document", 9, name="report [v2].docx")),
        make_message(1188, 0, "", content=_file("audio", 10, performer="The *Stars*", title="Song", duration_s=192)),
        make_message(1189, 0, "", content=_file("audio", 5, performer="The *Stars*", title="Song", duration_s=192)),
        make_message(1190, 0, "", content=_file("voice", 11, duration_s=7)),
        make_message(1191, 0, "", content=_file("round", 6, duration_s=12, width=240, height=240, ttl_seconds=10)),
        make_message(1192, 0, "", content=_file("animation", 7, name="cat.mp4", is_spoiler=True)),
        make_message(1193, 0, "", content=_file("sticker", 12, emoji="😀", width=512, height=512)),
    ]  # fmt: skip


def _facts() -> list[Message]:
    poll = Poll(
        "Which day?", [Answer("Monday", "01"), Answer("*Never*", "02")], is_public=True, is_multiple=True
    )
    quiz = Poll(
        "Capital of France?",
        [Answer("Paris", "01"), Answer("Lyon", "02")],
        is_quiz=True,
        is_closed=True,
        solution="Since 508.",
    )
    votes = Counters(voters=3, poll=[PollResult("01", 2, is_own=True, is_correct=True), PollResult("02", 1)])
    tasks = [Task(1, "Buy *milk*", done_by=BOB, done_at=at("2026-03-14 12:00:00")), Task(2, "- sleep")]
    return [
        make_message(1200, 0, "", content=Content(media=Media("poll", poll=poll)), counters=votes),
        make_message(1201, 0, "", content=Content(media=Media("poll", poll=quiz)), counters=votes),
        make_message(1202, 0, "", content=Content(media=Media("todo", title="Groceries", tasks=tasks))),
        make_message(1203, 0, "", content=Content(media=Media("geo", place=Place(48.85837, 2.294481)))),
        make_message(1204, 0, "", content=Content(media=Media("live_geo", place=Place(48.85837, 2.294481, live_seconds=900)))),
        make_message(1205, 0, "", content=Content(media=Media("venue", place=Place(48.85837, 2.294481, "Eiffel Tower", "5 Av. A. France")))),
        make_message(1206, 0, "", content=Content(media=Media("contact", contact=Contact("4912345", "Jane", "Roe")))),
        make_message(1207, 0, "", content=Content(media=Media("dice", emoji="🎲", value=5))),
        make_message(1208, 0, "", content=Content(media=Media("game", title="Chess", description="A game\n# of kings"))),
        make_message(1209, 0, "", content=Content(media=Media("invoice", title="T-shirt", description="Black", amount=1299, currency="EUR"))),
        make_message(1210, 0, "", content=Content(media=Media("giveaway", value=10, amount=3, currency="months of Premium"))),
        make_message(1211, 0, "", content=Content(media=Media("giveaway_results", value=1))),
        make_message(1212, 0, "", content=Content(media=Media("story", peer_id=BOB))),
        make_message(1213, 0, "", content=Content(media=Media("paid", amount=50, items=[Media("photo", width=10, height=20)]))),
        make_message(
            1214, 0, "https://example.org",
            content=Content([Entity("url", 0, 19)], media=Media("webpage", url="https://example.org/", title="Example [Domain]", site="Example", description="For use in *documents*.\nNothing else.")),
        ),
        make_message(1217, 0, "to a bare link", sender_id=BOB, content=Content(reply=Reply(1218))),
        make_message(1218, 0, "", content=Content(media=Media("webpage", url="https://example.org/a_b"))),
        make_message(1219, 0, "a task", sender_id=BOB, content=Content(reply=Reply(1202, task_id=2))),
        make_message(1220, 0, "an answer", sender_id=BOB, content=Content(reply=Reply(1200, poll_option="02"))),
        make_message(1221, 0, "", content=Content(media=_story())),
        make_message(1222, 0, "", content=Content(media=Media("story", peer_id=BOB, state="deleted"))),
        make_message(1223, 0, "Still loading", content=Content(media=Media("webpage", state="pending"))),
        make_message(1224, 0, "The earth is flat.", counters=Counters(fact_check=FactCheck("It is *not*.", country="DE"))),
        make_message(1225, 0, "A suggestion", counters=Counters(suggestion=Suggestion(is_accepted=True, amount=5, currency="XTR"))),
        make_message(1226, 0, "", content=Content(media=Media("giveaway", value=2, amount=500, currency="stars", peer_ids=[NEWS], countries=["DE", "SE"], until=at("2026-04-01 00:00:00")))),
        make_message(1227, 0, "", content=Content(media=Media("giveaway_results", value=12, peer_ids=[BOB, CAROL]))),
        make_message(1228, 0, "", content=Content(media=Media("video_stream"))),
        make_message(1229, 0, "An old chat", content=Content(forward=Forward(at("2020-01-01 00:00:00"), name="Old friend", is_imported=True))),
        make_message(1230, 0, "", content=Content(page=make_page())),
        make_message(1231, 0, "to rich words", sender_id=BOB, content=Content(reply=Reply(1230))),
        make_message(1215, 0, "", content=Content(media=Media("expired", title="photo"))),
        make_message(1216, 0, "", content=Content(media=Media("unsupported", title="MessageMediaHologram"))),
    ]  # fmt: skip


def _story() -> Media:
    photo = Media("photo", File(8, "photo"), 640, 480)
    words = "From the *pier*\n# not a heading"
    return Media(
        "story",
        peer_id=BOB,
        date=at("2026-03-13 12:00:00"),
        description=words,
        entities=[Entity("bold", 0, 4)],
        items=[photo],
    )


def make_page() -> Page:
    """Return a rich message with blocks of every sort."""
    cells = [
        Block("cell", text, is_header=head)
        for text, head in (("Day", True), ("a|b", True), ("||x||", False), ("", False))
    ]
    items = [
        Block("item", "a *star*", [Entity("italic", 0, 1)], has_box=True, is_done=True),
        Block("item", "- a hyphen", has_box=True),
        Block("item", blocks=[Block("paragraph", "one"), Block("list", blocks=[Block("item", "deeper")])]),
    ]
    return Page(
        [
            Block("title", "# The title", [Entity("bold", 2, 3)]),
            Block("author_date", "Ed", date=at("2026-03-01 09:00:00")),
            Block("paragraph", "Words with a \ufffc picture, x2 and a link", [Entity("image", 13, 1, "5"), Entity("text_url", 33, 4, "https://example.org")]),
            Block("anchor", value="here"),
            Block("preformatted", "print(1)\n", value="python"),
            Block("preformatted", "const x = 1", value="dataviewjs"),
            Block("math", "E = mc^2"),
            Block("divider"),
            Block("list", blocks=items),
            Block("ordered_list", blocks=[Block("item", "first"), Block("item", "1. second")]),
            Block("blockquote", "to be\nor not", caption=Block("caption", "Hamlet"), is_folded=True),
            Block("pullquote", "loud"),
            Block("photo", media=Media("photo", File(8, "photo"), 640, 480), caption=Block("caption", "The [[pier]]", credit=Block("credit", "Ann"))),
            Block("table", title=Block("title", "A table"), blocks=[Block("row", blocks=cells[:2]), Block("row", blocks=cells[2:]), Block("row", blocks=[Block("cell", "wide", columns=2)])]),
            Block("details", title=Block("title", "More [[x]]"), blocks=[Block("paragraph", "folded")]),
            Block("related_articles", title=Block("title", "See also"), blocks=[Block("article", title=Block("title", "An [article]"), value="https://example.org/a", credit=Block("credit", "Ed"))]),
            Block("embed_post", value="https://example.org/p", credit=Block("credit", "Ed"), date=at("2026-03-01 09:00:00"), blocks=[Block("paragraph", "their words")]),
            Block("map", media=Media("geo", place=Place(48.85837, 2.294481))),
            Block("channel", "News & more", peer_id=NEWS),
            Block("button_row", buttons=[Button("Go", "https://example.org"), Button("Press")]),
            Block("embed", value="https://example.org/e"),
            Block("hologram"),
        ],
        is_part=True,
    )  # fmt: skip


def _services() -> list[Message]:
    actions = [
        Action("chat_add_user", {"users": [ALICE]}),
        Action("chat_add_user", {"users": [BOB, CAROL]}),
        Action("chat_delete_user", {"user_id": BOB}),
        Action("chat_edit_title", {"title": "Team *chat*"}),
        Action("phone_call", {"duration": 3725, "video": True}),
        Action("phone_call", {"reason": {"_": "PhoneCallDiscardReasonMissed"}}),
        Action("teleport", {}),
        Action(
            "gift_premium",
            {
                "currency": "USD",
                "amount": 1199,
                "days": 90,
                "message": {"_": "TextWithEntities", "text": "Enjoy!"},
            },
        ),
        Action(
            "poll_append_answer",
            {"answer": {"_": "PollAnswer", "text": {"_": "TextWithEntities", "text": "*Never*"}}},
        ),
        Action("todo_completions", {"completed": [1, 2], "incompleted": [3]}),
        Action("topic_edit", {"closed": False}),
        Action(
            "star_gift_purchase_offer",
            {"gift": {"title": "Rose"}, "price": {"_": "StarsAmount", "amount": 250}},
        ),
    ]
    found = [make_message(0, 0, "", content=Content(action=each)) for each in actions]
    pin = Content(action=Action("pin_message"), reply=Reply(1150))
    return [*found, make_message(0, 0, "", sender_id=BOB, content=pin)]
