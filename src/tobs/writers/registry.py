"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable

from tobs.core.ports.reader import Reader
from tobs.core.ports.writer import Writer
from tobs.core.request import Projection
from tobs.errors import UsageError
from tobs.writers.markdown.writer import MarkdownWriter

FORMATS: dict[str, Callable[[Reader, Projection], Writer]] = {"markdown": MarkdownWriter}
"""What makes the writer of a format."""


def make_writer(name: str, reader: Reader, projection: Projection) -> Writer:
    """Return the writer of a format. Raises UsageError for a name that is none."""
    if name not in FORMATS:
        raise UsageError(f"There is no format “{name}”.", hint=f"Formats: {', '.join(FORMATS)}.")
    return FORMATS[name](reader, projection)
