"""What commands of `tobs bench` have in common."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tobs.core.ports.services import Emit

Messages = Annotated[
    int, typer.Option("--messages", metavar="COUNT", min=1, help="How many messages the chat has.")
]
Rounds = Annotated[
    int,
    typer.Option("--rounds", metavar="COUNT", min=1, help="How often everything is measured in turn."),
]
Seed = Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Which invented world is used.")]


def show_result(run: Callable[[Emit], Coroutine[Any, Any, Any]], *, as_json: bool) -> None:
    """Run a scenario, and print what it found."""
    from tobs.cli.tables import print_json, print_record

    (print_json if as_json else print_record)(run_scenario(run))


def run_scenario(run: Callable[[Emit], Coroutine[Any, Any, Any]]) -> Any:
    """Run a scenario, and say meanwhile how far it is."""
    from tobs.cli.screen import open_screen
    from tobs.cli.start import open_settings, run_async

    open_settings()
    with open_screen() as screen:
        return run_async(run(screen.emit))
