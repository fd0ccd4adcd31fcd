"""`tobs bench copy`, `process`, `metrics`, `startup`, `cache` and `search`: parts of tobs by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tobs.cli.bench.showing import Messages, Rounds, Seed, show_result
from tobs.cli.options import AsJson, parse_folder


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
    from tobs.bench.copies import run_copy_bench

    show_result(lambda emit: run_copy_bench(size_mb, rounds, folder, emit), as_json=as_json)


def process(
    images: Annotated[
        int, typer.Option("--images", metavar="COUNT", min=2, help="How many pictures are converted.")
    ] = 24,
    videos: Annotated[
        int, typer.Option("--videos", metavar="COUNT", min=2, help="How many films are encoded.")
    ] = 8,
    rounds: Rounds = 3,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure how pictures and videos are processed, as a ratio to two independent processes with one thread each.

    All make the same bytes on the same two cores, or nothing is said.
    """
    from tobs.bench.processes import run_process_bench

    show_result(lambda emit: run_process_bench(images, videos, rounds, seed, emit), as_json=as_json)


def metrics(
    messages: Messages = 20_000,
    rounds: Rounds = 3,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure what an export's own metrics cost: calls × cost per call, as a share of its processor time.

    Pairs of exports with and without metrics are shown beside; what they differ by is mostly chance.
    """
    from tobs.bench.metering import run_metrics_bench

    show_result(lambda emit: run_metrics_bench(messages, rounds, seed, emit), as_json=as_json)


def startup(
    rounds: Rounds = 10,
    as_json: AsJson = False,
) -> None:
    """Measure how long commands take that somebody waits for, beside a hello world of Typer."""
    from tobs.bench.startup import run_startup_bench

    show_result(lambda emit: run_startup_bench(rounds, emit), as_json=as_json)


def cache(
    messages: Messages = 1_000,
    rounds: Rounds = 3,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure the cache beside a plain dictionary, and count what it saves a second export."""
    from tobs.bench.caches import run_cache_bench

    show_result(lambda emit: run_cache_bench(messages, rounds, seed, emit), as_json=as_json)


def search(
    messages: Messages = 100_000,
    rounds: Rounds = 3,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Measure how long `tobs search` looks for words, beside reading every text, and what the index costs an export."""
    from tobs.bench.searches import run_search_bench

    show_result(lambda emit: run_search_bench(messages, rounds, seed, emit), as_json=as_json)
