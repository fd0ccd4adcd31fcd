"""The keys of an account and of one's own Telegram application."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, SecretStr, StringConstraints, field_validator

from tobs.settings.fields import setting


class LoginKeys(BaseModel):
    """Who logs in, and as which application."""

    api_id: int | None = setting(
        None,
        "The number of your own Telegram application, from https://my.telegram.org/apps.",
        "the number that https://my.telegram.org/apps shows as App api_id",
        gt=0,
        lt=2**31,
    )
    api_hash: SecretStr | None = setting(
        None,
        "The hash that belongs to `API_ID`.",
        "the 32 hexadecimal digits that https://my.telegram.org/apps shows as App api_hash",
        private=True,
    )
    phone_number: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{4,24}$")] | None = setting(
        None,
        "The phone number of your account, for a login without a terminal.",
        "a phone number with its country code, like +49 151 23456789",
        private=True,
    )
    export_tg_code: SecretStr | None = setting(
        None,
        "The code that Telegram sent you, for a login without a terminal.",
        "the code that Telegram sent you",
        private=True,
    )
    password: SecretStr | None = setting(
        None,
        "The password of two-step verification, for a login without a terminal.",
        "the password of two-step verification",
        private=True,
        bare=False,
    )

    account: str | None = setting(
        None,
        "Which account works when several are logged in: its id, its phone number or its name, as `tobs accounts` shows them.",
        "the id, the phone number or the name of an account",
        bare=False,
    )
    session_key: Literal["none", "passphrase"] | None = setting(
        None,
        "Whether sessions on this computer are encrypted with a passphrase; without it each stays as it is, and new ones are not. Never read from `.env`.",
        "none or passphrase",
        bare=False,
    )
    session_passphrase: SecretStr | None = setting(
        None,
        "The passphrase of encrypted sessions, for work without a terminal; in one it is asked for.",
        "the passphrase of your sessions",
        private=True,
        bare=False,
    )

    @field_validator("api_hash")
    @classmethod
    def _check_hash(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            text = value.get_secret_value()
            if len(text) != 32 or not set(text) <= set("0123456789abcdef"):
                raise ValueError
        return value
