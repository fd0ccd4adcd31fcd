"""`tobs bench`: measure tobs, as ratios to something that anyone can write."""

from __future__ import annotations

import typer

from tobs.cli.bench import pieces, runs, whole
from tobs.cli.options import add_command, add_group


def register(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = add_group(app, "bench", "Measure tobs, as ratios to something that anyone can write.")
    add_command(group, "all", whole.run_all, example="tobs bench all --save results.json")
    add_command(group, "compare", whole.compare, example="tobs bench compare before.json after.json")
    add_command(group, "export", runs.export, example="tobs bench export --messages 100000 --rounds 3 --json")
    add_command(group, "resume", runs.resume, example="tobs bench resume --messages 20000")
    add_command(group, "render", runs.render, example="tobs bench render --messages 100000 --rounds 3")
    add_command(group, "decode", runs.decode, example="tobs bench decode --messages 100000 --rounds 3")
    add_command(group, "media", runs.media, example="tobs bench media --files 50 --size 8MB --latency-ms 50")
    add_command(group, "memory", runs.memory, example="tobs bench memory --messages 10000 --more 100000")
    add_command(group, "copy", pieces.copy, example="tobs bench copy --size 256 --rounds 5")
    add_command(group, "process", pieces.process, example="tobs bench process --rounds 3 --json")
    add_command(group, "metrics", pieces.metrics, example="tobs bench metrics --messages 20000 --json")
    add_command(group, "startup", pieces.startup, example="tobs bench startup --rounds 20")
    add_command(group, "cache", pieces.cache, example="tobs bench cache --rounds 5")
    add_command(group, "search", pieces.search, example="tobs bench search --messages 100000")
