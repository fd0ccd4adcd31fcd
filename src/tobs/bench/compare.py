"""`tobs bench compare`: the results of two runs side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tobs.errors import UsageError

_LEFT_OUT = frozenset({"rounds", "machine", "version", "is_quick", "targets"})
_SIZES = ("messages", "pieces", "files", "file_mb", "latency_ms", "size_mb", "weather", "is_quick")


@dataclass(slots=True)
class Pair:
    """One number of both results; `ratio` is the other's, with the one's as 1, and None where that is 0."""

    number: str
    one: float
    other: float
    ratio: float | None


@dataclass(slots=True)
class Comparison:
    """All numbers that both have, and why they may not be compared."""

    differences: list[str] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)


def compare_results(one: Path, other: Path) -> Comparison:
    """Compare what `--json` of two benchmarks said. Raises UsageError for a file that holds none, or nothing alike."""
    first, second = _read_result(one), _read_result(other)
    shared = [each for each in first if each in second]
    if not shared:
        raise UsageError(
            f"{one} and {other} have no scenario in common: {', '.join(first)} against {', '.join(second)}."
        )
    found = Comparison()
    for name in shared:
        found.differences += _find_differences(name, first[name], second[name])
        numbers = dict(_list_numbers(second[name], name))
        found.pairs += [
            Pair(key, value, numbers[key], round(numbers[key] / value, 3) if value else None)
            for key, value in _list_numbers(first[name], name)
            if key in numbers
        ]
    found.differences = list(dict.fromkeys(found.differences))
    return found


def _read_result(path: Path) -> dict[str, dict[str, Any]]:
    """Return the scenarios of a result: many of `tobs bench all`, one of any other benchmark."""
    try:
        document = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except msgspec.MsgspecError:
        document = None
    if isinstance(document, dict):
        if isinstance(found := document.get("scenarios"), dict) and found:
            sizes = {each: document[each] for each in _SIZES if each in document}
            return {str(name): {**each, **sizes} for name, each in found.items() if isinstance(each, dict)}
        if isinstance(name := document.get("scenario"), str):
            return {name: document}
    raise UsageError(
        f"{path} holds no result of a benchmark.", hint="`tobs bench all --save FILE` writes one."
    )


def _find_differences(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    machines = one.get("machine"), other.get("machine")
    if machines[0] != machines[1]:
        yield f"They were not measured alike: {_say(machines[0])} against {_say(machines[1])}."
    for key in _SIZES:
        if one.get(key) != other.get(key):
            yield f"{name}: {key} is {one.get(key)} against {other.get(key)}."


def _say(machine: object) -> str:
    return (
        ", ".join(f"{key} {value}" for key, value in machine.items())
        if isinstance(machine, dict)
        else "an unknown machine"
    )


def _list_numbers(value: object, path: str) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a document by path; of a list of named things each stands under its name."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _LEFT_OUT:
                yield from _list_numbers(each, f"{path}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _list_numbers(each, f"{path}.{_name(each, number)}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


def _name(value: object, number: int) -> str:
    if isinstance(value, dict):
        for key in ("name", "record", "kind", "call", "messages"):
            if key in value:
                return str(value[key])
    return str(number)
