"""A gallery of media: every kind that the layer knows, with the file names that hurt."""

from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator.corpus import files, people
from tobs.simulator.corpus.files import named

_MOMENT = datetime(2026, 5, 17, 20, 0, tzinfo=UTC)

HOSTILE_NAMES = (
    "../../../etc/cron.d/evil",
    "/etc/passwd",
    "C:\\Windows\\System32\\evil.dll",
    "..\\..\\up.txt",
    "CON.txt",
    "aux",
    "NUL.tar.gz",
    "trailing dots...",
    "trailing space ",
    " leading space.txt",
    ".hidden",
    "..",
    ".",
    "",
    "name with\nnewline.txt",
    "tab\tand\x1b[31mcolour.txt",
    "quotes\"'`.txt",
    "a|b?c*d<e>f:g.txt",
    "[[wiki]]#^block|alias.md",
    "%2e%2e%2fencoded.txt",
    "$(rm -rf ~).sh",
    "gnp.\u202egpj.exe",
    "cafe\u0301.pdf",
    "caf\u00e9.pdf",
    "Отчёт за март.docx",
    "日本語の資料.xlsx",
    "🎉🎊.zip",
    "no extension",
    "many.dots.in.name.tar.gz",
    "x" * 251 + ".txt",
    "ä" * 127 + ".c",
    "é" * 90 + ".png",
    "~lock.odt#",
    "-rf",
)


def everything() -> list[tuple[str, Any]]:
    """Return (caption, media) for every kind of media."""
    return [
        *_pictures(),
        *_sounds(),
        *_documents(),
        *_places(),
        *_small_things(),
        *_money(),
        *_previews(),
        *_gone(),
    ]


def _pictures() -> list[tuple[str, Any]]:
    live = files.video("live-part").document
    cover = files.photo("cover", 640, 360)
    # alt_documents are lower qualities of the same video.
    lower = [files.video("quality-480").document, files.video("quality-720").document]
    return [
        ("A photo with a caption, <b>bold</b> in it", files.photo_media("plain")),
        ("", files.photo_media("portrait", 960, 1280)),
        ("", files.photo_media("panorama", 2560, 320)),
        ("", files.photo_media("pixel", 1, 1)),
        ("Hidden behind a spoiler", files.photo_media("hidden", spoiler=True)),
        ("A live photo", files.photo_media("live", live_photo=True, video=live)),
        ("", types.MessageMediaPhoto(photo=files.photo("stickered", has_stickers=True))),
        ("A video", files.video("clip")),
        ("In several qualities", files.video("large", 754.0, 1_900_000_000, alt_documents=lower)),
        ("With a cover", files.video("covered", video_cover=cover, video_timestamp=42, spoiler=True)),
        ("More than 4 GB", files.video("huge", 7_200.0, 4_100_000_000)),
        ("", files.round_video("round")),
        ("", files.animation("cat-falls")),
        ("", files.sticker("smile", "😀")),
        ("", files.sticker("duck", "🦆", "animated")),
        ("", files.sticker("wave", "👋", "video")),
    ]


def _sounds() -> list[tuple[str, Any]]:
    return [
        ("", files.voice("short", 1)),
        ("A voice message with words", files.voice("long", 754)),
        ("", files.audio("song", "Song of the Tap", "The Benches")),
        ("", files.audio("untitled", None, None)),
        ("", files.audio("evil", "../|[[x]]", "<b>AC/DC</b>")),
    ]


