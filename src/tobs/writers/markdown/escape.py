"""What a person typed is shown, never interpreted: the one place that knows how.

Rules, for Obsidian and CommonMark alike:

- A mark is escaped with a backslash where it could start or end something: emphasis, code, links,
  embeds, highlights, comments, tags, block ids, tables, mathematics, HTML, entities, and at the start of a
  line headings, lists, quotes, rules and underlines. A mark that cannot (`snake_case`, `C#`, `<3`,
  `a = b`) stays as it is, so that the source reads well too.
- `key:: value` would be a Dataview field and `<%` a Templater command, which runs: both are broken up.
- Space at the start of a line becomes no-break spaces, since four of them would be code.
- Control characters are shown as their pictures (`␀`), lone surrogates and the C1 block as `\ufffd`. All
  line separators become newlines. What overrides or isolates the direction of writing is dropped, since
  one person's name could turn the rest of the line around; the plain marks (LRM, RLM, ALM) stay.
- In a link's alias nothing can be escaped, so marks become their fullwidth forms.
"""

from __future__ import annotations

import re

SPACES = " \t\n\x0c\r\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What CommonMark calls Unicode whitespace."""

_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PICTURES = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    **dict.fromkeys((0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), None),
    0x09: "\t",
    0x7F: "\u2421",
}

# It begins with one class of characters, so that the search runs over what is plain at full speed.
_MARK = re.compile(
    r"""[\\`*_\[\]<$|~\#^=%&:]
    (?: (?<=[\\`*\[\]$|~])
      | (?<=_) (?: (?<![^\W_]_) | (?![^\W_]) )  # not inside a word
      | (?<=<) (?=[A-Za-z/!?%]|\Z)
      | (?<=\#) (?<![^\W_]\#)
      | (?<=\^) (?=[0-9A-Za-z-]*\s*\Z)          # a block id ends its block
      | (?<==) (?: (?==) | (?<===) )
      | (?<=%) (?: (?=%) | (?<=[%<]%) )
      | (?<=&) (?=\#?\w+;)
      | (?<=::)
    )""",
    re.VERBOSE,
)
_LINE_MARK = re.compile(r">|[-+](?=[ \t]|\Z)|-(?=[-:|])|:(?=-)|=(?=[ \t]*\Z)")
_NUMBER = re.compile(r"(\d{1,9})(?=[.)](?:[ \t]|\Z))")
_INDENT = re.compile(r"[ \t]+")

_ALIAS_MARK = re.compile(
    r"[|\[\]<>\\`*$^#~]|&(?=\#?\w+;)|%(?=%)|(?<=%)%|=(?==)|(?<==)=|(?<![^\W_])_|_(?![^\W_])|(?<=:):"
)
_FULLWIDTH = 0xFEE0
"""How far the fullwidth form of an ASCII mark is from the mark."""


def clean_text(text: str) -> str:
    """Return the text with newlines as its only control characters beside tabs."""
    if _UNCLEAN.search(text) is None:
        return text
    return text.replace("\r\n", "\n").translate(_PICTURES)


def escape_text(text: str) -> str:
    """Return clean text of one line so that it reads as itself anywhere but at the start of a line."""
    return _MARK.sub(_escape_mark, text)


def _escape_mark(mark: re.Match[str]) -> str:
    return "\\" + mark[0]


def escape_line(line: str) -> str:
    """Return a clean line so that it reads as itself at the start of a block or line too."""
    if not line or line[0].isalpha():
        return escape_text(line)
    if indent := _INDENT.match(line):
        return keep_indent(line[: indent.end()] + escape_text(line[indent.end() :]))
    if number := _NUMBER.match(line):
        return f"{number[0]}\\{escape_text(line[number.end() :])}"
    escaped = escape_text(line)
    return f"\\{escaped}" if _LINE_MARK.match(line) and escaped[0] != "\\" else escaped


def keep_indent(line: str) -> str:
    """Return a line that does not start with blanks but still looks so; empty when it is only blanks.

    The first one is an entity because some readers trim no-break spaces as well.
    """
    indent = _INDENT.match(line)
    if indent is None:
        return line
    rest = line[indent.end() :]
    width = len(indent[0].expandtabs(4))
    return "&nbsp;" + "\xa0" * (width - 1) + rest if rest else ""


def escape_name(name: str) -> str:
    """Return a name or title on one line, so that it reads as itself even at the start of a block."""
    return escape_line(" ".join(clean_text(name).split()))


def escape_alias(name: str) -> str:
    """Return a name for the place behind the bar of a wikilink, where a backslash would be shown."""
    plain = " ".join(clean_text(name).split())
    return _ALIAS_MARK.sub(lambda mark: chr(ord(mark[0]) + _FULLWIDTH), plain)
