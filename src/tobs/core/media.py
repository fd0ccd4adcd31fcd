"""What stands in a message as records: styled text, media, and the blocks of a rich message.

A record that stands for one of Telegram's objects keeps in `other` what no field of the record says: Telegram's
own names, plain values (objects as dictionaries with their constructor's name under `_`, bytes as hex, peers as
marked ids, dates as UTC seconds), and nothing that is not set. telegram/fields.py lists what is left out for
good, and why.

Sizes are pixels and bytes, `_s` is seconds, dates are UTC seconds, 0 where there is none. Offsets and lengths of
entities are UTF-16 code units as Telegram counts them (https://core.telegram.org/api/entities).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import field

from tobs.core.record import Record

Values = dict[str, Any]


class Entity(Record):
    """A span of text with a meaning.

    `kind` is Telegram's constructor in snake case without `messageEntity` (`bold`, `text_url`,
    `mention_name`, …). `value` is its argument: the address of a `text_url`, the language of a
    `pre`, the marked id of a `mention_name`, the document id of a `custom_emoji`, the seconds of a
    `formatted_date`, the old text of a `diff_replace`. The text of rich messages has kinds of its own besides:
    `subscript`, `superscript`, `marked`, `math`, `anchor` (value: its name), `button` (value: its address),
    and `image` (value: a document id) over U+FFFC, which stands for the picture.
    """

    kind: str
    offset: int
    length: int
    value: str = ""
    collapsed: bool = False
    other: Values = field(default_factory=dict)


class File(Record):
    """The identity of a medium's bytes: a photo or document id names the same bytes in every chat.

    `date` is when it was uploaded.
    """

    id: int
    kind: str
    size_bytes: int = 0
    mime: str = ""
    name: str = ""
    date: int = 0
    other: Values = field(default_factory=dict)


class Answer(Record):
    """One answer of a poll, with its option bytes as hex: the results name it by them.

    `added_by` (marked id) and `added_at` where somebody added it to the poll.
    """

    text: str
    option: str
    entities: list[Entity] = field(default_factory=list)
    media: Media | None = None
    added_by: int = 0
    added_at: int = 0
    other: Values = field(default_factory=dict)


class Poll(Record):
    """A poll or quiz as asked; how people voted is in `Counters.poll`.

    `close_date` or `close_s` where it closes by itself; `media` and `solution_media` are what was attached.
    """

    question: str
    answers: list[Answer]
    entities: list[Entity] = field(default_factory=list)
    is_quiz: bool = False
    is_multiple: bool = False
    is_public: bool = False
    is_closed: bool = False
    is_open: bool = False
    close_date: int = 0
    close_s: int = 0
    media: Media | None = None
    solution: str = ""
    solution_entities: list[Entity] = field(default_factory=list)
    solution_media: Media | None = None
    other: Values = field(default_factory=dict)


class Task(Record):
    """One entry of a to-do list; who ticked it off (marked id, 0: nobody) and when."""

    id: int
    text: str
    entities: list[Entity] = field(default_factory=list)
    done_by: int = 0
    done_at: int = 0


class Place(Record):
    """A point on the earth, in degrees; a venue has a title and address, a live location a period.

    `heading` is in degrees, `accuracy_m` in metres; `provider` is whose list of venues it is from.
    """

    latitude: float
    longitude: float
    title: str = ""
    address: str = ""
    live_seconds: int = 0
    heading: int = 0
    accuracy_m: int = 0
    provider: str = ""


class Contact(Record):
    """A shared contact; `vcard` is all that its sender's address book said."""

    phone: str
    first_name: str = ""
    last_name: str = ""
    user_id: int = 0
    vcard: str = ""


