"""`tobs bench all` and `tobs bench compare`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tobs.cli.bench.showing import run_scenario
from tobs.cli.options import AsJson, parse_file
from tobs.errors import UsageError

if TYPE_CHECKING:
    from tobs.bench.whole import Suite

Result = Annotated[
    Path, typer.Argument(metavar="A", parser=parse_file, help="What `--json` of a benchmark said.")
]
Other = Annotated[Path, typer.Argument(metavar="B", parser=parse_file, help="What another one said.")]


def run_all(
    is_quick: Annotated[
        bool, typer.Option("--quick", help="Everything tiny, in about a minute: only to see that it works.")
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option(
            "--save", metavar="FILE", parser=parse_file, help="Also write the result as JSON to a file."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run every scenario with its usual sizes, and say which targets were reached.

    Takes about half an hour on two cores. Leave the computer alone meanwhile: whatever else runs is measured as well.
    """
    from tobs.bench.whole import run_suite, save_suite
    from tobs.cli.tables import print_json

    if file and not os.access(file.parent, os.W_OK):  # now, and not after half an hour
        raise UsageError(f"{file} cannot be written: there is no such folder, or it is read-only.")
    suite: Suite = run_scenario(lambda emit: run_suite(emit, is_quick=is_quick))
    if file:
        save_suite(suite, file)
    if as_json:
        print_json(suite)
    else:
        _print_suite(suite)


def _print_suite(suite: Suite) -> None:
    from tobs.cli.tables import print_table

    for name, result in suite.scenarios.items():
        print(f"{name}: {', '.join(_list_numbers(result))}")
    if suite.is_quick:
        print("Everything was tiny, so the numbers say nothing; every scenario works.")
        return
    print()
    rows = [
        [
            each.what,
            f"{'≤' if each.is_most else '≥'} {each.bound:,}",
            f"{each.measured:,}",
            "yes" if each.is_reached else "no",
        ]
        for each in suite.targets
    ]
    print_table(["Target", "Promised", "Measured", "Reached"], rows)


def _list_numbers(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the numbers of a scenario, and how long each of its ways took."""
    for key, each in {**result, **result.get("figures", {})}.items():
        if isinstance(each, int | float) and not isinstance(each, bool):
            yield f"{key.replace('_', ' ')} {each:,}"
    for arm in result.get("arms", []):
        yield f"{arm['name']} {arm['seconds']:,} s"


def compare(one: Result, other: Other, as_json: AsJson = False) -> None:
    """Put the results of two benchmarks side by side: every number of both, and the second with the first as 1."""
    from tobs.bench.compare import compare_results
    from tobs.cli.tables import print_json, print_table

    found = compare_results(one, other)
    if as_json:
        print_json(found)
        return
    for each in found.differences:
        print(each)
    rows = [
        [each.number, f"{each.one:,}", f"{each.other:,}", "–" if each.ratio is None else f"{each.ratio:,.3f}"]
        for each in found.pairs
    ]
    print_table(["Number", "A", "B", "B ÷ A"], rows)
