"""docs/performance.md: what is measured and how, with the tables of a release's results in docs/benchmarks/."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tobs

RESULTS = Path(__file__).parent.parent / "docs" / "benchmarks" / f"{tobs.__version__}.json"


def write_performance_page() -> str:
    """Return the page; every number in it is in the file of results."""
    suite = json.loads(RESULTS.read_bytes())
    found = suite["scenarios"]
    lines = [
        *_INTRO,
        *_TARGETS_INTRO,
        "",
        *_table(["promise", "bound", "measured", "reached"], map(_describe_target, suite["targets"])),
        "",
        *_SHORT,
        "## Scenarios",
        "",
        *_export(found),
        *_arms(found["resume"], _RESUME),
        *_arms(found["render"], _RENDER),
        *_arms(found["decode"], _DECODE),
        *_arms(found["search"], _SEARCH),
        *_media(found["media"]),
        *_memory(found["memory"]),
        *_arms(found["startup"], _STARTUP),
        *_arms(found["cache"], _CACHE),
        *_copy(found["copy"]),
        *_process(found["process"]),
        *_metrics(found["metrics"]),
        *_PROMISES_INTRO,
        *_table(["the older tobs promised", "measured", "where"], _list_promises(found)),
        "",
        *_NAMES,
    ]
    machine = ", ".join(f"{key} {value}" for key, value in suite["machine"].items())
    return "\n".join(lines).replace("@MACHINE@", machine).replace("@FILE@", RESULTS.name) + "\n"


def _table(header: list[str], rows: Any) -> Iterator[str]:
    cells = [[str(each) for each in row] for row in rows]
    are_numbers = [all(row[at][:1].isdecimal() for row in cells) for at in range(len(header))]
    yield f"| {' | '.join(header)} |"
    yield f"|{'|'.join('---:' if each else '---' for each in are_numbers)}|"
    for row in cells:
        yield f"| {' | '.join(row)} |"


def _describe_target(target: dict[str, Any]) -> list[str]:
    sign = "≤" if target["is_most"] else "≥"
    reached = "yes" if target["is_reached"] else "**no**"
    return [target["what"], f"{sign} {target['bound']:,}", f"{target['measured']:,}", reached]


def _spread(one: dict[str, Any]) -> str:
    return f"{one['median_ratio']:,} ({one['lowest_ratio']:,} to {one['highest_ratio']:,})"


def _export(found: dict[str, Any]) -> Iterator[str]:
    yield from _EXPORT
    names = {
        "export": "no latency",
        "export_late": "80 ms",
        "export_limited": "limit of 1,000 messages a second",
    }
    rows = [
        [
            f"{name}, {found[key]['messages']:,} messages",
            _spread(found[key]),
            f"{found[key]['export_messages_per_second']:,.1f}",
            f"{found[key]['floor_messages_per_second']:,.1f}",
            f"{found[key]['rounds'][0]['export']['cpu_seconds']:,}",
            f"{max(each['export']['peak_rss_mb'] for each in found[key]['rounds']):,}",
            f"{max(each['export']['tree_rss_mb'] for each in found[key]['rounds']):,}",
            f"{found[key]['server_cpu_seconds']:,}",
        ]
        for key, name in names.items()
    ]
    header = [
        "server", "speed, loop as 1", "messages/s", "loop's", "CPU s", "peak MiB", "with workers", "server's CPU s",
    ]  # fmt: skip
    yield from _table(header, rows)
    limited = found["export_limited"]
    yield ""
    yield (
        f"Of the limit {limited['share_of_limit']:.0%} was used while pages were fetched, "
        f"{limited['share_with_notes']:.0%} from the command's start to its end."
    )
    yield ""


def _arms(result: dict[str, Any], intro: tuple[str, ...]) -> Iterator[str]:
    yield from intro
    ratios = {each["name"]: _spread(each) for each in result["ratios"]}
    rows = [
        [
            arm["name"],
            f"{arm['seconds']:,} ({arm['lowest_seconds']:,} to {arm['highest_seconds']:,})",
            f"{arm['cpu_seconds']:,}",
            f"{arm['peak_rss_mb']:,}",
            f"{arm['per_second']:,}",
            ratios.get(arm["name"], "1"),
        ]
        for arm in result["arms"]
    ]
    per_second = f"{result['unit']}/s"
    yield from _table(["", "seconds", "CPU s", "peak MiB", per_second, "speed, first as 1"], rows)
    if result["figures"]:
        said = (f"{key.replace('_', ' ')} {value:,}" for key, value in result["figures"].items())
        yield ""
        yield f"Besides: {', '.join(said)}."
    yield ""


def _media(result: dict[str, Any]) -> Iterator[str]:
    yield from _MEDIA
    yield (
        f"{result['files']} files of {result['file_mb']:,} MB with {result['latency_ms']:,} ms: "
        f"{result['times_sequential']:,} × Telethon's `download_media` one after the other, {result['share_of_raw']:,} of bare "
        f"requests that keep nothing ({result['export_mb_per_second']:,} MB/s against {result['sequential_mb_per_second']:,} and "
        f"{result['raw_mb_per_second']:,}), {result['export_peak_rss_mb']:,} MiB."
    )
    yield ""


def _memory(result: dict[str, Any]) -> Iterator[str]:
    yield from _MEMORY
    rows = [
        [
            f"{each['messages']:,}",
            *(f"{each[key]:,}" for key in ("seconds", "main_mb", "worker_mb", "tree_mb")),
        ]
        for each in result["exports"]
    ]
    yield from _table(["messages", "seconds", "main process, MiB", "largest worker", "all together"], rows)
    yield ""
    yield from _RECORDS
    keys = (
        "fields",
        "bytes_each",
        "plain_bytes_each",
        "saved_pct",
        "deep_saved_pct",
        "creation_ratio",
        "access_ratio",
        "ms_for_10000",
    )
    yield from _table(
        [
            "record",
            "fields",
            "bytes",
            "without slots",
            "saved %",
            "with its values %",
            "creation",
            "access",
            "10,000 made, ms",
        ],
        [[f"`{each['record']}`", *(f"{each[key]:,}" for key in keys)] for each in result["records"]],
    )
    yield ""


def _copy(result: dict[str, Any]) -> Iterator[str]:
    yield from _COPY
    rows = [
        [each["name"], *(f"{each[key]:,}" for key in ("seconds", "cpu_seconds", "mib_per_second"))]
        for each in result["arms"]
    ]
    yield from _table(["way", "seconds", "CPU s", "MiB/s"], rows)
    yield ""
    yield f"tobs copied by `{result['way']}`: {_spread(result)} × the loop with 1 MiB, {100 * result['median_cpu_share']:.1f} % of its processor time."
    yield ""


def _process(result: dict[str, Any]) -> Iterator[str]:
    yield from _PROCESS
    rows = [
        [
            each["kind"],
            each["files"],
            _spread(each),
            f"{each['tobs_speed_up']:,}",
            f"{each['two_loops_speed_up']:,}",
        ]
        for each in result["kinds"]
    ]
    yield from _table(["", "files", "tobs, two processes as 1", "speed-up of tobs", "of two processes"], rows)
    yield ""


def _metrics(result: dict[str, Any]) -> Iterator[str]:
    yield from _METRICS
    pairs = f"{result['median_pair_ratio']:,} ({result['lowest_pair_ratio']:,} to {result['highest_pair_ratio']:,})"
    yield (
        f"{result['messages']:,} messages: {result['share_of_cpu_pct']:,} % of the processor time by calls × cost; pairs with and "
        f"without: {pairs} × the processor time."
    )
    yield ""


def _list_promises(found: dict[str, Any]) -> Iterator[list[str]]:
    memory, cache, resume = found["memory"], found["cache"]["figures"], found["resume"]["figures"]
    asked, saved = resume["requests"], cache["resolved_by_first_run"] - cache["resolved_by_second_run"]
    made = next(each["ms_for_10000"] for each in memory["records"] if each["record"] == "Message")
    yield ["420 messages/s", f"{found['export']['export_messages_per_second']:,} messages/s", "`export`"]
    yield [
        "API calls −5 to −10 % by the cache of input peers",
        f"a second run asks {asked:g} times instead of {asked + saved:g}",
        "`resume`, `cache`",
    ]
    yield [
        "memory −15 to −25 % by slots",
        f"−{memory['lowest_saved_pct']:,} % at least, −{memory['median_saved_pct']:,} % in the middle, of the records alone",
        "`memory`",
    ]
    yield ["processor time of videos −50 to −80 % by VA-API", "not measured: no such hardware here", "–"]
    yield [
        "bandwidth −10 to −20 % by deduplication",
        "each content crosses the wire once, whatever the share of reposts; counted at the server, not by a benchmark",
        "`tests/e2e/test_media.py`",
    ]
    yield ["copies 2 to 4 × as fast", f"{found['copy']['median_ratio']:,} ×", "`copy`"]
    yield [
        "hit rate of the cache over 60 %",
        f"{100 * saved / cache['resolved_by_first_run']:.0f} % in a second run",
        "`cache`",
    ]
    yield ["10,000 records made in under 0.5 s", f"{made / 1000:.4f} s", "`memory`"]


_INTRO = (
    "# Speed and memory",
    "",
    "`tobs bench` measures tobs on your computer, each number as a ratio to something that anyone can write, measured in the same",
    "run. `tobs bench all --save results.json` runs everything in about half an hour and says which promises are kept;",
    "`tobs bench all --quick` sees in a minute that it works. `tobs bench compare A.json B.json` puts two results side by side.",
    "Each scenario is a command as well, and each takes `--json`.",
    "",
    "Everything runs in fresh processes, a scenario and its baseline in turn, so that a computer that becomes slower meanwhile is",
    "slower for both; shown are medians, with the lowest and the highest round in brackets. Exports keep all their guarantees: every page is",
    "committed, every note written and synced, and a round counts only when every message is in the archive. The server is",
    "the [simulator](simulator.md), a process on the same computer, whose processor time is told apart. Memory of the process",
    "itself is the system's own peak; that of workers is looked at four times a second.",
    "",
    "The numbers below are of one run of `tobs bench all` ([@FILE@](benchmarks/@FILE@)) on: @MACHINE@. The machine is a shared virtual",
    "one: from one hour to the next the same code takes up to half as long again, so compare ratios, not seconds. This page is made from",
    "that file by `scripts/generate.py`.",
    "",
)
_TARGETS_INTRO = ("## What was promised",)
_SHORT = (
    "What falls short, and why:",
    "",
    "- **The bare loop** (speed without latency): it uses one core and keeps nothing; an export decodes each answer into rows, commits them with",
    "  the bytes they came from, and draws and syncs notes. Both cores are busy nearly all the while, more than half of it with drawing and",
    "  decoding; the server takes its part of them as well.",
    "- **80 ms**: with some requests in flight pages come faster than these two cores, which share one processor, can decode and draw them; so",
    "  this number follows the hour. Two runs of other hours, before decoding and drawing became quicker, had 6.4 and 6.6, this one 5.4.",
    "- **Drawing Markdown**: about 80 calls of Python functions for a message, none of which takes more than a few hundredths of the time.",
    "  Compiling the 30 modules that draw with mypyc saved a fifth, which is not worth a compiler at installation.",
    "- **Workers**: 49 MiB are Python, the modules that decode and draw, and Telegram's language as Telethon has it; the rest comes with the work.",
    "- **Slots**: `msgspec.Struct` reads a field a few hundredths slower than a class with a `__dict__` that CPython has learned.",
    "- A number within a few hundredths of its bound lies now above it, now below.",
    "",
)
_EXPORT = (
    "### `tobs bench export`",
    "",
    "A text export (archive and Markdown) against a bare Telethon loop over `getHistory` that throws every message away and has one request",
    "under way at a time. So with a latency (`--latency-ms 80`) the ratio says what several requests in flight are worth; under a limit",
    "(`--limit 1000`, told by FLOOD_WAITs) the share of it says how much of what the server allows was used.",
    "",
)
_RESUME = (
    "### `tobs bench resume`",
    "",
    "A second export in which nothing is new, against a process that only imports what an export does.",
    "",
)
_RENDER = (
    "### `tobs bench render`",
    "",
    "All messages of an archive drawn in each format, in one process and one thread, without writing files; messages a second are of",
    "processor time. The baseline only reads the messages.",
    "",
)
_DECODE = (
    "### `tobs bench decode`",
    "",
    "The answers of an export from bytes to rows, in one process and one thread, against Telethon making its objects of the same bytes.",
    "",
)
_SEARCH = (
    "### `tobs bench search`",
    "",
    "Searches in an archive, each asked ten times on one connection, against a part that has no index, for which every text is read. The",
    "index is then made anew, in the batches in which an export makes it: its share is of the rest of that export's processor time. This",
    "scenario is younger than the others: it was run by itself, later, once, while other work ran beside. A search of 480,000 messages took 13 ms of",
    "processor time where nobody wrote the word, 25 to 90 where every twentieth message has it, and 180 where more than half of them do: each message",
    "found is looked at for its date, so it is the number of these that counts.",
    "",
)
_MEDIA = (
    "### `tobs bench media`",
    "",
    "An export with its files, checked and hashed, against Telethon's downloads and against bare requests.",
    "",
)
_MEMORY = (
    "### `tobs bench memory`",
    "",
    "The most memory that an export holds, of a chat and of a larger one:",
    "",
)
_RECORDS = (
    "And what the records take that exist once per message or more, against classes with the same fields and no slots: bytes of the objects",
    "alone, without the text and the values that they share; creation and access as speed, the class without slots as 1. Those of messages",
    "are `msgspec.Struct`s, which have no `__dict__` either and are made faster than dataclasses with slots.",
    "",
)
_STARTUP = (
    "### `tobs bench startup`",
    "",
    "Commands that somebody waits for, against a hello world of Typer that prints its help.",
    "",
)
_CACHE = (
    "### `tobs bench cache`",
    "",
    "Twenty times 10,000 entries, against a plain dictionary; and what a second export need not ask for.",
    "",
)
_COPY = (
    "### `tobs bench copy`",
    "",
    "A second place for a file of 256 MiB, against loops of aiofiles; nothing is synced in any.",
    "",
)
_PROCESS = (
    "### `tobs bench process`",
    "",
    "Pictures and films by one tobs against two independent processes with one thread each; all make the same bytes.",
    "",
)
_METRICS = (
    "### `tobs bench metrics`",
    "",
    "What an export's own metrics cost.",
    "",
)
_PROMISES_INTRO = (
    "## Promised and measured",
    "",
    "The documents of an older system of the same name promised these:",
    "",
)
_NAMES = (
    "Its records are these now:",
    "",
    "| older name | now |",
    "|---|---|",
    "| ExportedMessage | `core.model.Message` |",
    "| MessageMetadata | `core.model.Content` and `core.model.Counters` |",
    "| EntityCacheData | `cache.entry.CacheEntry` |",
    "| PipelineStats | `core.metrics.StageMetrics` |",
    "| ExportStatistics | `core.report.RunReport` and `core.report.ChatReport` |",
    "| ExportMetrics | `core.metrics.RunMetrics` |",
    "| MediaMetadata | `core.media.Media` and `core.media.File` |",
    "| ProcessingTask | `core.model.WantRow` for a download; what is processed follows from the archive |",
)
