"""Reads the settings of a run from wherever they stand."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tobs.errors import SettingError
from tobs.settings.errors import Origin, describe_bad
from tobs.settings.fields import UserPath
from tobs.settings.keys import Settings, find_key, list_keys
from tobs.settings.sources import (
    CONFIG,
    PROFILES,
    Layer,
    read_config,
    read_dotenv,
    read_environment,
    read_profiles,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings, where each was found, and sentences that a person should see."""

    settings: Settings
    origins: Mapping[str, Origin]
    notes: tuple[str, ...] = ()


def read_settings(**flags: object) -> Reading:
    """Return the settings of this run; a flag that is None was not given.

    Raises SettingError for a key or a value that tobs does not know, in one sentence.
    """
    notes: list[str] = []
    for field, value in flags.items():
        if value == "":
            raise SettingError(f"{_flag_name(field)} needs {find_key(field).expects}.")
    layers = [
        {
            field: (Origin("flag", _flag_name(field)), value)
            for field, value in flags.items()
            if value is not None
        },
        read_environment(),
        read_dotenv(notes),
    ]
    layers.append(read_config(_find_config(layers), notes))
    found = {key.field: _first(key.field, layers) for key in list_keys()}
    values: dict[str, Any] = {
        field: value for field, (origin, value) in found.items() if origin.place != "default"
    }
    try:
        settings = Settings(**values)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise describe_bad(field, *found[field]) from None
    return Reading(settings, {field: origin for field, (origin, _value) in found.items()}, tuple(notes))


def read_profile(name: str) -> dict[str, object]:
    """Return the options that a profile of config.toml stands for, by name. Raises SettingError."""
    path = _find_config([read_environment(), read_dotenv([])])
    profiles = read_profiles(path)
    if name in profiles:
        return profiles[name]
    near = difflib.get_close_matches(name, profiles, n=1) or sorted(profiles)
    raise SettingError(
        f"There is no profile {name!r} in {path}.",
        hint=f"There is: {', '.join(map(repr, near))}." if near else f"It begins with [{PROFILES}.{name}].",
    )


def _find_config(layers: Iterable[Layer]) -> Path:
    return Path(_check_one("home", _first("home", layers))) / CONFIG


def _first(field: str, layers: Iterable[Layer]) -> tuple[Origin, object]:
    """Return the first value found, or the default."""
    for layer in layers:
        if field in layer:
            return layer[field]
    return Origin("default"), Settings.model_fields[field].default


def _check_one(field: str, found: tuple[Origin, object]) -> Any:
    """Return one value checked by itself: the home is needed before the rest can be read."""
    try:
        return TypeAdapter(UserPath).validate_python(found[1])
    except ValidationError:
        raise describe_bad(field, *found) from None


def _flag_name(field: str) -> str:
    names = {"export_path": "--output", "refresh_window": "--refresh", "log_level": "--verbose"}
    return names.get(field, "--" + field.replace("_", "-"))
