"""Every setting of tobs, and where its value comes from; the only reader of the environment.

The order is flag, environment, `.env` in the current folder, `$TOBS_HOME/config.toml`, default
(DESIGN section 8). Imported inside command bodies only: pydantic takes longer to load than Typer.
"""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from dotenv.parser import parse_stream
from platformdirs import user_data_dir
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tobs.core.request import FormatName
from tobs.errors import SettingError

__all__ = ["Key", "Origin", "Reading", "SecretStr", "Settings", "list_keys", "read_settings"]

PREFIX = "TOBS_"


def _setting(default: Any, description: str, expects: str, **marks: Any) -> Any:
    """Return a pydantic field; `expects` ends the sentence "… must be …".

    Marks: `unit`; `bare` (False: the name without prefix is not read); `private` (the value is never
    shown); `shown_default` (for the docs, when it depends on the computer); and pydantic's bounds.
    """
    extra: dict[str, Any] = {"expects": expects}
    for key in ("unit", "bare", "private", "shown_default"):
        if key in marks:
            extra[key] = marks.pop(key)
    return Field(default, description=description, json_schema_extra=extra, **marks)


def _split_list(value: object) -> object:
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list):
        return value
    return list(dict.fromkeys(name.strip() for part in parts for name in str(part).split(",")))


def _expand_home(value: object) -> object:
    if not isinstance(value, str | Path):
        return value
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        # There is no such user.
        raise ValueError(str(error)) from None


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