class Media(Record):
    """What a message carries beside its text.

    `kind` is one of MEDIA_KINDS. What a kind needs is filled in, the rest keeps its default:

    - `title` and `performer` of music; `title`, `description` (with its entities) and `url` of web pages, games
      and invoices; `site`, `author` and `type` of web pages, `page` their instant view. The caption of a story is
      its `description`; the entities of a to-do list are those of its `title`.
    - `state` of what is not there: `empty` or `pending` (web pages), `deleted` or `skipped` (stories).
    - `emoji` of stickers and dice, `sticker_set` by id or name, `is_custom_emoji` of a sticker that stands in texts.
    - `value` of dice, of stories (their id) and of giveaways (prizes or winners).
    - `amount` and `currency` of invoices, paid media, giveaways, and of what a dice won.
    - `peer_id` whose story or giveaway it is, `peer_ids` the channels or winners of a giveaway, `countries` of
      those who may take part, `until` its end; `date` of a story, and `until` when it expires.
    - `cover` is the picture that stands for it, `clip` the moving one that belongs to it (live photos, games, web
      pages), `items` what paid media, invoices and stories consist of.
    - `receipt_id` is the message with the receipt of an invoice.
    """

    kind: str
    file: File | None = None
    width: int = 0
    height: int = 0
    duration_s: float = 0
    title: str = ""
    performer: str = ""
    description: str = ""
    url: str = ""
    site: str = ""
    emoji: str = ""
    value: int = 0
    amount: int = 0
    currency: str = ""
    is_spoiler: bool = False
    ttl_seconds: int = 0
    peer_id: int = 0
    poll: Poll | None = None
    tasks: list[Task] = field(default_factory=list)
    place: Place | None = None
    contact: Contact | None = None
    items: list[Media] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    author: str = ""
    type: str = ""
    state: str = ""
    sticker_set: str = ""
    is_custom_emoji: bool = False
    cover: Media | None = None
    clip: Media | None = None
    page: Page | None = None
    date: int = 0
    until: int = 0
    peer_ids: list[int] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    receipt_id: int = 0
    other: Values = field(default_factory=dict)


FILE_KINDS = ("photo", "video", "round", "animation", "voice", "audio", "sticker", "document")
"""Media that are bytes to download."""

MEDIA_KINDS = (
    *FILE_KINDS,
    "contact", "geo", "live_geo", "venue", "poll", "todo", "dice", "game", "invoice", "giveaway",
    "giveaway_results", "story", "paid", "webpage", "video_stream", "expired", "unsupported",
)  # fmt: skip


class Button(Record):
    """One button below a message or in a rich one.

    `kind` is Telegram's constructor in snake case without its prefix (`url`, `callback`, `buy`, …).
    """

    text: str
    url: str = ""
    kind: str = ""
    entities: list[Entity] = field(default_factory=list)
    other: Values = field(default_factory=dict)


class Block(Record):
    """One block of a rich message or of a page (https://instantview.telegram.org/docs).

    `kind` is Telegram's constructor in snake case without `pageBlock` (`paragraph`, `heading1`, `list`, …); parts
    of blocks have kinds of their own: `item` of a list, `row` and `cell` of a table, `article` of related ones.
    `value` is an argument: the language of `preformatted` text, the name of an `anchor`, the address of an `embed`
    or `article`, the number of an `item`; `date` belongs to posts and articles. `has_box` and `is_done` are about an
    item that can be ticked, `columns` and `rows` say how many a cell spans, `is_header` that it heads others;
    `is_folded` is a quote or `details` to be opened. `title`, `caption` and `credit` hold only text and entities.
    """

    kind: str
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    media: Media | None = None
    title: Block | None = None
    caption: Block | None = None
    credit: Block | None = None
    buttons: list[Button] = field(default_factory=list)
    value: str = ""
    columns: int = 0
    rows: int = 0
    peer_id: int = 0
    date: int = 0
    has_box: bool = False
    is_done: bool = False
    is_header: bool = False
    is_folded: bool = False
    other: Values = field(default_factory=dict)


class Page(Record):
    """A rich message, or the instant view of a web page. `is_part`: Telegram sent only its beginning.

    `media` are the photos and files that no block shows.
    """

    blocks: list[Block] = field(default_factory=list)
    is_part: bool = False
    is_rtl: bool = False
    url: str = ""
    media: list[Media] = field(default_factory=list)
    other: Values = field(default_factory=dict)

    def find_text(self) -> str:
        """Return the text of the first block that has any."""
        return next((each.text for each in self.list_blocks() if each.text), "")

    def list_blocks(self) -> Iterator[Block]:
        """Yield all blocks and parts of blocks, in reading order."""
        waiting = self.blocks[::-1]
        while waiting:
            block = waiting.pop()
            yield block
            waiting += block.blocks[::-1]
