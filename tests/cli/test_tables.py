from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tobs.cli.tables import clean_text, print_json, print_record, print_table


@dataclass
class Part:
    name: str
    size: int


@dataclass
class Whole:
    folder_name: str
    is_good: bool
    rate: float
    parts: list[Part]
    missing: None = None
    counts: dict[str, int] = field(default_factory=dict)
    labels: tuple[str, ...] = ()


def test_columns_are_aligned_also_with_wide_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("id", "title", "kind"), [(-1001234567890, "中文群", "group"), (5, "Bob", "private")])
    assert capsys.readouterr().out.splitlines() == [
        "            id  title   kind",
        "-1001234567890  中文群  group",
        "             5  Bob     private",
    ]


def test_a_title_cannot_write_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("title",), [("\x1b[31mred\x07\u202egnp.exe\nnext",)])
    assert capsys.readouterr().out == "title\n[31mredgnp.exenext\n"
    assert clean_text("👩\u200d💻 ok") == "👩\u200d💻 ok"


def test_a_record_is_printed_field_by_field(capsys: pytest.CaptureFixture[str]) -> None:
    parts = [Part("a", 1), Part("bb", 23)]
    print_record(Whole("x", is_good=True, rate=0.5, parts=parts, counts={"one": 1000}, labels=("p", "q")))
    assert capsys.readouterr().out.splitlines() == [
        "folder name  x",
        "is good      yes",
        "rate         0.50",
        "missing",
        "counts       one 1,000",
        "labels       p, q",
        "",
        "parts",
        "name  size",
        "a        1",
        "bb      23",
    ]


def test_a_record_inside_a_record_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    @dataclass
    class Outer:
        part: Part

    print_record(Outer(Part("a", 2)))
    assert capsys.readouterr().out == "part  name a, size 2\n"


def test_json_takes_records_and_paths(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"part": Part("ä", 1), "where": Path("a/b")})
    assert capsys.readouterr().out == (
        '{\n  "part": {\n    "name": "ä",\n    "size": 1\n  },\n  "where": "a/b"\n}\n'
    )
