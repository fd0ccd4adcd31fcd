"""What a setting is made of: its description, and the types of values that several keys share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from tobs.core.processing import ProcessKind
from tobs.core.request import FormatName

_PROCESS_WORDS: dict[object, ProcessKind] = {"images": "image", "videos": "video"}


def setting(default: Any, description: str, expects: str, **marks: Any) -> Any:
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


def _name_kinds(value: object) -> object:
    """Return which media are processed by the words for them; `none` stands alone."""
    words = _split_list(value)
    if not isinstance(words, list):
        return words
    return [] if words == ["none"] else list(dict.fromkeys(_PROCESS_WORDS.get(each, each) for each in words))


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
ProcessKinds = Annotated[tuple[ProcessKind, ...], BeforeValidator(_name_kinds)]
Formats = Annotated[tuple[FormatName, ...], BeforeValidator(_split_list)]
Address = Annotated[str, StringConstraints(pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):[0-9]{1,5}$")]
