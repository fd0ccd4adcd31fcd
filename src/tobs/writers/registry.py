"""The formats by name."""

from __future__ import annotations

from tobs.core.ports.reader import Reader
from tobs.core.ports.writer import Writer
from tobs.core.request import Projection
from tobs.errors import UsageError
from tobs.writers.drawing import FormatWriter
from tobs.writers.format import Format
from tobs.writers.html.format import Html
from tobs.writers.json.format import Json
from tobs.writers.jsonl.format import Jsonl
from tobs.writers.markdown.format import Markdown

FORMATS: dict[str, Format] = {each.name: each for each in (Markdown(), Json(), Jsonl(), Html())}
"""Every format that tobs writes."""


def make_writers(reader: Reader, projection: Projection) -> list[Writer]:
    """Return what writes the formats of a folder. Raises UsageError for a name that is none."""
    return [make_writer(each, reader, projection) for each in projection.formats]


def make_retired(reader: Reader, projection: Projection) -> list[Writer]:
    """Return what writes all other formats, and so knows their files."""
    return [make_writer(each, reader, projection) for each in FORMATS if each not in projection.formats]


def make_writer(name: str, reader: Reader, projection: Projection) -> Writer:
    """Return the writer of a format. Raises UsageError for a name that is none."""
    if name not in FORMATS:
        raise UsageError(f"There is no format “{name}”.", hint=f"Formats: {', '.join(FORMATS)}.")
    return FormatWriter(FORMATS[name], reader, projection)