UserPath = Annotated[Path, BeforeValidator(_expand_home)]
Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]
Formats = Annotated[tuple[FormatName, ...], BeforeValidator(_split_list)]
Address = Annotated[str, StringConstraints(pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):[0-9]{1,5}$")]


class Settings(BaseSettings):
    """All settings, checked and frozen.

    `Settings(name=value)` reads nothing but its arguments; `read_settings` looks everywhere.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", validate_default=False)

    api_id: int | None = _setting(
        None,
        "The number of your own Telegram application, from https://my.telegram.org/apps.",
        "the number that https://my.telegram.org/apps shows as App api_id",
        gt=0,
        lt=2**31,
    )
    api_hash: SecretStr | None = _setting(
        None,
        "The hash that belongs to `API_ID`.",
        "the 32 hexadecimal digits that https://my.telegram.org/apps shows as App api_hash",
        private=True,
    )
    phone_number: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()-]{4,24}$")] | None = _setting(
        None,
        "The phone number of your account, for a login without a terminal.",
        "a phone number with its country code, like +49 151 23456789",
        private=True,
    )
    export_tg_code: SecretStr | None = _setting(
        None,
        "The code that Telegram sent you, for a login without a terminal.",
        "the code that Telegram sent you",
        private=True,
    )
    password: SecretStr | None = _setting(
        None,
        "The password of two-step verification, for a login without a terminal.",
        "the password of two-step verification",
        private=True,
        bare=False,
    )
    export_path: UserPath = _setting(
        Path("export"), "The export folder.", "a folder", shown_default="./export"
    )
    format: Formats | None = _setting(
        None,
        "The formats to write, separated by commas. The folder keeps them.",
        "a list of markdown, json and jsonl",
        bare=False,
        shown_default="markdown",
        min_length=1,
    )
    timezone: str | None = _setting(
        None,
        "The zone in which dates are shown. The first export keeps it in the folder; "
        "`tobs render --timezone` changes it.",
        "the IANA name of a zone, like Europe/Berlin",
        bare=False,
        shown_default="the computer's zone",
    )
    keep_deleted: Literal["mark", "hide"] | None = _setting(
        None,
        "How notes show messages that were deleted in Telegram. The folder keeps it.",
        "mark or hide",
        bare=False,
        shown_default="mark",
    )
    show_edits: bool | None = _setting(
        None,
        "Whether notes show the earlier versions of edited messages. The folder keeps it.",
        "true or false",
        bare=False,
        shown_default="false",
    )
    comments: bool | None = _setting(
        None,
        "Whether channels are exported with the comments of their posts. The folder keeps it.",
        "true or false",
        bare=False,
        shown_default="false",
    )
    log_level: Level = _setting(
        "INFO", "What is logged: this level and above.", "DEBUG, INFO, WARNING or ERROR"
    )
    max_threads: int = _setting(
        0,
        "The size of the worker pool; 0 means 1.5 for each processor core.",
        "a whole number from 0 to 256",
        unit="threads",
        ge=0,
        le=256,
    )
    decode_processes: Annotated[str, StringConstraints(pattern=r"^(auto|[0-9]|[1-5][0-9]|6[0-4])$")] = (
        _setting(
            "auto",
            "How many processes decode pages and draw notes beside the main one; auto is one for each processor core but one.",
            "auto or a whole number from 0 to 64",
            unit="processes",
            bare=False,
        )
    )
    fetch_queue: int = _setting(
        16,
        "How many fetched pages may wait to be decoded.",
        "a whole number from 1 to 1000",
        unit="pages",
        bare=False,
        ge=1,
        le=1000,
    )
    write_queue: int = _setting(
        16,
        "How many decoded pages may wait to be committed.",
        "a whole number from 1 to 1000",
        unit="pages",
        bare=False,
        ge=1,
        le=1000,
    )
    max_requests_in_flight: int = _setting(
        32,
        "How many requests may be under way at once; how many are is measured.",
        "a whole number from 1 to 32",
        unit="requests",
        bare=False,
        ge=1,
        le=32,
    )
    request_timeout: float = _setting(
        60,
        "How long one request may take before the connection is made anew and the request repeated.",
        "a number of seconds from 1 to 3600",
        unit="seconds",
        bare=False,
        ge=1,
        le=3600,
    )
    max_flood_wait: float = _setting(
        3600,
        "The longest wait that Telegram may ask for; for a longer one tobs gives up.",
        "a number of seconds, 0 or more",
        unit="seconds",
        bare=False,
        ge=0,
        allow_inf_nan=False,
    )
    takeout: Literal["auto", "always", "never"] = _setting(
        "auto",
        "Whether an export goes through a takeout, as which Telegram lets you ask for more in less time; "
        "auto does when there is much to fetch.",
        "auto, always or never",
        bare=False,
    )
    refresh_window: Annotated[str, StringConstraints(pattern=r"^(all|[0-9]{1,9}|[1-9][0-9]{0,4}d)$")] = (
        _setting(
            "1000",
            "How many archived messages of a chat are read again where Telegram does not tell what was edited and deleted.",
            "a number of messages, a number of days like 7d, all, or 0 for none",
            bare=False,
        )
    )
    input_peer_cache_size: int = _setting(
        1000,
        "How many chats and people are remembered, so that they need not be looked up again; 0 switches it off.",
        "a whole number, 0 or more",
        unit="peers",
        ge=0,
    )
    input_peer_cache_ttl: float = _setting(
        3600,
        "How long a remembered chat counts as fresh.",
        "a number of seconds, 0 or more",
        unit="seconds",
        ge=0,
        allow_inf_nan=False,
    )
    home: UserPath = _setting(
        Path(user_data_dir("tobs", appauthor=False)),
        "Where accounts and `config.toml` live.",
        "a folder",
        bare=False,
        shown_default="the data folder of your system",
    )
    server: Address | None = _setting(
        None,
        "Another server than Telegram's own: the simulator, a test data centre, a self-hosted one. Never read from `.env`.",
        "an address like 127.0.0.1:4430",
        bare=False,
    )
    server_key: UserPath | None = _setting(
        None,
        "The file with that server's public RSA key (PEM). Never read from `.env`.",
        "a file",
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

    @field_validator("timezone")
    @classmethod
    def _check_zone(cls, value: str | None) -> str | None:
        return None if value is None else _find_zone(value)

    @classmethod
    def settings_customise_sources(  # type: ignore[override]
        cls, _settings: type[BaseSettings], init_settings: PydanticBaseSettingsSource, **_others: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing by itself: `read_settings` looks, so that it can tell where a value was found."""
        return (init_settings,)


def _find_zone(name: str) -> str:
    """Return a zone's name as IANA writes it. Raises ValueError when there is none that differs in case only."""
    # No name is all in lower case, yet a filesystem that does not tell case apart would take it.
    if not name.islower():
        try:
            return ZoneInfo(name).key
        except (KeyError, OSError, ValueError):
            pass  # OSError: the name of a folder of zones, like `Europe`.
    for known in available_timezones():
        if known.lower() == name.lower():
            return known
    raise ValueError


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


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was found: `place` is flag, environment, .env, config.toml or default."""

    place: str
    name: str = ""

    def __str__(self) -> str:
        """Return the words that stand in messages."""
        return (
            self.name if self.place == "flag" else f"{self.name} ({self.place})" if self.name else self.place
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings, where each was found, and sentences that a person should see."""

    settings: Settings
    origins: Mapping[str, Origin]
    notes: tuple[str, ...] = ()


_ENVIRONMENT = "environment"
_DOTENV = ".env"
_CONFIG = "config.toml"
_NEVER_IN_DOTENV = ("server", "server_key")

_Layer = dict[str, tuple[Origin, object]]


def list_keys() -> list[Key]:
    """Return every setting in the order of the docs."""
    keys = []
    for field, info in Settings.model_fields.items():
        extra = info.json_schema_extra
        assert isinstance(extra, dict)
        plain = ",".join(info.default) if isinstance(info.default, tuple) else info.default
        default = extra.get("shown_default", "" if plain is None else str(plain))
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


def read_settings(**flags: object) -> Reading:
    """Return the settings of this run; a flag that is None was not given.

    Raises SettingError for a key or a value that tobs does not know, in one sentence.
    """
    notes: list[str] = []
    for field, value in flags.items():
        if value == "":
            raise SettingError(f"{_flag_name(field)} needs {_find_key(field).expects}.")
    layers = [
        {
            field: (Origin("flag", _flag_name(field)), value)
            for field, value in flags.items()
            if value is not None
        },
        _read_environment(),
        _read_dotenv(notes),
    ]
    home = _check_one("home", _first("home", layers))
    layers.append(_read_config(Path(home) / "config.toml"))
    found = {key.field: _first(key.field, layers) for key in list_keys()}
    values: dict[str, Any] = {
        field: value for field, (origin, value) in found.items() if origin.place != "default"
    }
    try:
        settings = Settings(**values)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise _describe_bad(field, *found[field]) from None
    return Reading(settings, {field: origin for field, (origin, _value) in found.items()}, tuple(notes))


def _first(field: str, layers: Iterable[_Layer]) -> tuple[Origin, object]:
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
        raise _describe_bad(field, *found) from None


def _flag_name(field: str) -> str:
    return {"export_path": "--output", "refresh_window": "--refresh"}.get(
        field, "--" + field.replace("_", "-")
    )


def _find_key(field: str) -> Key:
    return next(key for key in list_keys() if key.field == field)


def _say_value(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _describe_bad(field: str, origin: Origin, value: object) -> SettingError:
    key = _find_key(field)
    instead = "" if key.is_private else f", not {_say_value(value)!r}"
    wins = (
        f"If another program needs that value, set {key.name}, which wins."
        if origin.name == field.upper()
        else ""
    )
    return SettingError(f"{origin} must be {key.expects}{instead}.", hint=wins)


def _read_environment() -> _Layer:
    variables = EnvSettingsSource(Settings, case_sensitive=True).env_vars
    return _pick_keys(variables, _ENVIRONMENT)


def _read_dotenv(notes: list[str]) -> _Layer:
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
        f"{name} in {path} is ignored: a folder's file may not choose the server." for name in ignored
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


def _pick_keys(variables: Mapping[str, object], place: str) -> _Layer:
    """Return the settings among variables; a prefixed name wins, an empty value counts as not given."""
    layer: _Layer = {}
    for key in list_keys():
        for name in (key.name, key.field.upper()) if key.is_bare else (key.name,):
            if variables.get(name):
                layer.setdefault(key.field, (Origin(place, name), variables[name]))
    known = {key.name for key in list_keys()}
    for name in variables:
        if name.startswith(PREFIX) and name not in known:
            raise _describe_unknown(name, place, known)
    return layer


def _read_config(path: Path) -> _Layer:
    """Return what config.toml holds: names in any case, with or without the prefix."""
    if not path.is_file():
        return {}
    try:
        table = TomlConfigSettingsSource(Settings, toml_file=path).toml_data
    except (OSError, ValueError) as error:
        raise SettingError(f"{path} cannot be read: {error}.") from None
    # The home says where this file is, so it cannot stand in it.
    fields = {key.field for key in list_keys()} - {"home"}
    layer: _Layer = {}
    for name, value in table.items():
        field = name.lower().removeprefix(PREFIX.lower())
        if field not in fields:
            raise _describe_unknown(name, str(path), fields)
        layer[field] = (Origin(_CONFIG, name), value)
    return layer


def _describe_unknown(name: str, place: str, known: Iterable[str]) -> SettingError:
    # The prefix, which all have, would make everything look near.
    bare = {each.lower().removeprefix(PREFIX.lower()): each for each in sorted(known)}
    near = difflib.get_close_matches(name.lower().removeprefix(PREFIX.lower()), bare, n=1)
    nearest = f"; the nearest one is {bare[near[0]]}" if near else ""
    where = "the environment" if place == _ENVIRONMENT else place
    return SettingError(
        f"{name} in {where} is not a setting of tobs{nearest}.",
        hint="Correct or remove it.",
    )
