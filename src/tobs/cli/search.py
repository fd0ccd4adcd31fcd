"""`tobs search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tobs.cli.options import (
    Chats,
    Output,
    Since,
    Until,
    add_command,
    check_chats,
    make_number_parser,
)
from tobs.errors import UsageError

if TYPE_CHECKING:
    from tobs.core.searching import SearchRequest, SearchResult


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(
        app, "search", search, example="tobs search harbour 'next train' --chat 'Team chat' --since 2026"
    )


def search(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORDS",
            help="What messages must hold: all of it. 'several words' in quotes follow one another; word*, '*part*', OR, NOT.",
        ),
    ] = None,
    chats: Chats = None,
    senders: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="USER",
            help="Only messages of this person: name, id, @username or `me`. Repeat for several.",
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KINDS", help="Only messages with photo, video, voice, link, …: a list with commas."
        ),
    ] = None,
    sort: Annotated[
        str, typer.Option("--sort", metavar="newest|oldest|best", help="What comes first.")
    ] = "newest",
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            parser=make_number_parser("--limit"),
            help="How many are shown at most (20).",
        ),
    ] = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Make the index of words anew first; needed only when it is damaged."),
    ] = False,
    output: Output = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Find messages of an export folder by their words, without the network; also while an export runs.

    Words are found in any case and with or without accents; Chinese, Japanese, Korean, Thai and emoji wherever they
    stand. Each message comes with the note that shows it and its place there.
    """
    check_chats("search", chats or ())
    if not words and not rebuild:
        raise UsageError(
            "There is no word to look for.", hint="`tobs search harbour` finds messages about it."
        )
    from tobs.cli.start import open_settings, run_async
    from tobs.core.searching import ORDERS, SearchRequest, parse_kinds, parse_query
    from tobs.core.span import parse_span

    order = next((each for each in ORDERS if each == sort), None)
    if order is None:
        raise UsageError(f"--sort does not know {sort!r}.", hint=f"It takes: {', '.join(ORDERS)}.")
    span, kinds = parse_span(since=since, until=until), parse_kinds(only or ())
    query = parse_query(words) if words else None
    settings = open_settings(export_path=output)
    if rebuild:
        from tobs.app import indexing
        from tobs.core.words import say_count

        messages = run_async(indexing.rebuild_index(settings, settings.export_path))
        if query is None:
            print(f"The index of words was made anew: {say_count(messages, 'message')}.")
    if query is None:
        return
    from tobs.app import searching

    request = SearchRequest(
        settings.export_path, query, tuple(chats or ()), tuple(senders or ()), span, kinds, order, limit or 20
    )
    result = searching.run_search(settings, request)
    _print_result(request, result, as_json=as_json)


def _print_result(request: SearchRequest, result: SearchResult, *, as_json: bool) -> None:
    from tobs.cli.exits import telling

    with telling():
        if as_json:
            from tobs.cli.tables import print_json_line

            for each in result.messages:
                print_json_line(each)
        else:
            from tobs.cli.finding import print_found

            print_found(request, result)
