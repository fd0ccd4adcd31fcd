"""What several commands share: the options of every command, and how one is registered."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tobs.errors import SettingError, UsageError

if TYPE_CHECKING:
    from tobs.core.request import Selection

LARGEST = 2**31 - 1
"""The highest id or count that the protocol can name."""

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _show_help(context: typer.Context, given: bool) -> None:
    if given and not context.resilient_parsing:
        print(context.get_help())
        raise typer.Exit


# Typer imports pydantic for every value but a switch with a default. Its own --help has none, which costs 100 ms
# where a command's help is asked for through its group; so groups have ours.
Help = Annotated[
    bool,
    typer.Option("--help", "-h", is_eager=True, callback=_show_help, help="Show this message and exit."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only results and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where in the code an error happened.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def parse_folder(text: str) -> Path:
    """Return a folder's path; an empty one is mostly a shell variable that is not set. Raises SettingError."""
    if not text:
        raise SettingError("--output and --to need the path of a folder.")
    return Path(text)


def parse_file(text: str) -> Path:
    """Return a file's path; an empty one is mostly a shell variable that is not set. Raises UsageError."""
    if not text:
        raise UsageError("An empty text names no file.", hint="Name a file, or leave it out.")
    return Path(text)


def make_number_parser(option: str) -> Callable[[str], int]:
    """Return what reads the whole number behind an option, from 1 to the highest that Telegram has."""

    def parse_number(text: str) -> int:
        if re.fullmatch(r"\+?[0-9]+", text) and 1 <= int(text) <= LARGEST:
            return int(text)
        raise UsageError(f"{option} takes a whole number from 1 to {LARGEST:,}, not {text!r}.")

    return parse_number


Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        "--export-path",
        metavar="FOLDER",
        parser=parse_folder,
        help="The export folder (key EXPORT_PATH; ./export).",
    ),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="ACCOUNT",
        help="Which of your accounts: id, phone number or name as in `tobs accounts` (key ACCOUNT).",
    ),
]
Folders = Annotated[
    list[str] | None,
    typer.Option(
        "--folder",
        metavar="NAME",
        help="Chats of this Telegram folder; Archive is the one of archived chats. Repeat for several.",
    ),
]
Types = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        metavar="TYPE",
        help="Only private, bot, group, supergroup, forum, channel or saved. Repeat for several.",
    ),
]
Excluded = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="CHAT", help="Leave this chat out. Repeat for several."),
]
Topics = Annotated[
    list[str] | None,
    typer.Option(
        "--topic",
        metavar="TOPIC",
        help="Only this topic of the forum, by title or number (4 in t.me/c/…/4). Repeat for several.",
    ),
]
Posts = Annotated[
    list[int] | None,
    typer.Option(
        "--post",
        metavar="ID",
        parser=make_number_parser("--post"),
        help="Only this post of the channel, with its comments, or this message's thread.",
    ),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help="markdown, json, jsonl or html; repeat for several. The folder keeps them (key FORMAT).",
    ),
]
Layout = Annotated[
    str | None,
    typer.Option(
        "--layout",
        metavar="month|day|year|post|single",
        help="What one Markdown note holds, from now on (key LAYOUT; month).",
    ),
]
Flavor = Annotated[
    str | None,
    typer.Option(
        "--flavor",
        metavar="obsidian|commonmark",
        help="For which readers Markdown notes are written, from now on (key FLAVOR; obsidian).",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="From this day on: 2026-03-01, 2026-03, 2026, or 7d, 3w, 3m, 1y ago."),
]
Until = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Up to the end of this day, month or year; takes the same."),
]
Chats = Annotated[
    list[str] | None,
    typer.Option(
        "--chat", metavar="CHAT", help="Only this chat: title, @username or id. Repeat for several."
    ),
]
To = Annotated[
    Path | None,
    typer.Option(
        "--to",
        metavar="FOLDER",
        parser=parse_folder,
        help="Draw into this new or empty folder, and leave the export folder as it is.",
    ),
]
Last = Annotated[
    int | None,
    typer.Option(
        "--last",
        metavar="N",
        parser=make_number_parser("--last"),
        help="The newest N messages of each chat.",
    ),
]
FromId = Annotated[
    int | None,
    typer.Option(
        "--from-id", metavar="ID", parser=make_number_parser("--from-id"), help="From this message id on."
    ),
]
ToId = Annotated[
    int | None,
    typer.Option(
        "--to-id", metavar="ID", parser=make_number_parser("--to-id"), help="Up to this message id."
    ),
]
Senders = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar="USER",
        help="Only messages of this person: name, id, @username or `me`. Repeat for several; searched for by Telegram.",
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KINDS",
        help="Only messages with photo, video, voice, link, …: a list with commas. Also searched for.",
    ),
]
RefreshText = Annotated[
    str | None,
    typer.Option(
        "--refresh",
        metavar="N|7d|all",
        help="Read so many archived messages again in any case; by default 1000 (key REFRESH_WINDOW) where Telegram does not tell what changed; 0: none.",
    ),
]
Takeout = Annotated[
    str | None,
    typer.Option(
        "--takeout",
        metavar="auto|always|never",
        help="Go through a Telegram takeout, which has larger limits (key TAKEOUT; auto: for much).",
    ),
]
KeepDeleted = Annotated[
    str | None,
    typer.Option(
        "--keep-deleted",
        metavar="mark|hide",
        help="How notes show deleted messages, from now on (key KEEP_DELETED; mark).",
    ),
]
ShowEdits = Annotated[
    bool | None,
    typer.Option(
        "--show-edits/--hide-edits",
        help="Whether notes show earlier versions of edited messages, from now on (key SHOW_EDITS; hidden).",
    ),
]
Comments = Annotated[
    bool | None,
    typer.Option(
        "--comments/--no-comments",
        help="Whether channels come with the comments of their posts, from now on (key COMMENTS; without).",
    ),
]
Prometheus = Annotated[
    Path | None,
    typer.Option(
        "--prometheus",
        metavar="FILE",
        parser=parse_file,
        help="Also write the metrics of the run as text for Prometheus' node exporter, to a file that ends in .prom.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what the export would take; nothing is written.")
]


