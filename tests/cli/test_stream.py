"""The lines of a run for programs, and their schema."""

from __future__ import annotations

import importlib.resources
import json

import jsonschema
import pytest

from cli.test_screen import EVENTS
from tobs.cli.stream import JsonLines, make_schema
from tobs.core import events
from tobs.core.events import EVENTS_VERSION


def test_the_schema_is_shipped_and_is_one() -> None:
    shipped = importlib.resources.files("tobs.cli") / "events.schema.json"
    assert json.loads(shipped.read_text(encoding="utf-8")) == make_schema()
    jsonschema.Draft202012Validator.check_schema(make_schema())


def test_every_kind_of_event_is_in_the_schema() -> None:
    kinds = make_schema()["$defs"]
    for each in events.EVENTS:
        assert kinds[each.__name__]["properties"]["type"] == {"const": each.type}


def test_no_event_is_forgotten() -> None:
    records = [
        each for each in vars(events).values() if isinstance(each, type) and issubclass(each, events.Event)
    ]
    assert [events.Event, *events.EVENTS] == records


def test_lines_are_what_the_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    screen = JsonLines(is_quiet=False)
    for each in EVENTS:
        screen.emit(each)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for each in lines:
        jsonschema.validate(each, make_schema())
    assert lines[0]["version"] == EVENTS_VERSION


@pytest.mark.parametrize("change", [{"type": "nonsense"}, {"percentage": "half"}, {"entity_name": None}])
def test_the_schema_refuses_what_is_no_line(
    change: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    JsonLines(is_quiet=False).emit(EVENTS[1])
    line = json.loads(capsys.readouterr().out)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line | change, make_schema())
