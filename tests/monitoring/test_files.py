"""Metrics files are recognised, described by their schema, and readable for Prometheus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from monitoring.runs import make_run, make_stage
from tobs.core.metrics import Moment, RunMetrics
from tobs.errors import UsageError
from tobs.monitoring import files, formatter
from tobs.monitoring.files import is_ours, make_schema, read_metrics
from tobs.monitoring.prometheus import check_prometheus, save_prometheus

RUN = make_run(pipeline_fetch=make_stage(100, 8), pipeline_write=make_stage(100, 2, waited_s=1))


def test_a_run_file_is_read_by_its_metrics(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(msgspec.json.encode({"schema_version": 1, "chats": [], "metrics": RUN}))
    assert read_metrics(path) == RUN


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"schema_version": 1, "start_time": "x"}', '{"metrics": null}', "\x00\xff", "1"]
)
def test_anything_else_is_no_metrics_file(body: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(body.encode("latin-1"))
    with pytest.raises(UsageError, match="is not a metrics file of tobs"):
        read_metrics(path)
    assert not is_ours(path)


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_an_answer(body: bytes) -> None:
    assert files._decode(body) is None


@given(st.integers(0, 20_000))
def test_a_file_cut_anywhere_is_no_metrics_file(at: int) -> None:
    whole = msgspec.json.encode(RUN)
    assert (files._decode(whole[:at]) is None) == (at < len(whole))


def test_a_file_that_is_not_there_says_where_one_comes_from(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read") as raised:
        read_metrics(tmp_path / "none.json")
    assert "export_metrics.json" in str(raised.value.hint)
    assert is_ours(tmp_path / "none.json")


def test_a_file_of_a_newer_tobs_is_named_as_one(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_bytes(msgspec.json.encode({**msgspec.to_builtins(RUN), "schema_version": 2, "more": 1}))
    with pytest.raises(UsageError, match="newer tobs"):
        read_metrics(path)


def test_keys_that_are_not_known_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_bytes(msgspec.json.encode({**msgspec.to_builtins(RUN), "more": {"of": ["it"]}}))
    assert read_metrics(path) == RUN


def list_strays(document: Any, schema: Any, schemas: dict[str, Any], where: str = "") -> list[str]:
    """Return where a document has a key that its schema does not name."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if isinstance(document, list):
        return [each for item in document for each in list_strays(item, schema["items"], schemas, where)]
    if not isinstance(document, dict):
        return []
    named, rest = schema.get("properties", {}), schema.get("additionalProperties")
    strays = []
    for key, value in document.items():
        below = named.get(key, rest)
        place = f"{where}.{key}"
        strays += [place] if below is None else list_strays(value, below, schemas, place)
    return strays


def test_the_schema_names_every_key_of_a_file() -> None:
    schema = make_schema()
    document = msgspec.to_builtins(RUN)
    assert list_strays(document, schema, schema["$defs"]) == []
    assert list_strays({**document, "other": 1}, schema, schema["$defs"]) == [".other"]
    assert set(schema["$defs"]["RunMetrics"]["required"]) == {"schema_version", "start_time"}


def test_the_schema_that_is_shipped_is_that_of_the_code() -> None:
    shipped = Path(files.__file__).with_name("schema.json")
    assert json.loads(shipped.read_text(encoding="utf-8")) == make_schema()


def test_prometheus_reads_what_the_metrics_say(tmp_path: Path) -> None:
    path = tmp_path / "tobs.prom"
    save_prometheus(path, RUN)
    samples = {
        (each.name, *sorted(each.labels.values())): each.value
        for family in text_string_to_metric_families(path.read_text(encoding="utf-8"))
        for each in family.samples
    }
    assert samples["tobs_run_messages",] == 10_000
    assert samples["tobs_run_memory_peak_bytes",] == 120 << 20
    assert samples["tobs_run_start_timestamp_seconds",] == 1_773_478_800
    assert samples["tobs_stage_count", "pipeline_fetch"] == 100
    assert samples["tobs_stage_queue_duration_seconds", "pipeline_write"] == 1
    history = "messages.getHistory"
    assert samples["tobs_request_latency_seconds_bucket", "0.1", history] == 90
    assert samples["tobs_request_latency_seconds_bucket", "0.25", history] == 100
    assert samples["tobs_request_latency_seconds_count", history] == 100
    assert samples["tobs_cache_hits", "input_peer_cache"] == 9
    assert "Team chat" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "said"), [("tobs.txt", "ends in .prom"), ("none/tobs.prom", "does not exist")]
)
def test_where_prometheus_would_not_look_nothing_is_begun(name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        check_prometheus(tmp_path / name)


def test_two_runs_are_compared_by_ratios() -> None:
    faster = make_run(50, pipeline_fetch=make_stage(100, 4), render=make_stage(10, 1))
    found = {each.figure: each for each in formatter.compare_metrics(RUN, faster)}
    assert (found["duration_s"].before, found["duration_s"].after, found["duration_s"].ratio) == (
        100,
        50,
        0.5,
    )
    assert found["messages_per_s"].ratio == 2
    assert found["pipeline_fetch work s"].ratio == 0.5
    assert (found["pipeline_write work s"].after, found["pipeline_write work s"].ratio) == (None, None)
    assert (found["render work s"].before, found["render work s"].say_ratio()) == (None, "")


def test_a_curve_is_as_high_as_its_highest_value_and_fits_the_width() -> None:
    lines = [*formatter.draw_plots(RUN, 30)]
    assert lines[0] == "messages/s, at most 125.0"
    rows = lines[1:6]
    assert all(len(row) <= 30 for row in rows)
    assert rows[0].endswith("█")
    assert rows[-1].startswith("█")
    assert lines[6].startswith("0 s")
    assert lines[6].endswith("100 s")
    assert {
        "MB/s received, at most 0.4",
        "memory in MB, at most 120.0",
        "processor in %, at most 90.0",
    } < set(lines)
    assert "".join(formatter.draw_plots(RUN, 30, is_ascii=True)).isascii()


def test_many_values_share_columns_by_the_highest_of_them() -> None:
    run = make_run()
    run.resources.timeline = [Moment(each, 1, 1000 if each == 77 else 1, 0, 0, 1) for each in range(600)]
    rows = [*formatter.draw_plots(run, 40)][1:6]
    assert [row.count("█") for row in rows] == [1, 1, 1, 1, 1]


def test_the_metrics_of_an_empty_run_have_no_tables() -> None:
    empty = RunMetrics(1, "2026-03-14T09:00:00.000000Z")
    assert [each for each in formatter.list_tables(empty) if each.rows] == []
    assert [*formatter.draw_plots(empty, 80)] == []
    assert [*formatter.list_totals(empty)][-1] == "Nothing was fetched, drawn or processed in this run."
