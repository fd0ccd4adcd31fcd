"""Reads the settings of a run from wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tobs.errors import SettingError
from tobs.settings.errors import Origin, describe_bad
from tobs.settings.fields import UserPath
from tobs.settings.keys import Settings, find_key, list_keys
from tobs.settings.sources import CONFIG, Layer, read_config, read_dotenv, read_environment


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
    home = _check_one("home", _first("home", layers))
    layers.append(read_config(Path(home) / CONFIG, notes))
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
