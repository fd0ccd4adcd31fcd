"""`tobs metrics`, and what is said of a run's metrics at its end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tobs.cli.options import AsJson, Output, add_command, add_group, current_manner, parse_file

if TYPE_CHECKING:
    from tobs.core.metrics import RunMetrics
    from tobs.monitoring.formatter import Table

MetricsFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        parser=parse_file,
        help="An export_metrics.json, or the file of a run below .tobs/runs; by default that of the export folder.",
    ),
]
One = Annotated[Path, typer.Argument(metavar="A", parser=parse_file, help="The metrics of one run.")]
Other = Annotated[Path, typer.Argument(metavar="B", parser=parse_file, help="The metrics of another run.")]


def register(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = add_group(app, "metrics", "Look at what an export measured of itself.")
    add_command(group, "show", show, example="tobs metrics show -o ~/Vault/Telegram")
    add_command(group, "compare", compare, example="tobs metrics compare before.json after.json")


def show(file: MetricsFile = None, output: Output = None, as_json: AsJson = False) -> None:
    """Say what a run did, how fast, and what held it back.

    On a terminal the course of the run is drawn, too. docs/METRICS_GUIDE.md explains every number.
    """
    from tobs.monitoring.files import read_metrics

    metrics = read_metrics(file or _find_file(output))
    if as_json:
        from tobs.cli.tables import print_json

        print_json(metrics)
        return
    from tobs.cli.tables import clean_text
    from tobs.monitoring.formatter import list_tables, list_totals

    for table in list_tables(metrics):
        _print_table(table)
    _print_plots(metrics)
    for line in list_totals(metrics):
        print(clean_text(line))


def compare(one: One, other: Other, as_json: AsJson = False) -> None:
    """Hold the metrics of two runs against each other; the ratio is B by A."""
    from tobs.monitoring.files import read_metrics
    from tobs.monitoring.formatter import compare_metrics

    found = compare_metrics(read_metrics(one), read_metrics(other))
    if as_json:
        from tobs.cli.tables import print_json

        print_json(found)
        return
    from tobs.cli.tables import print_table

    print_table(
        ("Figure", "A", "B", "B : A"),
        [(each.figure, each.say_before(), each.say_after(), each.say_ratio()) for each in found],
    )


def list_short(metrics: RunMetrics | None) -> list[list[str]]:
    """Return in a few lines what a run that has just ended measured of itself, if it came to anything.

    There are several versions, from the longest to the shortest.
    """
    if metrics is None or not metrics.stages:
        return []
    from tobs.cli.tables import clean_text, make_table
    from tobs.monitoring.formatter import make_short, say_held_back, say_load

    table = make_short(metrics)
    load, held = clean_text(say_load(metrics)), clean_text(say_held_back(metrics))
    return [["", *make_table(table.header, table.rows), "", load, held], [load, held], [held]]


def _find_file(output: Path | None) -> Path:
    from tobs.core.metrics import METRICS_FILE

    if output is None:
        from tobs.cli.start import open_settings

        output = open_settings().export_path
    return output / METRICS_FILE


def _print_table(table: Table) -> None:
    from tobs.cli.tables import print_table

    if table.rows:
        print_table(table.header, table.rows)
        print()


def _print_plots(metrics: RunMetrics) -> None:
    """Draw the course of the run where somebody looks at it."""
    import shutil

    from tobs.monitoring.formatter import draw_plots

    if not sys.stdout.isatty() or current_manner().quiet:
        return
    is_ascii = not (sys.stdout.encoding or "").lower().startswith("utf")
    for line in draw_plots(metrics, shutil.get_terminal_size().columns, is_ascii=is_ascii):
        print(line)
