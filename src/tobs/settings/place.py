"""The keys of where tobs lives, and of the server that it talks to."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_dir
from pydantic import BaseModel

from tobs.settings.fields import Address, UserPath, setting


class PlaceKeys(BaseModel):
    """The home of accounts, and another server than Telegram's."""

    home: UserPath = setting(
        Path(user_data_dir("tobs", appauthor=False)),
        "Where accounts and `config.toml` live.",
        "a folder",
        bare=False,
        shown_default="the data folder of your system",
    )
    server: Address | None = setting(
        None,
        "Another server than Telegram's own: the simulator, a test data centre, a self-hosted one. Never read from `.env`.",
        "an address like 127.0.0.1:4430",
        bare=False,
    )
    server_key: UserPath | None = setting(
        None,
        "The file with that server's public RSA key (PEM). Never read from `.env`.",
        "a file",
        bare=False,
    )
