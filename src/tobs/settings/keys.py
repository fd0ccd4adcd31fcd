"""All keys as one object, and as the docs and messages name them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tobs.settings.asking import AskingKeys
from tobs.settings.folder import FolderKeys
from tobs.settings.login import LoginKeys
from tobs.settings.media import MediaKeys
from tobs.settings.place import PlaceKeys
from tobs.settings.processing import ProcessingKeys
from tobs.settings.work import WorkKeys

PREFIX = "TOBS_"


# The docs list the keys of the last base first.
class Settings(
    PlaceKeys, AskingKeys, ProcessingKeys, WorkKeys, MediaKeys, FolderKeys, LoginKeys, BaseSettings
):
    """All settings, checked and frozen.

    `Settings(name=value)` reads nothing but its arguments; `read_settings` looks everywhere.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", validate_default=False)

    @classmethod
    def settings_customise_sources(  # type: ignore[override]
        cls, _settings: type[BaseSettings], init_settings: PydanticBaseSettingsSource, **_others: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing by itself: `read_settings` looks, so that it can tell where a value was found."""
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class Key:
    """One setting as the docs, `config show` and messages name it."""

    field: str
    description: str
    expects: str
    unit: str
    is_bare: bool
    is_private: bool
    default: str

    @property
    def name(self) -> str:
        """The name in the environment."""
        return PREFIX + self.field.upper()


def list_keys() -> list[Key]:
    """Return every setting in the order of the docs."""
    keys = []
    for field, info in Settings.model_fields.items():
        extra = info.json_schema_extra
        assert isinstance(extra, dict)
        default = extra.get("shown_default", _say_default(info.default))
        keys.append(
            Key(
                field=field,
                description=info.description or "",
                expects=str(extra["expects"]),
                unit=str(extra.get("unit", "")),
                is_bare=extra.get("bare", True) is True,
                is_private=extra.get("private", False) is True,
                default=str(default),
            )
        )
    return keys


def _say_default(value: object) -> str:
    """Return a default as one would type it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def list_secrets(settings: Settings) -> list[str]:
    """Return the values that never may stand in a log or an error."""
    values = [getattr(settings, key.field) for key in list_keys() if key.is_private]
    texts = [each.get_secret_value() if isinstance(each, SecretStr) else each for each in values]
    phone = "".join(char for char in settings.phone_number or "" if char.isdecimal())  # as Telegram writes it
    return [str(each) for each in (*texts, phone, *_passwords_in(settings.proxy)) if each]


def _passwords_in(url: SecretStr | None) -> list[str]:
    """Return the password of a proxy's URL, as it stands there and as it is meant."""
    try:
        password = urlsplit(url.get_secret_value()).password if url else ""
    except ValueError:
        return []
    return [password, unquote(password)] if password else []


def describe_settings(settings: Settings) -> str:
    """Return the settings that somebody gave, without secrets, as a log tells them."""
    shown = [each for each in list_keys() if each.field in settings.model_fields_set]
    said = [f"{each.name}={'hidden' if each.is_private else getattr(settings, each.field)}" for each in shown]
    return ", ".join(said) or "all by default"


def find_key(field: str) -> Key:
    """Return the key of a field."""
    return next(key for key in list_keys() if key.field == field)
