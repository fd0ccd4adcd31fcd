"""Parsers that are made of Telethon's: which are, and what becomes of the others. What they read: test_reader.py."""

from __future__ import annotations

from typing import Any

import pytest
from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import types as tl
from telethon.tl.alltlobjects import tlobjects

from telegram.test_reader import MADE
from tobs.telegram.parsers import Parsers


class Telethon:
    """Lets Telethon's classes read themselves, and remembers which had to."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def read(self, kind: Any, data: bytes, at: int) -> tuple[Any, int]:
        self.called.append(kind.__name__)
        reader = BinaryReader(data)
        reader.set_position(at)
        return kind.from_reader(reader), reader.tell_position()


@pytest.fixture
def telethon() -> Telethon:
    return Telethon()


def test_all_that_can_stand_in_an_answer_has_a_parser_of_our_own(telethon: Telethon) -> None:
    parsers = Parsers(tlobjects, telethon.read)
    for each in map(vars, MADE):
        try:
            parsers[each["CONSTRUCTOR_ID"]](b"", 0)
        except Exception:  # noqa: BLE001, S112  # there are no bytes; which parser found that out is what counts
            continue
    # Keys are exchanged with these, long before anybody asks for a message.
    assert set(telethon.called) <= {
        "ClientDHInnerData", "DhGenFail", "DhGenOk", "DhGenRetry", "FutureSalts", "PQInnerData", "PQInnerDataDc",
        "PQInnerDataTemp", "PQInnerDataTempDc", "ResPQ", "ServerDHInnerData", "ServerDHParamsFail",
        "ServerDHParamsOk",
    }  # fmt: skip


@pytest.mark.parametrize("line", ["value = reader.read_large_int(bits=128)", "import os", "return reader"])
def test_a_parser_that_looks_otherwise_is_called_as_it_is(
    telethon: Telethon, line: str, tmp_path: Any
) -> None:
    source = f"\nclass Strange(tl.PeerUser):\n    @classmethod\n    def from_reader(cls, reader):\n        {line}\n"
    names: dict[str, Any] = {"tl": tl}
    path = tmp_path / "strange.py"
    path.write_text(source)
    exec(compile(source, str(path), "exec"), names)  # noqa: S102  # a library as it may be one day
    parsers = Parsers({1: names["Strange"]}, lambda kind, data, at: (kind.__name__, at + len(data)))
    assert parsers[1](b"1234", 4) == ("Strange", 8)


def test_a_library_without_its_source_reads_as_before(telethon: Telethon) -> None:
    source = "\nclass Bare(tl.PeerUser):\n    @classmethod\n    def from_reader(cls, reader):\n        return cls(user_id=reader.read_long())\n"
    names: dict[str, Any] = {"tl": tl}
    exec(compile(source, "/nowhere/bare.py", "exec"), names)  # noqa: S102
    found, end = Parsers({1: names["Bare"]}, telethon.read)[1](b"\x07" + bytes(7), 0)
    assert (found.user_id, end, telethon.called) == (7, 8, ["Bare"])


def test_a_constructor_that_the_layer_does_not_have_is_named(telethon: Telethon) -> None:
    with pytest.raises(TypeNotFoundError, match="0000002a"):
        Parsers({}, telethon.read)[42]
