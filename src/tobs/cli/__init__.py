"""The command line: the only printer, and the only place where errors become exit codes.

Whatever a command needs is imported when it is called, so that help appears at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextvars import copy_context
from typing import Annotated

import typer

from tobs import __version__
from tobs._util.garbage import collect_seldom
from tobs.cli import (
    accounts,
    archive,
    bench,
    cache,
    chats,
    config,
    demo,
    detect,
    export,
    login,
    metrics,
    render,
    search,
    verify,
)
from tobs.cli.exits import guard, seal_exit
from tobs.cli.options import SETTINGS, Debug, Help, Quiet, Verbose, note_manner
from tobs.errors import UsageError

app = typer.Typer(
    name="tobs",
    invoke_without_command=True,
    add_help_option=False,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=SETTINGS,
    epilog="`tobs` alone, in a terminal, asks what you want. Without an account: `tobs demo`. With one: `tobs login`, `tobs chats`, `tobs export <chat>`.",
)

for module in (
    login, accounts, chats, export, render, search, verify, demo, archive, cache, config, detect, metrics, bench,
):  # fmt: skip
    module.register(app)


def _print_version(given: bool) -> None:
    if given:
        print(f"tobs {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
    show_help: Help = False,  # noqa: ARG001
) -> None:
    """Export Telegram chats to files you keep: Markdown for Obsidian first, complete, and the same after any crash."""
    note_manner(quiet=quiet, verbose=verbose, debug=debug)
    if context.invoked_subcommand is None:
        raise typer.Exit(_begin(context))


def _begin(context: typer.Context) -> int:
    """Lead through the first steps where somebody sits at a terminal, and else show the help, as an error."""
    if sys.stdin and sys.stdin.isatty() and sys.stdout.isatty():
        from tobs.cli.screen import is_for_person
        from tobs.cli.start import open_settings

        if is_for_person(open_settings()):
            from tobs.cli.guide.flow import guide

            return guide(main)
    print(context.get_help(), file=sys.stderr)
    return UsageError.exit_code


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; without `args` it is this process's own, which ends with it."""
    collect_seldom()
    # How much is said belongs to this command line and ends with it.
    code = copy_context().run(guard, lambda: app(args=args, prog_name="tobs", standalone_mode=False))
    if args is None:
        seal_exit()
    return code
