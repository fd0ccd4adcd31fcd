"""What a person searches for: from words as typed to terms, and where those stand in a text.

Words with blanks around them are found as words, in any case and with or without diacritics. Chinese, Japanese, Korean, Thai
and the like have no blanks to tell words by, and emoji are none: those are found wherever they stand, as typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from tobs.core.filters import OTHER_WORDS
from tobs.core.span import Span
from tobs.errors import UsageError

MOST_TERMS = 50
_HINT = (
    'Words are looked for together; "several words" next to each other, `word*` by their beginning, `*part*` inside of'
    " words, `one OR other`, `NOT this`."
)

# Scripts in which words follow one another without blanks, or with endings that nobody types: CJK, kana, Hangul,
# Thai, Lao, Burmese, Khmer (https://www.unicode.org/Public/UNIDATA/Blocks.txt).
_RUNNING = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
_PIECE = re.compile(r'(-?)"([^"]*)(?:"|$)(\*?)|(\S+)')
_OPERATOR = re.compile(r'"|(?:^|\s)-\S|\*|(?:^|\s)(?:OR|NOT|AND)(?:\s|$)')
_UNSEARCHABLE = re.compile("[\x00\ud800-\udfff]")
_TOKEN_MARKS = frozenset("LNM")

TermKind = Literal["word", "prefix", "part"]
Order = Literal["newest", "oldest", "best"]
ORDERS: tuple[Order, ...] = get_args(Order)
"""By which messages found can be sorted; `best`: those that say it more often, in fewer words, come first."""

KINDS = (
    "text", "photo", "video", "round", "voice", "audio", "document", "gif", "sticker", "link", "poll", "geo", "contact",
    "pinned",
)  # fmt: skip
"""What can be chosen by kind."""


@dataclass(frozen=True, slots=True)
class Term:
    """Something to find: words that follow one another, such of which the last one only begins so, or any part of a text."""

    kind: TermKind
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """One term of every group must be there, and none of `excluded`."""

    groups: tuple[tuple[Term, ...], ...]
    excluded: tuple[Term, ...] = ()

    @property
    def wanted(self) -> list[Term]:
        """All terms that may be found."""
        return [each for group in self.groups for each in group]


@dataclass(frozen=True, slots=True)
class Scope:
    """Among which messages is searched: None and empty do not limit.

    `chats` are keys of the archive, `senders` marked ids, `start` ≤ date < `end` UTC seconds, `kinds` of KINDS.
    """

    chats: tuple[tuple[int, int], ...] | None = None
    senders: tuple[int, ...] | None = None
    start: int | None = None
    end: int | None = None
    kinds: tuple[str, ...] = ()
    hides_deleted: bool = False
    order: Order = "newest"
    limit: int = 20


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One `tobs search`: in which chats and by whom, as named; empty: in all, by anybody."""

    output: Path
    query: Query
    chats: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    span: Span = field(default=Span())
    kinds: tuple[str, ...] = ()
    order: Order = "newest"
    limit: int = 20


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that was found, as `tobs search --json` prints it, one a line.

    `account`, `chat_id` and `id` are its key in the archive; `date` is UTC, `2026-03-14T09:01:12Z`, `moment` the same as
    the clock of the folder's zone had it. `note` is the file that shows it, below the export folder, and empty while there is none;
    `anchor` is the place in it: `^m1042` in a note, `m1042` in a page, empty in other files.
    """

    account: int
    chat_id: int
    id: int
    date: str
    moment: str
    chat: str
    sender_id: int
    sender: str
    kind: str
    text: str
    is_deleted: bool
    note: str
    anchor: str


@dataclass(slots=True)
class SearchResult:
    """What was found: the first messages of `total`, or, where that is None, of more that nobody counted.

    `searched` messages of `chats` were looked at in vain.
    """

    messages: list[FoundMessage]
    total: int | None
    searched: int
    chats: int


class _Reading:
    """Gathers terms behind one another; `OR` joins its neighbours, and `NOT` leaves out what follows."""

    def __init__(self) -> None:
        self.groups: list[list[Term]] = []
        self.excluded: list[Term] = []
        self._is_or = self._is_not = False

    def take_word(self, word: str) -> None:
        if word == "OR":
            self._is_or = bool(self.groups)
        elif word == "NOT":
            self._is_not = True
        elif word != "AND":
            is_not = len(word) > 1 and word.startswith("-")
            bare = word[is_not:].strip("*") or word
            starts, ends = word[is_not:].startswith("*"), word.endswith("*")
            self.add(bare, is_part=starts and bare != word, is_prefix=ends and bare != word, is_not=is_not)

    def add(self, text: str, *, is_part: bool = False, is_prefix: bool = False, is_not: bool = False) -> None:
        term = make_term(text, is_part=is_part, is_prefix=is_prefix)
        is_not, self._is_not = is_not or self._is_not, False
        is_or, self._is_or = self._is_or, False
        if term is None:
            return
        if is_not:
            self.excluded.append(term)
        elif is_or:
            self.groups[-1].append(term)
        else:
            self.groups.append([term])


def parse_query(arguments: Sequence[str]) -> Query:
    """Return what words on a command line ask for; an argument with blanks in it, and no sign of ours, is a phrase.

    Raises UsageError when there is nothing to look for, or too much.
    """
    reading = _Reading()
    for argument in arguments:
        if re.search(r"\s", argument.strip()) and not _OPERATOR.search(argument):
            reading.add(argument)
            continue
        for found in _PIECE.finditer(argument):
            minus, phrase, star, word = found.groups()
            if word is not None:
                reading.take_word(word)
            else:
                reading.add(phrase, is_prefix=bool(star), is_not=bool(minus))
    query = Query(tuple(map(tuple, reading.groups)), tuple(reading.excluded))
    if not query.groups:
        said = "There is only what to leave out" if query.excluded else "There is no word to look for"
        raise UsageError(f"{said}.", hint=_HINT)
    if len(query.wanted) + len(query.excluded) > MOST_TERMS:
        raise UsageError(f"More than {MOST_TERMS} words cannot be looked for at once.", hint=_HINT)
    return query


def parse_kinds(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds that lists with commas name. Raises UsageError."""
    words = [word.strip().casefold() for text in texts for word in text.split(",")]
    kinds = []
    for word in filter(None, words):
        found = next(
            (each for each in (word, word.removesuffix("s")) if each in KINDS or each in OTHER_WORDS), ""
        )
        if not found:
            raise UsageError(
                f"There is no kind {word!r} of message.", hint=f"--only takes: {', '.join(KINDS)}."
            )
        kinds.append(OTHER_WORDS.get(found, found))
    if words and not kinds:
        raise UsageError("--only names no kind.", hint=f"It takes: {', '.join(KINDS)}.")
    return tuple(dict.fromkeys(kinds))


