"""Parsers made from Telethon's own: they read the same fields, without a call for each of them.

Telethon's parsers are generated, and all look alike (`_date = reader.tgread_date()`, `if flags & 4: …`). When a
constructor is first met, its parser is translated: numbers that stand side by side are unpacked at once, the position is a
local variable, and an object gets its fields without a call of its class. What is translated is the library's own
source, never anything that was received. A parser that looks otherwise, or has no source here, is called as it is.

| Telethon's | ours |
|---|---|
| `flags = reader.read_int()`, then `_id = reader.read_long()` | `flags, _id = unpack_iq(data, at)`, `at += 12` |
| `_media = reader.tgread_object()` | `_media, at = kinds[uint(data, at)[0]](data, at + 4)` |
| `if flags & 4: _media = …`, `else: _media = None` | `if flags & 4: values["media"], … = …`, where `values` began as a copy of all blanks |
| `return cls(id=_id, media=_media)` | `found.__dict__ = values`, `return found, at` |
"""

from __future__ import annotations

import ast
import re
import struct
import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from telethon.errors import TypeNotFoundError

Parse: TypeAlias = Callable[[bytes, int], tuple[Any, int]]
"""Reads an object whose fields begin at that place; returns it, and where it ends.

Raises TypeNotFoundError for a constructor that the layer does not have, and BufferError, struct.error, IndexError or
RuntimeError for bytes that are no TL.
"""

Call: TypeAlias = Callable[[Any, bytes, int], tuple[Any, int]]
"""Lets a class of Telethon read an object itself."""

_LONG_STRING = 254
VECTOR = 0x1CB5C415
_TRUE = 0x997275B5
_FALSE = 0xBC799737

_NUMBERS = {"read_int": "i", "tgread_date": "i", "read_long": "q", "read_double": "d"}
"""What reads a number, and its format. A date stays UTC seconds, where Telethon would make a datetime."""

_OTHERS = {
    "tgread_object": "{kinds}[uint(data, at)[0]](data, at + 4)",
    "tgread_string": "text(data, at)",
    "tgread_bytes": "string(data, at)",
    "tgread_bool": "flag(data, at)",
}
"""What reads anything else, and what stands for it."""

_read_int = struct.Struct("<i").unpack_from
_read_uint = struct.Struct("<I").unpack_from


def read_string(data: bytes, at: int) -> tuple[bytes, int]:
    """Return a byte string with its length in front and its padding behind, and where that ends."""
    start = at + 1
    length = data[at]
    if length == _LONG_STRING:
        length = int.from_bytes(data[start : start + 3], "little")
        start += 3
    end = start + length
    found = data[start:end]
    if len(found) != length:
        raise BufferError(f"{length} bytes were announced, {len(found)} are there")
    # Padded so that length, data and padding together are a multiple of four.
    return found, end + (at - end) % 4


def read_text(data: bytes, at: int) -> tuple[str, int]:
    """Return a text; bytes that are no UTF-8 become U+FFFD, as in Telethon (the raw page keeps them)."""
    size = data[at]
    end = at + 1 + size
    if size < _LONG_STRING and end <= len(data):  # as nearly all
        return data[at + 1 : end].decode("utf-8", "replace"), end + (at - end) % 4
    found, at = read_string(data, at)
    return found.decode("utf-8", "replace"), at


def _read_flag(data: bytes, at: int) -> tuple[bool, int]:
    number = _read_uint(data, at)[0]
    if number not in {_TRUE, _FALSE}:
        raise RuntimeError(f"{number:#x} is neither true nor false")
    return number == _TRUE, at + 4


def refuse_vector(mark: int, count: int) -> None:
    """Raise BufferError: there stands no list."""
    raise BufferError(f"a list begins with {mark:#x}, or has {count} entries")


