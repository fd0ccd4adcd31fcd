"""The keys of an export folder and of its notes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, field_validator

from tobs.core.request import FlavorName, LayoutName
from tobs.settings.fields import Formats, UserPath, setting


class FolderKeys(BaseModel):
    """Where notes go, and what they show."""

    export_path: UserPath = setting(
        Path("export"), "The export folder.", "a folder", shown_default="./export"
    )
    format: Formats | None = setting(
        None,
        "The formats to write, separated by commas. The folder keeps them.",
        "a list of markdown, json, jsonl and html",
        bare=False,
        shown_default="markdown",
        min_length=1,
    )
    layout: LayoutName | None = setting(
        None,
        "What one Markdown note holds. The folder keeps it.",
        "month, day, year, post or single",
        bare=False,
        shown_default="month",
    )
    flavor: FlavorName | None = setting(
        None,
        "For which readers Markdown notes are written. The folder keeps it.",
        "obsidian or commonmark",
        bare=False,
        shown_default="obsidian",
    )
    timezone: str | None = setting(
        None,
        "The zone in which dates are shown. The first export keeps it in the folder; "
        "`tobs render --timezone` changes it.",
        "the IANA name of a zone, like Europe/Berlin",
        bare=False,
        shown_default="the computer's zone",
    )
    keep_deleted: Literal["mark", "hide"] | None = setting(
        None,
        "How notes show messages that were deleted in Telegram. The folder keeps it.",
        "mark or hide",
        bare=False,
        shown_default="mark",
    )
    show_edits: bool | None = setting(
        None,
        "Whether notes show the earlier versions of edited messages. The folder keeps it.",
        "true or false",
        bare=False,
        shown_default="false",
    )
    comments: bool | None = setting(
        None,
        "Whether channels are exported with the comments of their posts. The folder keeps it.",
        "true or false",
        bare=False,
        shown_default="false",
    )

    @field_validator("timezone")
    @classmethod
    def _check_zone(cls, value: str | None) -> str | None:
        return None if value is None else _find_zone(value)


def _find_zone(name: str) -> str:
    """Return a zone's name as IANA writes it. Raises ValueError when there is none that differs in case only."""
    # No name is all in lower case, yet a filesystem that does not tell case apart would take it.
    if not name.islower():
        try:
            return ZoneInfo(name).key
        except (KeyError, OSError, ValueError):
            pass  # OSError: the name of a folder of zones, like `Europe`.
    for known in available_timezones():
        if known.lower() == name.lower():
            return known
    raise ValueError
