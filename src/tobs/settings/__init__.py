"""Every setting of tobs, and where its value comes from; the only reader of the environment.

The order is flag, environment, `.env` in the current folder, `$TOBS_HOME/config.toml`, default
(DESIGN section 8). Imported inside command bodies only: pydantic takes longer to load than Typer.
"""

from __future__ import annotations

from pydantic import SecretStr

from tobs.settings.errors import Origin
from tobs.settings.keys import Key, Settings, describe_settings, list_keys, list_secrets
from tobs.settings.reading import Reading, read_profile, read_settings

__all__ = [
    "Key",
    "Origin",
    "Reading",
    "SecretStr",
    "Settings",
    "describe_settings",
    "list_keys",
    "list_secrets",
    "read_profile",
    "read_settings",
]
