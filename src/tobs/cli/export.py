"""`tobs export`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tobs.cli.media import (
    ExcludedExtensions,
    ImageFormat,
    ImageMaxSide,
    IncludedExtensions,
    MaxSize,
    Media,
    MediaLayout,
    Process,
    VerifyMedia,
    VideoCodec,
    check_process,
    make_choice,
)
from tobs.cli.options import (
    Account,
    AsJson,
    Comments,
    DryRun,
    Excluded,
    Flavor,
    Folders,
    Formats,
    FromId,
    KeepDeleted,
    Last,
    Layout,
    Only,
    Output,
    Posts,
    Prometheus,
    RefreshText,
    Senders,
    ShowEdits,
    Since,
    Takeout,
    ToId,
    Topics,
    Types,
    Until,
    add_command,
    check_chats,
    make_selection,
)
from tobs.cli.profiles import Profile
from tobs.errors import UsageError

if TYPE_CHECKING:
    from tobs.core.chatname import Spot
    from tobs.core.choice import MediaChoice
    from tobs.core.request import ExportRequest, Refresh, Selection
    from tobs.core.span import Span
    from tobs.settings import Settings

Named = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CHAT]", help="@username, link, title, +phone number, id (`tobs chats`) or `me`."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command; a marked id like -1001234567890 is an argument there, not an option."""
    example = "tobs export @durov 'Team chat' -1001234567890 me -o ~/Vault/Telegram"
    add_command(app, "export", export, example=example, ignore_unknown_options=True)


