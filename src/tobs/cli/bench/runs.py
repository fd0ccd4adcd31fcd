"""`tobs bench export`, `resume`, `render`, `decode`, `media` and `memory`: what a chat goes through, and what it takes."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from tobs.cli.bench.showing import Messages, Rounds, Seed, show_result
from tobs.cli.options import AsJson
from tobs.errors import UsageError


def export(
    messages: Messages = 100_000,
    rounds: Rounds = 3,
    seed: Seed = 1,
    latency_ms: Annotated[
        float, typer.Option("--latency-ms", metavar="MS", min=0, help="How much later the server answers.")
    ] = 0,
    limit: Annotated[
        float,
        typer.Option(
            "--limit", metavar="COUNT", min=0, help="Messages a second that the server allows; 0: any."
        ),
    ] = 0,
    faults: Annotated[
        str,
        typer.Option("--faults", metavar="NAME", help="What goes wrong: calm, floods, flaky, pages, storm."),
    ] = "calm",
    as_json: AsJson = False,
) -> None:
    """Measure a text export as a ratio to a bare Telethon loop that throws every message away.

    The loop has one request under way at a time, so that with a latency the ratio says what several are worth.
    """
    from tobs.bench.runner import Weather, run_export_bench
    from tobs.simulator.presets import PRESETS

    if faults not in PRESETS:
        raise UsageError(f"There are no faults called {faults!r}.", hint=f"There are: {', '.join(PRESETS)}.")
    weather = Weather(latency_ms, limit, faults)
    show_result(lambda emit: run_export_bench(messages, rounds, seed, emit, weather), as_json=as_json)


def resume(
    messages: Messages = 20_000,
    rounds: Rounds = 3,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure an export of a chat in which nothing happened since the last one.

    Beside it stands a process that only imports what an export does; what is left is the run itself.
    """
    from tobs.bench.resume import run_resume_bench

    show_result(lambda emit: run_resume_bench(messages, rounds, seed, emit), as_json=as_json)


def render(
    messages: Messages = 100_000,
    rounds: Rounds = 3,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure how fast the messages of an archive are drawn in each format, on one core, and how fast they are only read.

    Messages a second are of processor time; nothing is written to disk.
    """
    from tobs.bench.drawings import run_render_bench

    show_result(lambda emit: run_render_bench(messages, rounds, seed, emit), as_json=as_json)


def decode(
    messages: Messages = 100_000,
    rounds: Rounds = 3,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure how fast answers of Telegram become rows, on one core, beside what Telethon takes to read the same bytes."""
    from tobs.bench.decoding import run_decode_bench

    show_result(lambda emit: run_decode_bench(messages, rounds, seed, emit), as_json=as_json)


def media(
    files: Annotated[
        int, typer.Option("--files", metavar="COUNT", min=1, help="How many files the chat has.")
    ] = 50,
    size: Annotated[str, typer.Option("--size", metavar="SIZE", help="How large each is, like 8MB.")] = "8MB",
    latency_ms: Annotated[
        float, typer.Option("--latency-ms", metavar="MS", min=0, help="How much later the server answers.")
    ] = 50,
    rounds: Rounds = 1,
    is_short: Annotated[
        bool,
        typer.Option("--short", help="Leave out Telethon's downloads one after the other, which take long."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure an export with its files as a ratio to Telethon's downloads, and to requests that keep nothing."""
    from tobs.bench.media import MediaPlan, run_media_bench
    from tobs.core.words import parse_size

    file_bytes = 0
    with suppress(ValueError):
        file_bytes = int(str(parse_size(size)))
    if not file_bytes:
        raise UsageError(f"--size takes a size like 8MB, not {size!r}.")
    plan = MediaPlan(files, file_bytes, latency_ms, rounds, is_sequential=not is_short)
    show_result(lambda emit: run_media_bench(plan, emit), as_json=as_json)


def memory(
    messages: Messages = 100_000,
    more: Annotated[
        int, typer.Option("--more", metavar="COUNT", min=1, help="How many the larger chat has.")
    ] = 1_000_000,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure what records take with slots and without, and an export of a chat and of a larger one.

    Memory is that of the main process, of its largest worker, and of all together.
    """
    from tobs.bench.memory import run_memory_bench

    show_result(lambda emit: run_memory_bench(messages, more, seed, emit), as_json=as_json)
