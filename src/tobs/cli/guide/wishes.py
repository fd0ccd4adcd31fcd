"""What an export is to be: chats, formats, files, since when, and where; each question takes a plan and returns the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tobs.cli.guide.asking import ask_text, choose, choose_several
from tobs.cli.guide.plan import Plan, name_chat
from tobs.cli.guide.telling import say
from tobs.cli.tables import clean_text
from tobs.core.ids import archive_account
from tobs.core.span import parse_span
from tobs.core.words import say_size
from tobs.errors import UsageError

if TYPE_CHECKING:
    from tobs.app.overview import Overview
    from tobs.archive.known import KnownFolder
    from tobs.settings import Settings
    from tobs.telegram.dialogs import Dialog


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from; `known` is the export folder that is set, which `config.toml` may change if nothing else says it."""

    settings: Settings
    overview: Overview
    known: KnownFolder
    is_folder_free: bool


def ask_chats(plan: Plan, choices: Choices) -> Plan:
    """Ask which chats: single ones, whole folders, or all."""
    overview = choices.overview
    here = {each.chat.key: each.messages for each in choices.known.chats}
    counts = [here.get((archive_account(each.id, overview.account), each.id), 0) for each in overview.chats]
    above: list[tuple[str, tuple[str, str]]] = [(f"All {len(overview.chats):,} chats", ("all", ""))]
    above += [(f"Folder {clean_text(each)}", ("folder", each)) for each in overview.folders]
    names = [name_chat(each, overview.chats) for each in overview.chats]
    listed = [
        (_describe(chat, count), ("chat", name))
        for chat, count, name in zip(overview.chats, counts, names, strict=True)
    ]
    before = [("all", "")] * plan.is_all + [("folder", each) for each in plan.folders]
    before += [("chat", each) for each in plan.chats]
    if any(counts):
        say("✓ stands before chats that were exported before; what is new in them is fetched.")
    # Not at the line of all chats, which somebody would choose by pressing a key too often.
    first = len(above) if listed else 0
    picked = choose_several("Which chats?", above + listed, chosen=before, first=first)
    if ("all", "") in picked:
        return replace(plan, is_all=True, folders=(), chats=())
    folders = tuple(name for kind, name in picked if kind == "folder")
    return replace(
        plan, is_all=False, folders=folders, chats=tuple(name for kind, name in picked if kind == "chat")
    )


def _describe(chat: Dialog, messages: int) -> str:
    title = clean_text(chat.title).strip() or "(no name)"
    parts = [title, f"@{chat.username}" if chat.username else "", chat.kind]
    stored = f"{messages:,} stored" if messages else ""
    return clean_text(("✓ " if messages else "") + " · ".join(filter(None, (*parts, stored))))


def ask_formats(plan: Plan, choices: Choices) -> Plan:
    """Ask in which formats."""
    kept = plan.formats or choices.known.formats
    offered = [
        ("Notes for Obsidian, in Markdown", ("markdown",)),
        ("Notes for Obsidian, and pages for a browser", ("markdown", "html")),
        ("Pages for a browser, in HTML", ("html",)),
        ("JSON as Telegram Desktop writes it", ("json",)),
        ("JSON Lines, for programs", ("jsonl",)),
    ]
    if kept and kept not in dict(offered).values():
        offered.insert(0, (f"As before: {', '.join(kept)}", kept))
    return replace(plan, formats=choose("How do you want to read them?", offered, default=kept or None))


def ask_media(plan: Plan, choices: Choices) -> Plan:
    """Ask which files are to be downloaded."""
    limit = choices.settings.max_size
    offered = [
        ("Photos", ("photo", None)),
        (f"All files up to {say_size(limit)} each" if limit else "All files", ("all", None)),
        ("All files of any size", ("all", 0)),
        ("None, only text", ("none", None)),
    ]
    if not limit:
        del offered[2]
    media, max_size = choose(
        "Which files are to be downloaded?", offered, default=(plan.media, plan.max_size)
    )
    return replace(plan, media=media, max_size=max_size)


def ask_since(plan: Plan, _choices: Choices) -> Plan:
    """Ask from which day on."""
    offered = [
        ("Everything, from the first message on", ""),
        ("The last 12 months", "1y"),
        ("From a day on …", "day"),
    ]
    since = choose("Since when?", offered, default=plan.since)
    if since == "day":
        since = ask_text("From which day on, like 2026-03-01 or 2026?", _check_day)
    return replace(plan, since=since)


def _check_day(text: str) -> str:
    try:
        parse_span(since=text)
    except UsageError:
        text = ""
    return "" if text else "That is no day like 2026-03-01."


def ask_output(plan: Plan, choices: Choices) -> Plan:
    """Ask for the export folder."""
    from tobs.app.vaults import list_vaults

    usual = choices.settings.export_path
    before = "As before" if choices.known.chats else "The usual folder"
    inside = {each / "Telegram": f"In your vault {each.name}" for each in list_vaults()}
    offered = {usual: before, **inside}
    if plan.output:
        offered.setdefault(plan.output, "As chosen")
    lines = [(clean_text(f"{words}: {path.absolute()}"), str(path)) for path, words in offered.items()]
    chosen = choose("Where to?", [*lines, ("Another folder …", "")], default=str(plan.output or usual))
    found = Path(chosen or ask_text("Which folder?", _check_folder, default="~/Telegram"))
    found = found.expanduser().absolute()
    if found == usual.absolute():
        return replace(plan, output=None)
    if found != plan.output and choices.is_folder_free:
        _offer_to_keep(found, choices.settings)
    return replace(plan, output=found)


def _offer_to_keep(output: Path, settings: Settings) -> None:
    """Make a folder the one that every command uses, if that is wished."""
    from tobs.settings.keeping import keep_settings

    answers = [("Yes, from now on", True), ("No, only this time", False)]
    if choose("Is that your export folder, for every command?", answers):
        path = keep_settings(settings.home, {"export_path": str(output.absolute())})
        say(f"Kept as export_path in {path}.")


def _check_folder(text: str) -> str:
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        return "There is no such user."
    if not text:
        return "A folder needs a name."
    standing: Sequence[Path] = [each for each in (path, *path.parents) if each.exists()]
    return "" if standing and standing[0].is_dir() else "That is a file, not a folder."
