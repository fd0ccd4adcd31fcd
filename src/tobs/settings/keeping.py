"""Writes settings into config.toml, for those who answer questions instead of editing files."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from tobs._util.atomic import save
from tobs._util.modes import PRIVATE_FILE, PRIVATE_FOLDER
from tobs.errors import SettingError
from tobs.settings.keys import PREFIX
from tobs.settings.sources import CONFIG


def keep_settings(home: Path, values: Mapping[str, str | int]) -> Path:
    """Put settings by field into the file of a home, in place of what it said of them, and return its path.

    All else in it stays as it is. The file is its owner's alone, since it may hold secrets. Raises SettingError or OSError.
    """
    path = home / CONFIG
    home.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    try:
        before = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
        # Keys before the first table belong to no table; that is where ours stand.
        head, table, rest = _split(before)
        kept = [line for line in head.splitlines() if not _is_about(line, values)]
        ours = [f"{field} = {json.dumps(value, ensure_ascii=False)}" for field, value in values.items()]
        text = "\n".join([*ours, *kept]) + "\n" + table + rest
        tomllib.loads(text)
    except ValueError as error:
        raise SettingError(f"{path} cannot be read: {error}.", hint="Correct it, or delete it.") from None
    save(path, text.encode(), mode=PRIVATE_FILE)
    return path


def _split(text: str) -> tuple[str, str, str]:
    """Return what stands before the first table, the line end before it, and the rest."""
    found = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    return (text[: found.start()], "\n", text[found.start() :]) if found else (text, "", "")


def _is_about(line: str, values: Mapping[str, str | int]) -> bool:
    name = line.partition("=")[0].strip().strip("\"'").lower().removeprefix(PREFIX.lower())
    return name in values
