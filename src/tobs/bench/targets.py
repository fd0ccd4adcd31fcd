"""What was promised of speed, memory and cost, held against what a suite measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Scenarios = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Target:
    """One promise: a measured number against a bound, which it is to be at least, or at most with `is_most`."""

    what: str
    bound: float
    measured: float
    is_most: bool
    is_reached: bool


@dataclass(frozen=True, slots=True)
class _Promise:
    what: str
    bound: float | Callable[[Scenarios], float]
    find: Callable[[Scenarios], float]
    is_most: bool = False


def judge(scenarios: Scenarios) -> list[Target]:
    """Return every promise with what came of it, also those that fall short."""
    return [_judge(each, scenarios) for each in _PROMISES]


def _judge(promise: _Promise, scenarios: Scenarios) -> Target:
    bound = promise.bound if isinstance(promise.bound, float | int) else promise.bound(scenarios)
    measured = promise.find(scenarios)
    is_reached = measured <= bound if promise.is_most else measured >= bound
    return Target(promise.what, round(bound, 3), round(measured, 3), promise.is_most, is_reached)


def _arm(scenario: str, name: str, key: str) -> Callable[[Scenarios], float]:
    def find(scenarios: Scenarios) -> float:
        [arm] = [each for each in scenarios[scenario]["arms"] if each["name"] == name]
        return float(arm[key])

    return find


def _plain(scenario: str, key: str, factor: float = 1) -> Callable[[Scenarios], float]:
    return lambda scenarios: factor * float(scenarios[scenario][key])


def _figure(scenario: str, key: str) -> Callable[[Scenarios], float]:
    return lambda scenarios: float(scenarios[scenario]["figures"][key])


def _of_largest(key: str) -> Callable[[Scenarios], float]:
    return lambda scenarios: float(scenarios["memory"]["exports"][-1][key])


def _late_bound(scenarios: Scenarios) -> float:
    """Return the lower of 8 and of what nine tenths of the speed without latency would be."""
    late, calm = scenarios["export_late"], scenarios["export"]
    own = 0.9 * calm["export_messages_per_second"] / late["floor_messages_per_second"]
    return float(min(8.0, own))


def _process_ratio(scenarios: Scenarios) -> float:
    """Return the lower of pictures and films."""
    return float(min(each["median_ratio"] for each in scenarios["process"]["kinds"]))


_PROMISES = (
    _Promise("text export, no latency: speed, a bare Telethon loop as 1", 1.0, _plain("export", "median_ratio")),
    _Promise("text export, 80 ms latency: speed, one request at a time as 1", _late_bound, _plain("export_late", "median_ratio")),
    _Promise("share of a server's limit that is used while fetching", 0.95, _plain("export_limited", "share_of_limit")),
    _Promise("memory of the main process, largest export, MiB", 150, _of_largest("main_mb"), is_most=True),
    _Promise("memory of a worker, largest export, MiB", 70, _of_largest("worker_mb"), is_most=True),
    _Promise("memory of an export of ten times as many messages, the smaller as 1", 1.2, _plain("memory", "growth"), is_most=True),
    _Promise(
        "second run with nothing new, seconds after imports", 1,
        _figure("resume", "seconds_after_imports"), is_most=True,
    ),
    _Promise("Markdown drawn, messages a second and core", 30_000, _arm("render", "markdown", "per_second")),
    _Promise("a search by the index, the slowest way, ms", 100, _figure("search", "slowest_ms"), is_most=True),
    _Promise("what the index of words costs of an export's processor time, %", 10, _figure("search", "index_share_pct"), is_most=True),
    _Promise("50 files of 8 MB at 50 ms: speed, Telethon's download_media as 1", 40, _plain("media", "times_sequential")),
    _Promise("`tobs --help`, ms", 150, lambda scenarios: 1000 * _arm("startup", "tobs --help", "seconds")(scenarios), is_most=True),
    _Promise("`tobs metrics show`, ms", 400, lambda scenarios: 1000 * _arm("startup", "tobs metrics show", "seconds")(scenarios), is_most=True),
    _Promise("records with slots: memory saved, %", 15, _plain("memory", "lowest_saved_pct")),
    _Promise("records with slots: creation, without as 1", 1, _plain("memory", "median_creation_ratio")),
    _Promise("records with slots: access, without as 1", 1, _plain("memory", "median_access_ratio")),
    _Promise("copy of a file: speed, aiofiles with 1 MiB as 1", 3, _plain("copy", "median_ratio")),
    _Promise("copy of a file: processor time of that loop's, %", 20, _plain("copy", "median_cpu_share", 100), is_most=True),
    _Promise("pictures and films: speed-up of two processes as 1", 0.9, _process_ratio),
    _Promise("what metrics cost of an export's processor time, %", 2, _plain("metrics", "share_of_cpu_pct"), is_most=True),
)  # fmt: skip
