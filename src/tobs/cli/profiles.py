"""Profiles: options of `tobs export` under a name, kept in config.toml."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer

from tobs.errors import SettingError

_NEVER = frozenset({"profile", "help", "json", "dry_run", "quiet", "verbose", "debug"})
"""Options that say how one run is watched, not what is exported."""


def _take_profile(context: typer.Context, name: str | None) -> str | None:
    """Have the options of a profile stand in for those that are not given."""
    if name and not context.resilient_parsing:
        from tobs.settings import read_profile

        parameters = _list_options(context)
        given: dict[str, object] = {}
        for key, value in read_profile(name).items():
            option = key.lower().replace("-", "_")
            if option not in parameters:
                raise _describe_unknown(key, name, parameters)
            given[parameters[option][0]] = _read_value(key, name, value, is_list=parameters[option][1])
        context.default_map = given
    return name


Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        is_eager=True,
        callback=_take_profile,
        help="Take what is not said here from [profile.NAME] in config.toml: chats, folder, format, output, since, …",
    ),
]


def _list_options(context: typer.Context) -> dict[str, tuple[str, bool]]:
    """Return by name of an option the parameter that it fills, and whether that takes several values."""
    found: dict[str, tuple[str, bool]] = {}
    for each in context.command.params:
        names = [name[2:].replace("-", "_") for name in each.opts if name.startswith("--")] or each.opts
        if each.name:
            found |= {
                name: (each.name, each.multiple or each.nargs == -1) for name in names if name not in _NEVER
            }
    return found


def _read_value(key: str, name: str, value: object, *, is_list: bool) -> object:
    """Return a value as if it had been typed. Raises SettingError for one that no option takes."""
    values = value if isinstance(value, list) else [value]
    if any(isinstance(each, dict | list) for each in values) or (isinstance(value, list) and not is_list):
        raise SettingError(
            f"{key} in profile {name!r} cannot be {value!r}.",
            hint="`tobs export --help` shows what it takes.",
        )
    if is_list:
        return [str(each) for each in values]
    return value if isinstance(value, bool) else str(value)


def _describe_unknown(key: str, name: str, known: dict[str, tuple[str, bool]]) -> SettingError:
    near = difflib.get_close_matches(key.lower(), known, n=1)
    nearest = f"; the nearest one is {near[0]}" if near else ""
    return SettingError(
        f"{key} in profile {name!r} is no option of `tobs export`{nearest}.",
        hint="A profile has chats = [...] and the long options, without --.",
    )