def _documents() -> list[tuple[str, Any]]:
    picture = files.document(
        "uncompressed",
        "image/png",
        8_123_456,
        [types.DocumentAttributeImageSize(4000, 3000), types.DocumentAttributeFilename("map.png")],
    )
    return [
        *(("", named(name, "text/plain", 1_234 + number)) for number, name in enumerate(HOSTILE_NAMES)),
        ("Same name", named("report.pdf", "application/pdf", 40_001, "report-a")),
        ("Same name again", named("report.pdf", "application/pdf", 40_002, "report-b")),
        ("Same name, other case", named("Report.PDF", "application/pdf", 40_003, "report-c")),
        ("The same file again", named("report.pdf", "application/pdf", 40_001, "report-a")),
        ("No name", named(None, "application/pdf", 40_004, "nameless")),
        ("No name, no type", named(None, "", 40_005, "typeless")),
        ("Empty file", named("empty.bin", "application/octet-stream", 0)),
        ("Lying type", named("picture.jpg", "application/x-msdownload", 4_096)),
        ("An image sent as a file", types.MessageMediaDocument(document=picture)),
        ("", types.MessageMediaDocument(document=types.DocumentEmpty(files.file_id("document/empty")))),
        ("", types.MessageMediaPhoto(photo=types.PhotoEmpty(files.file_id("photo/empty")))),
    ]


def _places() -> list[tuple[str, Any]]:
    return [
        ("", types.MessageMediaGeo(files.place(59.325, 18.0708))),
        ("", types.MessageMediaGeo(types.GeoPointEmpty())),
        ("", types.MessageMediaGeo(types.GeoPoint(-179.999999, -89.999999, 0, accuracy_radius=1500))),
        (
            "",
            types.MessageMediaGeoLive(
                files.place(48.2, 16.37), 900, heading=270, proximity_notification_radius=50
            ),
        ),
        ("", files.venue(52.52, 13.405, "Café [[Zum]] #Anker | Bar", "Hafenstraße 1 <b>")),
    ]


def _small_things() -> list[tuple[str, Any]]:
    vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Ida Holm\nEND:VCARD"
    game = types.Game(files.file_id("game"), 1, "corsairs", "Corsairs", "Sail and sink", files.photo("game"))
    story = types.StoryItem(8, _MOMENT, _MOMENT, files.photo_media("story"), caption="From the pier")
    return [
        ("", types.MessageMediaContact("+4930123456", "Ida", "Holm", vcard, people.IDA)),
        ("", types.MessageMediaContact("", "No number", "", "", 0)),
        ("", poll("Which day?", ["Friday", "Saturday", "None **of** these | [[x]]"], [3, 5, 0])),
        ("", quiz()),
        ("", poll("Closed?", ["Yes", "No"], [2, 1], closed=True, multiple_choice=True, public_voters=True)),
        ("", poll("Nobody voted yet", ["A", "B"], None)),
        ("", todo_list()),
        *(
            ("", types.MessageMediaDice(value, emoticon))
            for value, emoticon in ((6, "🎲"), (1, "🎯"), (64, "🎰"))
        ),
        ("", types.MessageMediaGame(game)),
        ("", types.MessageMediaStory(types.PeerUser(people.ANNA), 7)),
        ("", types.MessageMediaStory(types.PeerUser(people.ANNA), 8, via_mention=True, story=story)),
        ("", types.MessageMediaVideoStream(types.InputGroupCall(44, 55))),
    ]


def poll(question: str, answers: list[str], votes: list[int] | None, **fields: Any) -> types.MessageMediaPoll:
    """Return a poll; `votes` are counts in the order of the answers, None when the client may not see them."""
    options = [bytes([48 + number]) for number in range(len(answers))]
    results = None
    if votes is not None:
        results = [
            types.PollAnswerVoters(option, voters=count, recent_voters=[])
            for option, count in zip(options, votes, strict=True)
        ]
        results[votes.index(max(votes))].chosen = True
    return types.MessageMediaPoll(
        types.Poll(
            files.file_id("poll/" + question),
            types.TextWithEntities(question, []),
            [
                types.PollAnswer(types.TextWithEntities(answer, []), option)
                for answer, option in zip(answers, options, strict=True)
            ],
            hash=0,
            **fields,
        ),
        types.PollResults(results=results, total_voters=sum(votes) if votes else None),
    )


