"""`tobs config show`."""

from __future__ import annotations

import typer

from tobs.cli.options import AsJson, add_command, add_group


def register(app: typer.Typer) -> None:
    """Add the group and its command."""
    group = add_group(app, "config", "Look at the settings.")
    add_command(group, "show", show, example="API_ID=12345 tobs config show")


def show(as_json: AsJson = False) -> None:
    """Show every setting, its value and where it comes from.

    Secrets are hidden.
    """
    from tobs.cli.start import open_reading
    from tobs.cli.tables import print_json, print_table
    from tobs.settings import Key, list_keys

    reading = open_reading()

    def shown(key: Key) -> object:
        value = getattr(reading.settings, key.field)
        return "(hidden)" if key.is_private and value is not None else value

    keys = list_keys()
    if as_json:
        rows = {
            key.name: {
                "value": shown(key),
                "origin": reading.origins[key.field].place,
                "found_as": reading.origins[key.field].name or None,
            }
            for key in keys
        }
        print_json(rows)
    else:
        print_table(
            ("key", "value", "origin"),
            [(key.name, _say(shown(key)) or key.default or "-", reading.origins[key.field]) for key in keys],
        )


def _say(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
