"""Every scenario runs, says what it measured, and is held against what was promised and against another run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tobs.bench.targets import judge
from tobs.cli import main

SCENARIOS = [
    "startup", "export", "export_late", "export_limited", "resume", "render", "decode", "search", "cache", "metrics",
    "memory", "media", "copy", "process",
]  # fmt: skip


def find_arm(scenario: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [each for each in scenario["arms"] if each["name"] == name]
    return dict(found)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_all_scenarios_run_and_tell_what_they_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "quick.json"
    assert main(["bench", "all", "--quick", "--save", str(file)]) == 0
    said = capsys.readouterr().out
    assert [line.split(":")[0] for line in said.splitlines()[: len(SCENARIOS)]] == SCENARIOS
    suite = json.loads(file.read_bytes())
    found = suite["scenarios"]
    assert [*found] == SCENARIOS
    assert (suite["is_quick"], suite["targets"]) == (True, [])

    # Nothing was new, so nothing was written, and nobody was looked up.
    assert (found["resume"]["figures"]["new_messages"], found["resume"]["figures"]["files_written"]) == (0, 0)
    assert 1 <= found["resume"]["figures"]["requests"] <= 3
    figures = found["cache"]["figures"]
    assert (figures["resolved_by_first_run"], figures["resolved_by_second_run"]) == (1, 0)
    assert [each["name"] for each in found["render"]["arms"]] == [
        "reading alone", "markdown", "json", "jsonl", "html",
    ]  # fmt: skip
    for scenario in ("render", "decode"):
        for each in found[scenario]["arms"]:
            assert each["per_second"] == pytest.approx(
                found[scenario]["pieces"] / each["cpu_seconds"], rel=0.1
            )
    searched = found["search"]
    assert searched["arms"][0]["name"] == "reading every text"
    assert searched["figures"]["slowest_ms"] > 0 < searched["figures"]["index_share_pct"]
    small, large = found["memory"]["exports"]
    assert (small["messages"], large["messages"]) == (400, 800)
    assert small["tree_mb"] >= small["main_mb"] > 20
    records = {each["record"]: each for each in found["memory"]["records"]}
    assert {"Message", "Content", "Counters", "CacheEntry", "StageMetrics"} <= set(records)
    assert all(each["saved_pct"] > 15 for each in records.values())
    assert (
        find_arm(found["startup"], "tobs --help")["seconds"]
        > find_arm(found["startup"], "python alone")["seconds"]
    )

    targets = judge(found)
    assert len({each.what for each in targets}) == len(targets) > 15
    for each in targets:
        assert each.is_reached == (
            each.measured <= each.bound if each.is_most else each.measured >= each.bound
        )

    assert main(["bench", "compare", str(file), str(file), "--json"]) == 0
    compared = json.loads(capsys.readouterr().out)
    assert compared["differences"] == []
    assert {each["ratio"] for each in compared["pairs"]} <= {1, None}
    names = {each["number"] for each in compared["pairs"]}
    assert {
        "export.median_ratio",
        "render.arms.markdown.per_second",
        "memory.records.Message.saved_pct",
    } <= names


def test_a_suite_that_could_not_be_saved_does_not_begin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "all", "--save", str(tmp_path / "nowhere" / "x.json")]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def write(path: Path, document: object) -> str:
    path.write_text(json.dumps(document))
    return str(path)


def test_two_results_of_one_scenario_are_put_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = {"cores": 2}
    one = {
        "scenario": "copy",
        "size_mb": 8,
        "machine": machine,
        "median_ratio": 4.0,
        "arms": [{"name": "x", "seconds": 2}],
    }
    other = one | {
        "size_mb": 16,
        "machine": {"cores": 4},
        "median_ratio": 2.0,
        "arms": [{"name": "x", "seconds": 0}],
    }
    files = write(tmp_path / "a.json", one), write(tmp_path / "b.json", other)
    assert main(["bench", "compare", *files]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "They were not measured alike: cores 2 against cores 4.",
        "copy: size_mb is 8 against 16.",
    ]
    rows = [line.split() for line in lines[3:]]
    assert ["copy.median_ratio", "4.0", "2.0", "0.500"] in rows
    assert ["copy.arms.x.seconds", "2", "0", "0.000"] in rows
    assert main(["bench", "compare", *reversed(files)]) == 0
    assert ["copy.arms.x.seconds", "0", "2", "–"] in [
        each.split() for each in capsys.readouterr().out.splitlines()
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "holds no result of a benchmark"),
        ("[1, 2]", "holds no result of a benchmark"),
        ('{"scenarios": {}}', "holds no result of a benchmark"),
        ('{"scenario": "media"}', "no scenario in common"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "good.json", {"scenario": "copy", "median_ratio": 1})
    (tmp_path / "bad.json").write_text(text)
    assert main(["bench", "compare", good, str(tmp_path / "bad.json")]) == 2
    assert said in capsys.readouterr().err
    assert main(["bench", "compare", good, str(tmp_path / "missing.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
