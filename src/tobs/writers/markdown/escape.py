"""What a person typed is shown, never interpreted: the one place that knows how.

Rules, for Obsidian and CommonMark alike:

- A mark is escaped with a backslash where it could start or end something: emphasis, code, links,
  embeds, highlights, comments, tags, block ids, tables, mathematics, HTML, entities, and at the start of a
  line headings, lists, quotes, rules and underlines. A mark that cannot (`snake_case`, `C#`, `<3`,
  `a = b`) stays as it is, so that the source reads well too.
- `key:: value` would be a Dataview field and `<%` a Templater command, which runs: both are broken up.
- Space at the start of a line becomes no-break spaces, since four of them would be code.
- In a link's alias nothing can be escaped, so marks become their fullwidth forms.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tobs.writers.clean import clean_line

SPACES = " \t\n\x0c\r\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What CommonMark calls Unicode whitespace."""

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
    return escape_line(clean_line(name))


@lru_cache(1024)  # the names of those who are answered most
def escape_alias(name: str) -> str:
    """Return a name for the place behind the bar of a wikilink, where a backslash would be shown."""
    plain = clean_line(name)
    return _ALIAS_MARK.sub(lambda mark: chr(ord(mark[0]) + _FULLWIDTH), plain)