@dataclass(frozen=True, slots=True)
class Manner:
    """How much is said."""

    quiet: bool = False
    verbose: bool = False
    debug: bool = False


_manner: ContextVar[Manner] = ContextVar("_manner")


def current_manner() -> Manner:
    """Return how much this run says."""
    return _manner.get(Manner())


def note_manner(*, quiet: bool, verbose: bool, debug: bool) -> None:
    """Take in the switches of one level of the command line: before or after the command's name."""
    old = current_manner()
    _manner.set(Manner(quiet=old.quiet or quiet, verbose=old.verbose or verbose, debug=old.debug or debug))


def add_command(
    app: typer.Typer, name: str, body: Callable[..., None], *, example: str, **settings: Any
) -> None:
    """Register a body as a command that also takes -q, -v and --debug.

    `example` closes the help; `settings` go to the parser.
    """

    @functools.wraps(body)
    def run(*, quiet: bool, verbose: bool, debug: bool, **given: Any) -> None:
        note_manner(quiet=quiet, verbose=verbose, debug=debug)
        body(**given)

    signature = inspect.signature(body, eval_str=True)
    switches = [
        inspect.Parameter(each, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation)
        for each, annotation in (("quiet", Quiet), ("verbose", Verbose), ("debug", Debug))
    ]
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in signature.parameters.values()]
    run.__signature__ = signature.replace(parameters=[*parameters, *switches])  # type: ignore[attr-defined]
    context = {**SETTINGS, **settings}
    app.command(name, epilog=f"Example: {example}", context_settings=context)(run)


def check_chats(command: str, chats: Iterable[str], *, may_lead_inside: bool = False) -> None:
    """Refuse names that tobs does not take, and options: because of negative ids the parser lets them through.

    Links that lead into a chat are names of the whole chat nowhere.
    """
    from tobs.core.chatname import parse_chat_name, refuse_spot

    for chat in chats:
        if chat.startswith("-") and not chat[1:].isdecimal():
            raise UsageError(
                f"There is no option {chat}.", hint=f"`tobs {command} --help` shows what it takes."
            )
        name = parse_chat_name(chat)
        if not may_lead_inside:
            refuse_spot(chat, name)


def make_selection(
    *,
    is_all: bool = False,
    folders: list[str] | None = None,
    types: list[str] | None = None,
    excluded: list[str] | None = None,
) -> Selection:
    """Return which chats of the list the options mean. Raises UsageError for a type that does not exist."""
    from tobs.core.request import CHAT_TYPES, Selection

    for each in types or ():
        if each not in CHAT_TYPES:
            raise UsageError(
                f"There is no type {each!r} of chat.", hint=f"There is: {', '.join(CHAT_TYPES)}."
            )
    return Selection(is_all, tuple(folders or ()), tuple(types or ()), tuple(excluded or ()))


def add_group(app: typer.Typer, name: str, help_text: str) -> typer.Typer:
    """Return a group of commands that hangs below the app."""
    group = typer.Typer(
        name=name,
        help=help_text,
        no_args_is_help=True,
        add_help_option=False,
        rich_markup_mode=None,
        context_settings=SETTINGS,
    )
    group.callback()(_take_help)
    app.add_typer(group)
    return group


def _take_help(show_help: Help = False) -> None:
    """Do nothing but carry the option."""