def make_term(text: str, *, is_part: bool = False, is_prefix: bool = False) -> Term | None:
    """Return what a typed word or phrase is found as, None when nothing is left of it."""
    text = _UNSEARCHABLE.sub(" ", text).strip()
    if not text:
        return None
    if is_part or not _is_words(text):
        return Term("part", text)
    return Term("prefix" if is_prefix else "word", text)


def _is_words(text: str) -> bool:
    """Tell whether a text is words with nothing between them but punctuation."""
    has_letter = False
    for char in text:
        category = unicodedata.category(char)
        if category[0] in _TOKEN_MARKS:
            # SQLite's Unicode is some versions older than Python's: what was a letter long ago is one in both.
            if unicodedata.ucd_3_2_0.category(char)[0] != category[0] or _RUNNING.match(char):
                return False
            has_letter = has_letter or category[0] in "LN"
        elif category in {"So", "Co", "Cn"} or (category == "Sk" and not char.isascii()):
            return False
    return has_letter


def fold_case(text: str) -> str:
    """Return a text as parts are compared."""
    return text.casefold()


def find_spans(text: str, terms: Iterable[Term]) -> list[tuple[int, int]]:
    """Return from where to where terms stand in a text, merged and in order."""
    tokens = [(found.start(), found.end(), _fold_word(found[0])) for found in _list_words(text)]
    spans: list[tuple[int, int]] = []
    for term in terms:
        spans += _find_part(text, term.text) if term.kind == "part" else _find_words(tokens, term)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _list_words(text: str) -> Iterator[re.Match[str]]:
    # A mark belongs to the letter before it, and is no word character to `re`.
    return re.finditer(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*", text)


def _fold_word(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.lower())
    return "".join(char for char in plain if not "\u0300" <= char <= "\u036f")


def _find_words(tokens: list[tuple[int, int, str]], term: Term) -> Iterator[tuple[int, int]]:
    wanted = [_fold_word(found[0]) for found in _list_words(term.text)]
    size = len(wanted)
    for at in range(len(tokens) - size + 1 if wanted else 0):
        words = [word for _, _, word in tokens[at : at + size]]
        if words == wanted or (
            term.kind == "prefix" and words[:-1] == wanted[:-1] and words[-1].startswith(wanted[-1])
        ):
            yield tokens[at][0], tokens[at + size - 1][1]


def _find_part(text: str, part: str) -> Iterator[tuple[int, int]]:
    if len(text.casefold()) == len(text):
        text, part = text.casefold(), part.casefold()
    at = text.find(part)
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + len(part))


def cut_around(text: str, spans: list[tuple[int, int]], length: int) -> tuple[str, list[tuple[int, int]]]:
    """Return so many characters of a text around the first span, with `…` for the rest, and the spans in it."""
    if len(text) <= length:
        return text, spans
    first = spans[0][0] if spans else 0
    start = max(0, min(first - length // 3, len(text) - length))
    if start and (blank := text.find(" ", start, first)) >= 0:
        start = blank + 1
    end = min(len(text), start + length)
    before, after = "…" * bool(start), "…" * (end < len(text))
    shift = len(before) - start
    kept = [
        (max(low, start) + shift, min(high, end) + shift) for low, high in spans if low < end and high > start
    ]
    return f"{before}{text[start:end]}{after}", kept
