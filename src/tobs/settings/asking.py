"""The keys of what Telegram is asked, and how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, SecretStr, StringConstraints

from tobs.settings.fields import setting


class AskingKeys(BaseModel):
    """How many requests, how long to wait, what to read again and to remember."""

    max_requests_in_flight: int = setting(
        32,
        "How many requests may be under way at once; how many are is measured.",
        "a whole number from 1 to 32",
        unit="requests",
        bare=False,
        ge=1,
        le=32,
    )
    request_timeout: float = setting(
        60,
        "How long one request may take before the connection is made anew and the request repeated.",
        "a number of seconds from 1 to 3600",
        unit="seconds",
        bare=False,
        ge=1,
        le=3600,
    )
    proxy: SecretStr | None = setting(
        None,
        "The proxy that every connection to Telegram goes through; when it fails, tobs does not go around it. Never read from `.env`.",
        "a URL like socks5://127.0.0.1:1080 or http://user:password@proxy.example:8080",
        private=True,
        bare=False,
    )
    max_flood_wait: float = setting(
        3600,
        "The longest wait that Telegram may ask for; for a longer one tobs gives up.",
        "a number of seconds, 0 or more",
        unit="seconds",
        bare=False,
        ge=0,
        allow_inf_nan=False,
    )
    takeout: Literal["auto", "always", "never"] = setting(
        "auto",
        "Whether an export goes through a takeout, as which Telegram lets you ask for more in less time; "
        "auto does when there is much to fetch.",
        "auto, always or never",
        bare=False,
    )
    refresh_window: Annotated[str, StringConstraints(pattern=r"^(all|[0-9]{1,9}|[1-9][0-9]{0,4}d)$")] = (
        setting(
            "1000",
            "How many archived messages of a chat are read again where Telegram does not tell what was edited and deleted.",
            "a number of messages, a number of days like 7d, all, or 0 for none",
            bare=False,
        )
    )
    input_peer_cache_size: int = setting(
        1000,
        "How many chats and people are remembered, so that they need not be looked up again; 0 switches it off.",
        "a whole number, 0 or more",
        unit="peers",
        ge=0,
    )
    input_peer_cache_ttl: float = setting(
        3600,
        "How long a remembered chat counts as fresh; after that it is used all the same, and refreshed from the next answer.",
        "a number of seconds, 0 or more",
        unit="seconds",
        ge=0,
        allow_inf_nan=False,
    )
