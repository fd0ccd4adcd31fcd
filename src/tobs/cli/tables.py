"""Results as plain text or as one JSON document."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from tobs.core.report import KnownFrom

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(document: object) -> None:
    """Print one JSON document, in which nothing commands a terminal; dataclasses and paths are taken as they are."""
    text = msgspec.json.format(msgspec.json.encode(document, enc_hook=str), indent=2).decode()
    print("\n".join(map(_disarm, text.split("\n"))))


def print_json_line(record: object) -> None:
    """Print one record on one line, as `print_json` does."""
    print(_disarm(msgspec.json.encode(record, enc_hook=str).decode()))


def _disarm(line: str) -> str:
    # JSON itself escapes only what is below U+0020; a terminal obeys more than that.
    return _CONTROL.sub(_escape_json, line)


def _escape_json(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print aligned columns; numbers stand to the right."""
    for line in make_table(header, rows):
        print(line)


def make_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table."""
    lines = [[clean_text(str(cell)) for cell in row] for row in [header, *rows]]
    numeric = [all(_is_number(line[index]) for line in lines[1:]) for index in range(len(header))]
    widths = [max(_width(line[index]) for line in lines) for index in range(len(header))]
    return [
        "  ".join(_pad(*each) for each in zip(line, widths, numeric, strict=True)).rstrip() for line in lines
    ]


def print_record(record: Any) -> None:
    """Print a dataclass: its plain fields one a line, its lists of dataclasses as tables."""
    fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    tables = {name: value for name, value in fields.items() if _is_table(value)}
    plain = {name.replace("_", " "): _say(value) for name, value in fields.items() if name not in tables}
    width = max(map(len, plain), default=0)
    for name, value in plain.items():
        print(f"{name:<{width}}  {clean_text(value)}".rstrip())
    for name, value in tables.items():
        print(f"\n{name.replace('_', ' ')}")
        rows = [_flatten(each) for each in value]
        print_table(list(rows[0]), [[_say(each) for each in row.values()] for row in rows])


def _flatten(record: Any, prefix: str = "") -> dict[str, Any]:
    """Return a record's fields by name in words; a record inside it adds its fields behind its own name."""
    flat: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        name, value = prefix + field.name.replace("_", " "), getattr(record, field.name)
        flat |= _flatten(value, f"{name} ") if dataclasses.is_dataclass(value) else {name: value}
    return flat


def clean_text(text: str) -> str:
    """Return text that cannot move the cursor, change colours or turn the line around."""
    return "".join(char for char in text if char in "\u200d\ufe0f" or unicodedata.category(char)[0] != "C")


def _is_table(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(map(dataclasses.is_dataclass, value))


def _say(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_say(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_say, value))
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").lstrip("-").isdecimal()


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def count_cells(text: str) -> int:
    """Return how many cells a text takes at most: terminals disagree about signs that are joined."""
    return sum(map(_width, text))


def _pad(text: str, width: int, is_right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if is_right else text + space


def say_from(known: KnownFrom) -> str:
    """Return down to which message something is known."""
    if known.id <= 1:
        return "for all that is stored"
    day = f" ({datetime.fromtimestamp(known.date, UTC).date().isoformat()})" if known.date is not None else ""
    return f"from id {known.id} on{day}"