def export(
    chats: Named = None,
    every: Annotated[bool, typer.Option("--all", help="Every chat of your list.")] = False,
    folders: Folders = None,
    types: Types = None,
    excluded: Excluded = None,
    topics: Topics = None,
    posts: Posts = None,
    output: Output = None,
    formats: Formats = None,
    layout: Layout = None,
    flavor: Flavor = None,
    since: Since = None,
    until: Until = None,
    last: Last = None,
    from_id: FromId = None,
    to_id: ToId = None,
    senders: Senders = None,
    only: Only = None,
    media: Media = None,
    max_size: MaxSize = None,
    included_extensions: IncludedExtensions = None,
    excluded_extensions: ExcludedExtensions = None,
    verify_media: VerifyMedia = None,
    media_layout: MediaLayout = None,
    process: Process = None,
    image_format: ImageFormat = None,
    image_max_side: ImageMaxSide = None,
    video_codec: VideoCodec = None,
    refresh: RefreshText = None,
    takeout: Takeout = None,
    keep_deleted: KeepDeleted = None,
    show_edits: ShowEdits = None,
    comments: Comments = None,
    prometheus: Prometheus = None,
    account: Account = None,
    profile: Profile = None,  # noqa: ARG001 - its callback has filled in the others
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Export chats to notes in a folder.

    Chats are named, or chosen from your list with --all, --folder and --type, or both: the named ones come first.
    Run it again to continue, or to fetch what is new. The folder also holds the archive (.tobs/archive.sqlite): all that
    Telegram sent, from which `tobs render` makes the notes again. A range of dates or ids limits what is fetched, never what
    the notes show. On a terminal progress is drawn; otherwise stdout carries one JSON event a line.
    """
    named = tuple(chats or ())
    selection = make_selection(is_all=every, folders=folders, types=types, excluded=excluded)
    _check_choice(named, selection, has_json=as_json and not dry_run)
    from tobs.cli.start import open_settings
    from tobs.core.span import parse_span

    span = parse_span(since=since, until=until, last=last, low=from_id, high=to_id)
    spots = _read_spots(named, selection, topics, posts)
    request = _make_request(named, selection, span, spots, senders, only)
    settings = open_settings(
        export_path=output,
        format=formats,
        layout=layout,
        flavor=flavor,
        refresh_window=refresh,
        takeout=takeout,
        keep_deleted=keep_deleted,
        show_edits=show_edits,
        comments=comments,
        max_size=max_size,
        verify_media=verify_media,
        media_layout=media_layout,
        process=process,
        image_format=image_format,
        image_max_side=image_max_side,
        video_codec=video_codec,
        prometheus_file=prometheus,
        account=account,
    )
    check_process(settings, image_format, image_max_side, video_codec)
    choice = make_choice(settings, media, included_extensions, excluded_extensions)
    request = _fill_in(settings, request, choice, is_refresh_asked=refresh is not None)
    raise typer.Exit(_forecast(settings, request, as_json=as_json) if dry_run else _run(settings, request))


def _make_request(
    named: tuple[str, ...],
    selection: Selection,
    span: Span,
    spots: tuple[Spot, ...],
    senders: list[str] | None,
    only: list[str] | None,
) -> ExportRequest:
    """Return what is to be fetched; where to, and which media, follows from the settings. Raises UsageError."""
    from tobs.core.filters import parse_filter
    from tobs.core.request import ExportRequest

    wanted = parse_filter(senders or (), only or ())
    request = ExportRequest(named, Path(), selection, span, filter=wanted, spots=spots)
    _check_places(request)
    return request


def _fill_in(
    settings: Settings, request: ExportRequest, media: MediaChoice, *, is_refresh_asked: bool
) -> ExportRequest:
    """Return the request with what follows from the settings. Raises UsageError."""
    again = _read_refresh(settings, request, is_asked=is_refresh_asked)
    return replace(request, output=settings.export_path, refresh=again, media=media)


def _forecast(settings: Settings, request: ExportRequest, *, as_json: bool) -> int:
    from tobs.cli.forecast import forecast

    return forecast(settings, request, as_json=as_json)


def _run(settings: Settings, request: ExportRequest) -> int:
    """Export, say how it went, and return the exit code."""
    from tobs.app import exporting
    from tobs.cli.ask import unlock
    from tobs.cli.exits import telling
    from tobs.cli.screen import find_mode, open_screen
    from tobs.cli.start import run_gracefully
    from tobs.cli.stream import JsonLines
    from tobs.cli.summary import print_run

    with open_screen(find_mode(settings), is_stream=True) as screen:
        settings = unlock(settings)
        report = run_gracefully(lambda stop: exporting.run_export(settings, request, screen.emit, stop))
    if not isinstance(screen, JsonLines):
        with telling():
            print_run(report, request.output)
    return report.exit_code


def _check_choice(named: tuple[str, ...], selection: Selection, *, has_json: bool) -> None:
    check_chats("export", named, may_lead_inside=True)
    check_chats("export", selection.excluded)
    if has_json:
        raise UsageError(
            "--json goes with --dry-run.", hint="An export writes JSON lines where no terminal is."
        )
    if not named and not selection.needs_list:
        raise UsageError(
            "No chat is named.", hint="Name one, or choose from your list with --all, --folder or --type."
        )
    if selection.is_all and selection.folders:
        raise UsageError("--all and --folder contradict each other.", hint="Leave one of them out.")


def _read_spots(
    named: tuple[str, ...], selection: Selection, topics: list[str] | None, posts: list[int] | None
) -> tuple[Spot, ...]:
    from tobs.core.chatname import Spot, parse_chat_name, parse_topic, refuse_spot

    spots = (*map(parse_topic, topics or ()), *(Spot(message=each) for each in posts or ()))
    if not spots:
        return ()
    if len(named) != 1 or selection.needs_list:
        raise UsageError(
            "--topic and --post name a place in one chat, so name exactly one.",
            hint="Links like t.me/<name>/<post> can stand beside other chats.",
        )
    refuse_spot(named[0], parse_chat_name(named[0]))
    return spots


def _check_places(request: ExportRequest) -> None:
    from tobs.core.chatname import parse_chat_name

    if _is_limited(request) and any(
        (*request.spots, *(parse_chat_name(each).spot for each in request.chats))
    ):
        raise UsageError(
            "Dates, ids, --last, --from and --only cannot be combined with a topic, thread or post.",
            hint="Export the topic as a whole, or what you want of the whole chat.",
        )


def _read_refresh(settings: Settings, request: ExportRequest, *, is_asked: bool) -> Refresh:
    from tobs.core.request import read_refresh

    refresh = read_refresh(settings.refresh_window, is_asked=is_asked)
    if is_asked and refresh.is_on and _is_limited(request):
        raise UsageError(
            "--refresh reads whole chats again: it cannot be combined with dates, ids, --last, --from and --only.",
            hint="Leave it out, or run it once more for the whole chat.",
        )
    return refresh


def _is_limited(request: ExportRequest) -> bool:
    """Tell whether less than the whole of each chat is meant."""
    from tobs.core.span import Span

    return request.span != Span() or request.filter.is_on
