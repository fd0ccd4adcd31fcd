"""`tobs verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from tobs.cli.options import (
    Account,
    AsJson,
    Output,
    add_command,
    check_chats,
    current_manner,
    make_number_parser,
)

PROBES = 1000
"""How many empty ids of each chat --probe looks up, unless told otherwise."""


def register(app: typer.Typer) -> None:
    """Add the command; a marked id like -1001234567890 is an argument there, not an option."""
    example = "tobs verify 'Team chat' -o ~/Vault/Telegram --json"
    add_command(app, "verify", verify, example=example, ignore_unknown_options=True)


def verify(
    chats: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CHAT]", help="Title, @username, id or `me`; all of the folder by default."),
    ] = None,
    output: Output = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask Telegram how many messages it counts.")
    ] = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="Also ask for empty ids one by one (channels and supergroups).")
    ] = False,
    probe_limit: Annotated[
        int | None,
        typer.Option(
            "--probe-limit",
            metavar="COUNT",
            parser=make_number_parser("--probe-limit"),
            help=f"How many ids of each chat, newest first ({PROBES:,}).",
        ),
    ] = None,
    fidelity: Annotated[
        bool, typer.Option("--fidelity", help="Also say what the files of each format do not show.")
    ] = False,
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Prove what an export folder holds: a certificate of every id, message, answer and note.

    Works without the network and without a login, and changes nothing; only --online and --probe ask Telegram, and
    --probe stores what it learns. Exit code 0: all that was asked for is accounted for and intact; 3: something of it is
    unknown, unreadable or missing; 12: something is damaged. A chat that is sound and whole has one line, with -v all.
    """
    check_chats("verify", chats or ())
    from tobs.cli.ask import unlock
    from tobs.cli.certificate import print_certificate
    from tobs.cli.exits import telling
    from tobs.cli.fidelity import print_fidelity
    from tobs.cli.screen import find_mode, open_screen
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import print_json
    from tobs.core.request import VerifyRequest

    settings = open_settings(export_path=output, account=account)
    settings = unlock(settings) if online or probe else settings
    from tobs.app import verifying

    limit = (probe_limit or PROBES) if probe else 0
    request = VerifyRequest(settings.export_path, tuple(chats or ()), online or probe, limit)
    with open_screen(find_mode(settings)) as screen:
        found = run_async(verifying.run_verify(settings, request, screen.emit))
    with telling():
        if as_json:
            print_json(found)
        else:
            print_certificate(found, is_verbose=current_manner().verbose)
        if fidelity and not as_json:
            print_fidelity(each.fidelity for each in found.chats if each.fidelity)
    raise typer.Exit(found.exit_code)
