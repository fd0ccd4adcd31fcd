"""`tobs bench export`, `media`, `copy`, `process` and `metrics`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from tobs.cli.options import AsJson, add_command, add_group, parse_folder
from tobs.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = add_group(app, "bench", "Measure tobs, as ratios to something that anyone can write.")
    add_command(group, "export", export, example="tobs bench export --messages 100000 --rounds 3 --json")
    add_command(group, "media", media, example="tobs bench media --files 50 --size 8MB --latency-ms 50")
    add_command(group, "copy", copy, example="tobs bench copy --size 256 --rounds 5")
    add_command(group, "process", process, example="tobs bench process --rounds 3 --json")
    add_command(group, "metrics", metrics, example="tobs bench metrics --messages 20000 --json")


Rounds = Annotated[
    int,
    typer.Option("--rounds", metavar="COUNT", min=1, help="How often everything is measured in turn."),
]


def export(
    messages: Annotated[
        int, typer.Option("--messages", metavar="COUNT", min=1, help="How many messages the chat has.")
    ] = 100_000,
    rounds: Annotated[
        int,
        typer.Option(
            "--rounds", metavar="COUNT", min=1, help="How often floor and export are measured in turn."
        ),
    ] = 3,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Which invented world is used.")] = 1,
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
    from tobs.cli.screen import open_screen
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import print_json, print_record

    open_settings()
    from tobs.bench.runner import Weather, run_export_bench
    from tobs.simulator.presets import PRESETS

    if faults not in PRESETS:
        raise UsageError(f"There are no faults called {faults!r}.", hint=f"There are: {', '.join(PRESETS)}.")
    weather = Weather(latency_ms, limit, faults)
    with open_screen() as screen:
        result = run_async(run_export_bench(messages, rounds, seed, screen.emit, weather))
    (print_json if as_json else print_record)(result)


def copy(
    size_mb: Annotated[int, typer.Option("--size", metavar="MB", min=1, help="How large the file is.")] = 256,
    rounds: Rounds = 5,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--in",
            metavar="FOLDER",
            parser=parse_folder,
            help="Where the file lies; by default in the system's folder for temporary files.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how a file gets a second place, as a ratio to a loop of aiofiles with blocks of 1 MiB.

    Other sizes of blocks and a loop without aiofiles are shown beside; nothing is synced in any of them.
    """
    from tobs.cli.screen import open_screen
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import print_json, print_record

    open_settings()
    from tobs.bench.copies import run_copy_bench

    with open_screen() as screen:
        result = run_async(run_copy_bench(size_mb, rounds, folder, screen.emit))
    (print_json if as_json else print_record)(result)


def process(
    images: Annotated[
        int, typer.Option("--images", metavar="COUNT", min=2, help="How many pictures are converted.")
    ] = 24,
    videos: Annotated[
        int, typer.Option("--videos", metavar="COUNT", min=2, help="How many films are encoded.")
    ] = 8,
    rounds: Rounds = 3,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Which pictures are invented.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure how pictures and videos are processed, as a ratio to two independent processes with one thread each.

    All make the same bytes on the same two cores, or nothing is said.
    """
    from tobs.cli.screen import open_screen
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import print_json, print_record

    open_settings()
    from tobs.bench.processes import run_process_bench

    with open_screen() as screen:
        result = run_async(run_process_bench(images, videos, rounds, seed, screen.emit))
    (print_json if as_json else print_record)(result)


def metrics(
    messages: Annotated[
        int, typer.Option("--messages", metavar="COUNT", min=1, help="How many messages the chat has.")
    ] = 20_000,
    rounds: Rounds = 3,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Which invented world is used.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure what an export's own metrics cost: calls × cost per call, as a share of its processor time.

    Pairs of exports with and without metrics are shown beside; what they differ by is mostly chance.
    """
    from tobs.cli.screen import open_screen
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import print_json, print_record

    open_settings()
    from tobs.bench.metering import run_metrics_bench

    with open_screen() as screen:
        result = run_async(run_metrics_bench(messages, rounds, seed, screen.emit))
    (print_json if as_json else print_record)(result)


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
    from tobs.cli.screen import open_screen
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import print_json, print_record

    open_settings()
    from tobs.bench.media import MediaPlan, run_media_bench
    from tobs.core.words import parse_size

    file_bytes = 0
    with suppress(ValueError):
        file_bytes = int(str(parse_size(size)))
    if not file_bytes:
        raise UsageError(f"--size takes a size like 8MB, not {size!r}.")
    plan = MediaPlan(files, file_bytes, latency_ms, rounds, is_sequential=not is_short)
    with open_screen() as screen:
        result = run_async(run_media_bench(plan, screen.emit))
    (print_json if as_json else print_record)(result)