class Parsers(dict[int, Parse]):
    """The parsers of the constructors that were met, by number; any other one is made when it is asked for."""

    def __init__(
        self,
        kinds: dict[int, Any],
        call: Call,
        *,
        lists: Mapping[tuple[Any, str], dict[int, Parse]] | None = None,
    ) -> None:
        """`kinds` are Telethon's classes by their numbers; what is of no class (vectors, true and false) is read here.

        `lists` are fields, by class and name, whose elements are read by parsers of their own.
        """
        super().__init__()
        self._kinds = kinds
        self._lists = lists or {}
        self._call = call
        self[VECTOR] = self._read_vector
        self[_TRUE] = lambda _data, at: (True, at)
        self[_FALSE] = lambda _data, at: (False, at)

    def __missing__(self, number: int) -> Parse:
        """Make the parser of a constructor. Raises TypeNotFoundError when the layer does not have it."""
        kind = self._kinds.get(number)
        if kind is None:
            raise TypeNotFoundError(number, b"")
        self[number] = parse = self._translate(kind) or (lambda data, at: self._call(kind, data, at))
        return parse

    def _read_vector(self, data: bytes, at: int) -> tuple[list[Any], int]:
        found = []
        count = _read_int(data, at)[0]
        if count < 0:
            refuse_vector(VECTOR, count)
        at += 4
        for _ in range(count):
            each, at = self[_read_uint(data, at)[0]](data, at + 4)
            found.append(each)
        return found, at

    def _translate(self, kind: Any) -> Parse | None:
        """Return the parser of a class, or None when it has to be called as it is."""
        translation = _Translation(
            kind, {name: table for (each, name), table in self._lists.items() if each is kind}
        )
        try:
            translation.add_method(_find_source(kind.from_reader.__func__))
        except (OSError, AttributeError, ValueError, SyntaxError):
            return None
        names: dict[str, Any] = {
            "kinds": self, "kind": kind, "new": object.__new__, "uint": _read_uint, "text": read_text,
            "string": read_string, "flag": _read_flag, "refuse": refuse_vector, **translation.names,
        }  # fmt: skip
        code = compile("\n".join(translation.lines), f"<parser of {kind.__name__}>", "exec")
        exec(code, names)  # noqa: S102  # made of Telethon's own source
        parse: Parse = names["parse"]
        return parse


class _Translation:
    """The lines of a parser, and the names that they need. Raises ValueError for what it does not know.

    A constructor with optional fields gets a copy of `blank`, into which only what was sent is written.
    """

    _RUN = 6
    """How many optional fields in a row are passed over at once when none of them was sent."""

    def __init__(self, kind: Any, lists: dict[str, dict[int, Parse]]) -> None:
        self.lines = ["def parse(data, at):"]
        self.names: dict[str, Any] = {f"kinds_{name}": table for name, table in lists.items()}
        self._kind = kind
        self._kinds = "kinds"
        self._fields: dict[str, str] = {}
        self._is_filled = False
        self._depth = 1
        self._is_marked = False
        self._numbers: list[tuple[str, str]] = []
        self._truths: list[_Optional] = []
        self._run: list[_Optional] = []

    def add_method(self, source: str) -> None:
        """Translate a whole parser."""
        [method] = ast.parse(textwrap.dedent(source)).body
        statements = getattr(method, "body", [])
        optional = [each for each in map(_find_optional, statements) if each]
        match statements:
            case [*_, ast.Return(ast.Call(ast.Name("cls"), [], fields))]:
                self._fields = {ast.unparse(each.value): str(each.arg) for each in fields}
        if optional:
            self._is_filled = True
            self.names["copy"] = self._make_blank(optional).copy
            self._write("values = copy()")
        for each in statements:
            self._add(each)

    def _make_blank(self, optional: list[_Optional]) -> dict[str, Any]:
        """Return the fields as they are when nothing was sent, but for those of which the class says so itself."""
        unset = {each.field: each.blank for each in optional}
        blank = {name: unset.get(local) for local, name in self._fields.items()}
        said = {self._fields[local] for local in unset if self._fields[local] in vars(self._kind)}
        return {name: value for name, value in blank.items() if name not in said}

    def _add(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign([ast.Name(name)], ast.Call(ast.Attribute(ast.Name("reader"), how), [], [])):
                self._add_reading(name, how)
            case ast.Expr(ast.Call(ast.Attribute(ast.Name("reader"), "read_int"), [], [])):
                self._add_number("mark", "I")  # the constructor of a vector; bare ones have none
                self._is_marked = True
            case ast.Assign([ast.Name(name)], ast.List([])):
                place = f"{self._place(name)} = " if self._is_filled else ""
                # Before what waits to be written: the numbers in front of a list and its length are read at once.
                self.lines.append(f"{' ' * self._depth}{place}{name} = []")
            case ast.For(ast.Name("_"), ast.Call(ast.Name("range"), [ast.Call()]), [reading, append]):
                self._add_reading("count", "read_int")
                # Telethon takes what stands there for a vector, and one of -1 for empty.
                wrong = f"mark != {VECTOR} or count < 0" if self._is_marked else "count < 0"
                self._write(f"if {wrong}: refuse({'mark' if self._is_marked else VECTOR}, count)")
                self._is_marked = False
                self._write("for _ in range(count):")
                self._kinds = self._find_table(append)
                self._add_block([reading, append])
                self._kinds = "kinds"
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(), "append"), [ast.Name()], [])):
                self._write(ast.unparse(statement))
            case ast.Return(ast.Call(ast.Name("cls"), [], _)):
                self._write("found = new(kind)")
                values = ", ".join(f"{name!r}: {local}" for local, name in self._fields.items())
                self._write(f"found.__dict__ = {'values' if self._is_filled else f'{{{values}}}'}")
                self._write("return found, at")
            case _ if optional := _find_optional(statement):
                self._add_optional(optional)
            case _:
                raise ValueError(ast.unparse(statement))

    def _add_optional(self, optional: _Optional) -> None:
        if not optional.body:
            self._truths.append(optional)  # it takes no place in the bytes
            return
        if self._numbers:
            self._flush()
        self._run.append(optional)
        if len(self._run) == self._RUN:
            self._flush()

    def _add_block(self, statements: list[ast.stmt]) -> None:
        self._depth += 1
        for each in statements:
            self._add(each)
        self._flush()
        self._depth -= 1

    def _find_table(self, append: ast.stmt) -> str:
        """Return the name of the parsers for the elements of a list, which is what they are appended to."""
        local = ast.unparse(append).partition(".")[0]
        table = f"kinds_{self._fields.get(local)}"
        return table if table in self.names else "kinds"

    def _add_reading(self, name: str, how: str) -> None:
        if how in _NUMBERS:
            self._add_number(self._place(name), _NUMBERS[how])
        elif how in _OTHERS:
            self._write(f"{self._place(name)}, at = {_OTHERS[how].format(kinds=self._kinds)}")
        else:
            raise ValueError(how)

    def _add_number(self, place: str, form: str) -> None:
        if self._run:
            self._flush()
        self._numbers.append((place, form))

    def _place(self, name: str) -> str:
        """Return what a value that was read is assigned to."""
        return f"values[{self._fields[name]!r}]" if self._is_filled and name in self._fields else name

    def _write(self, line: str) -> None:
        self._flush()
        self.lines.append(f"{' ' * self._depth}{line}")

    def _flush(self) -> None:
        """Write the numbers that stand side by side up to here, what was made of flags among them, or optional fields."""
        numbers, truths, run = self._numbers, self._truths, self._run
        self._numbers, self._truths, self._run = [], [], []
        if numbers:
            form = struct.Struct("<" + "".join(each for _, each in numbers))
            places = "".join(f"{place}, " for place, _ in numbers if place)
            if places:
                reader = f"unpack_{form.format[1:]}"
                self.names[reader] = form.unpack_from
                self._write(f"{places}= {reader}(data, at)")
            self._write(f"at += {form.size}")
        self._write_run(truths)
        self._write_run(run)

    def _write_run(self, run: list[_Optional]) -> None:
        """Write fields each of which depends on a flag: one test tells whether any of them was sent."""
        if len(run) > 1:
            masks: dict[str, int] = {}
            for each in run:
                masks[each.flags] = masks.get(each.flags, 0) | each.mask
            self._write(f"if {' or '.join(f'{name} & {mask}' for name, mask in masks.items())}:")
            self._depth += 1
        for each in run:
            self._write(f"if {each.flags} & {each.mask}:")
            if each.body:
                self._add_block(each.body)
            else:
                self.lines.append(f"{' ' * self._depth} {self._place(each.field)} = True")
        self._depth -= len(run) > 1


