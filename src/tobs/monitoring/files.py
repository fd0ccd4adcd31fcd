"""Metrics files: read, recognised, and described by a JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tobs.core.metrics import METRICS_VERSION, RunMetrics
from tobs.errors import UsageError


class _RunFile(msgspec.Struct):
    """What of a run file is looked at; `metrics` is null where they were switched off."""

    metrics: RunMetrics | None


class _MetricsFile(msgspec.Struct):
    """What must be in a metrics file, whatever has a default when it is read."""

    schema_version: int
    stages: dict[str, Any]
    resources: dict[str, Any]


def read_metrics(path: Path) -> RunMetrics:
    """Return what an `export_metrics.json`, or the file of a run, holds. Raises UsageError for anything else."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The metrics file {path} cannot be read ({error.strerror}).",
            hint="An export writes one, also when it fails: `<export folder>/export_metrics.json`.",
        ) from error
    found = _decode(body)
    if found is None:
        raise UsageError(
            f"{path} is not a metrics file of tobs.",
            hint="Name an export_metrics.json, or a file of `.tobs/runs` from a run that was measured.",
        )
    if found.schema_version > METRICS_VERSION:
        raise UsageError(f"{path} was written by a newer tobs.", hint="Update tobs to read it.")
    return found


def _decode(body: bytes) -> RunMetrics | None:
    try:
        return msgspec.json.decode(body, type=_RunFile).metrics
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        msgspec.json.decode(body, type=_MetricsFile)
        return msgspec.json.decode(body, type=RunMetrics)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def is_ours(path: Path) -> bool:
    """Tell whether a file may be replaced by metrics: there is none, or one that holds them. No link is read."""
    if path.is_symlink():
        return False
    if not path.exists():
        return True
    try:
        read_metrics(path)
    except UsageError:
        return False
    return True


def make_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a metrics file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Metrics of one run of tobs, version {METRICS_VERSION}",
        **msgspec.json.schema(RunMetrics),
    }