def quiz() -> types.MessageMediaPoll:
    """Return a quiz with its solution."""
    media = poll("Capital of Norway?", ["Bergen", "Oslo"], [1, 9], quiz=True, close_period=60)
    media.results.results[1].correct = True
    media.results.solution = "Oslo, since 1814"
    media.results.solution_entities = [types.MessageEntityBold(0, 4)]
    return media


def todo_list() -> types.MessageMediaToDo:
    """Return a to-do list, one task of which is done."""
    tasks = [
        types.TodoItem(number, types.TextWithEntities(title, []))
        for number, title in enumerate(("Buy soil", "Ask for the key", "[x] already a box | #tag"), start=1)
    ]
    todo = types.TodoList(
        types.TextWithEntities("Before Saturday", [types.MessageEntityBold(0, 6)]),
        tasks,
        others_can_complete=True,
    )
    return types.MessageMediaToDo(todo, [types.TodoCompletion(2, types.PeerUser(people.BEN), _MOMENT)])


def _money() -> list[tuple[str, Any]]:
    paid = [
        types.MessageExtendedMediaPreview(1280, 720, video_duration=31),
        types.MessageExtendedMediaPreview(640, 640),
    ]
    bought = [types.MessageExtendedMedia(files.photo_media("bought"))]
    picture = types.WebDocument("https://example.org/mug.jpg", 1, 9_000, "image/jpeg", [])
    return [
        ("", types.MessageMediaInvoice("Mug", "A mug with a boat", "EUR", 1250, "mug", photo=picture)),
        ("", types.MessageMediaInvoice("Paid", "Done", "XTR", 50, "x", test=True, receipt_msg_id=3)),
        ("Behind the stars", types.MessageMediaPaidMedia(25, paid)),
        ("Bought", types.MessageMediaPaidMedia(10, bought)),
        (
            "",
            types.MessageMediaGiveaway(
                [2_000_000_011],
                10,
                _MOMENT,
                months=3,
                countries_iso2=["DE", "SE"],
                prize_description="and a mug",
            ),
        ),
        (
            "",
            types.MessageMediaGiveawayResults(
                2_000_000_011, 5, 2, 1, [people.BEN, people.GRETA], _MOMENT, stars=500
            ),
        ),
    ]


def _previews() -> list[tuple[str, Any]]:
    rich = types.Page(
        "https://example.org/article",
        [
            types.PageBlockTitle(types.TextPlain("A long article")),
            types.PageBlockParagraph(
                types.TextConcat([types.TextPlain("With "), types.TextBold(types.TextPlain("words"))])
            ),
        ],
        photos=[],
        documents=[],
    )
    url = "https://example.org/article"
    return [
        (url, files.web_page(url, "A long article", "How the tap came to be", "Example", cached_page=rich)),
        (
            "https://example.org/picture",
            files.web_page(
                "https://example.org/picture", "[[x]] | <b>", "", "Ex", photo=files.photo("preview")
            ),
        ),
        (
            "Above the text",
            types.MessageMediaWebPage(
                types.WebPageEmpty(5, "https://example.org/gone"), force_large_media=True
            ),
        ),
        (
            "Still loading",
            types.MessageMediaWebPage(types.WebPagePending(6, _MOMENT, "https://example.org/slow")),
        ),
    ]


def _gone() -> list[tuple[str, Any]]:
    """Return media that were there once: self-destructed, or newer than the layer."""
    once = 2**31 - 1
    return [
        ("", types.MessageMediaPhoto(ttl_seconds=10)),
        ("", types.MessageMediaDocument(ttl_seconds=once, voice=True)),
        ("", types.MessageMediaDocument(ttl_seconds=once, video=True, round=True)),
        ("", files.photo_media("ttl-unopened", ttl_seconds=30)),
        ("Your app is too old for this.", types.MessageMediaUnsupported()),
    ]