class _Optional(NamedTuple):
    """A field that is there when a flag is: `body` reads it, or is empty when the flag is all there is."""

    field: str
    flags: str
    mask: int
    blank: bool | None
    body: list[ast.stmt]


def _find_optional(statement: ast.stmt) -> _Optional | None:
    """Return the optional field that a statement of a parser reads, or None when it is another statement."""
    match statement:
        case ast.Assign(
            [ast.Name(name)],
            ast.Call(ast.Name("bool"), [ast.BinOp(ast.Name(flags), ast.BitAnd(), ast.Constant(int(mask)))]),
        ):
            return _Optional(name, flags, mask, False, [])
        case ast.If(
            ast.BinOp(ast.Name(flags), ast.BitAnd(), ast.Constant(int(mask))),
            body,
            [ast.Assign([ast.Name(name)], ast.Constant(None))],
        ):
            return _Optional(name, flags, mask, None, body)
    return None


def _find_source(method: Any) -> str:
    """Return the source of a method of Telethon's. Raises OSError or ValueError when it is not there."""
    text = _read_module(method.__code__.co_filename)
    kind, _, name = method.__qualname__.partition(".")
    place = text.index(f"\nclass {kind}(".encode())
    start = text.index(f"\n    def {name}(".encode(), place) + 1
    found = _END.search(text, start + 4)
    return text[start : found.start() if found else len(text)].decode()


_END = re.compile(rb"\n(?= {0,4}\S)")


@cache
def _read_module(path: str) -> bytes:
    # Bytes, and no list of lines: there are 60,000 in each process that decodes.
    return Path(path).read_bytes()
