"""The places where settings stand: the environment, `.env` and `config.toml`; and what the environment says of the terminal."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from dotenv.parser import parse_stream
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, TomlConfigSettingsSource

from tobs._util.modes import tighten
from tobs.errors import SettingError
from tobs.settings.errors import ENVIRONMENT, Origin, describe_unknown
from tobs.settings.keys import PREFIX, Settings, list_keys

_DOTENV = ".env"
CONFIG = "config.toml"
"""The file of settings in the home of tobs."""
PROFILES = "profile"
"""The table of config.toml that holds the profiles."""
_NEVER_IN_DOTENV = ("server", "server_key", "proxy", "session_key")

Layer = dict[str, tuple[Origin, object]]


def read_environment() -> Layer:
    """Return the settings among the variables of the environment."""
    variables = EnvSettingsSource(Settings, case_sensitive=True).env_vars
    return _pick_keys(variables, ENVIRONMENT)


def read_dotenv(notes: list[str]) -> Layer:
    """Return what `.env` of the current folder holds; what a person should know of it is added to the notes."""
    path = Path(".env").absolute()
    if not path.is_file():
        return {}
    try:
        _check_dotenv(path)
        variables = DotEnvSettingsSource(
            Settings, env_file=path, env_file_encoding="utf-8-sig", case_sensitive=True
        ).env_vars
    except UnicodeDecodeError:
        raise SettingError(f"{path} is not UTF-8 text.") from None
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error}.") from None
    layer = _pick_keys(variables, _DOTENV)
    ignored = [layer.pop(field)[0].name for field in _NEVER_IN_DOTENV if field in layer]
    if layer:
        notes.append(f"Settings are read from {path}.")
    notes.extend(
        f"{name} in {path} is ignored: a folder's file may not choose the way to Telegram, or open sessions."
        for name in ignored
    )
    return layer


def _check_dotenv(path: Path) -> None:
    """Raise SettingError for the first line that is none: read on its own, the file would lose it silently."""
    for binding in parse_stream(io.StringIO(path.read_text(encoding="utf-8-sig"))):
        if binding.error:
            # What was read begins with the empty lines before it.
            text = binding.original.string
            line = binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
            raise SettingError(f"{path}, line {line}, cannot be read; a line is NAME=value.")


def _pick_keys(variables: Mapping[str, object], place: str) -> Layer:
    """Return the settings among variables; a prefixed name wins, an empty value counts as not given."""
    layer: Layer = {}
    for key in list_keys():
        for name in (key.name, key.field.upper()) if key.is_bare else (key.name,):
            if variables.get(name):
                layer.setdefault(key.field, (Origin(place, name), variables[name]))
    known = {key.name for key in list_keys()}
    for name in variables:
        if name.startswith(PREFIX) and name not in known:
            raise describe_unknown(name, place, known)
    return layer


def read_config(path: Path, notes: list[str]) -> Layer:
    """Return what config.toml holds: names in any case, with or without the prefix; it may hold secrets, so it is made private."""
    if not path.is_file():
        return {}
    with suppress(OSError):  # of somebody else, or on a medium that cannot be written
        notes.extend(tighten([path]))
    table = {name: value for name, value in _load_config(path).items() if name != PROFILES}
    # The home says where this file is, so it cannot stand in it.
    fields = {key.field for key in list_keys()} - {"home"}
    layer: Layer = {}
    for name, value in table.items():
        field = name.lower().removeprefix(PREFIX.lower())
        if field not in fields:
            raise describe_unknown(name, str(path), fields)
        layer[field] = (Origin(CONFIG, name), value)
    return layer


def read_profiles(path: Path) -> dict[str, dict[str, object]]:
    """Return the profiles of config.toml by name: options of `tobs export`, which nobody has looked at yet. Raises SettingError."""
    found = _load_config(path).get(PROFILES, {}) if path.is_file() else {}
    if not (isinstance(found, dict) and all(isinstance(each, dict) for each in found.values())):
        raise SettingError(
            f"A profile in {path} is no table.", hint=f"It begins with a line like [{PROFILES}.work]."
        )
    return found


def _load_config(path: Path) -> dict[str, Any]:
    try:
        return TomlConfigSettingsSource(Settings, toml_file=path).toml_data
    except (OSError, ValueError) as error:
        raise SettingError(f"{path} cannot be read: {error}.") from None


class Surroundings(NamedTuple):
    """Where tobs runs: `is_plain` where nothing may move or have a colour, `is_ci` where nobody watches.

    `is_dumb`: the terminal cannot even move its cursor.
    """

    is_plain: bool
    is_ci: bool
    is_dumb: bool


def read_surroundings() -> Surroundings:
    """Return what NO_COLOR (https://no-color.org), TERM and CI say."""
    is_dumb = os.environ.get("TERM", "dumb") == "dumb"
    is_plain = bool(os.environ.get("NO_COLOR")) or is_dumb
    return Surroundings(is_plain, os.environ.get("CI", "").lower() not in {"", "0", "false"}, is_dumb)
