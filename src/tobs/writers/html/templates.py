"""The templates, made ready once a process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

# `file:` stands beside 'self' because browsers differ in whether a page from disk has itself for an origin.
POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{each}-src 'self' file:" for each in ("script", "style", "img", "media")),
        "base-uri 'none'",
        "form-action 'none'",
    ]
)
"""The Content-Security-Policy of all pages: scripts, styles and media from beside them, and nothing else at all."""


@cache
def load_macros(name: str) -> Any:
    """Return a template's macros as attributes: each takes plain values, escapes them, and returns Markup."""
    return _environment().get_template(name).module


@cache
def _environment() -> Environment:
    # Imported where a page is drawn: who wants no pages need not wait for it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("tobs.writers.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(slots=True)
class Shell:
    """What every page begins with: the way to it, where its style and script are, and whether it can search.

    `page` is the name of a page of messages as search and the steps to its neighbours know it.
    """

    title: str
    here: str
    trail: list[Any]
    assets: str
    page: str = ""
    has_search: bool = False
    policy: str = POLICY
