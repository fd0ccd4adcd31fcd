"""A run as lines for programs: one JSON object an event, with a schema that is made from the events."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import msgspec

from tobs.cli.exits import drop_stdout
from tobs.core.events import EVENTS, EVENTS_VERSION, Event, Progressed, Said, Waiting


class JsonLines:
    """One JSON object a line on stdout; `type` tells which event it is."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._is_open = True

    def emit(self, event: Event) -> None:
        """Write the event; once nobody reads any more, the run goes on without lines."""
        if not self._is_open or (self._is_quiet and isinstance(event, Progressed | Said | Waiting)):
            return
        try:
            print(json.dumps({"type": event.type, **asdict(event)}), flush=True)
        except BrokenPipeError:
            self._is_open = False
            drop_stdout()

    def close(self) -> None:
        """Nothing to tidy up."""


def make_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one line; every key is always there."""
    found, components = msgspec.json.schema_components(EVENTS, ref_template="#/$defs/{name}")
    for kind in EVENTS:
        record = components[kind.__name__]
        record["properties"] = {"type": {"const": kind.type}, **record["properties"]}
        record["required"] = [*record["properties"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"One line of what `tobs export` writes without a terminal, version {EVENTS_VERSION}",
        "oneOf": [*found],
        "$defs": components,
    }
