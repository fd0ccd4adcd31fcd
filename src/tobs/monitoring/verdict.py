"""Which stage held a run back, and what could be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from tobs.core.metrics import RunMetrics, StageMetrics
from tobs.core.words import say_count

TOLD_WAITS = "told waits"
"""Stands for a stage where Telegram had the run wait."""

_PIPELINE = ("pipeline_write", "pipeline_process", "pipeline_fetch")
_BEHIND_A_QUEUE = ("pipeline_write", "pipeline_process")
_HALF = 0.5
_PILED_UP = 2
"""From how many working times of waiting on a queue in front of a stage counts as never empty."""

_SHORT_S = 0.001
"""Waits on a queue that are shorter than this come from taking turns, and say nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The stage that held the run back (empty: there was none), in one sentence, and what could be done."""

    stage: str
    sentence: str
    advice: str


def judge_metrics(metrics: RunMetrics) -> Verdict:
    """Return what held a run back, by how long each stage was busy and how long pieces waited in front of it."""
    waits = {name: each.flood_wait_s for name, each in metrics.requests.items() if each.flood_wait_s}
    if metrics.duration_s and max(waits.values(), default=0) > _HALF * metrics.duration_s:
        method = max(waits.items(), key=lambda each: each[1])[0]
        return Verdict(
            TOLD_WAITS,
            f"Telegram asked to wait: {waits[method]:,.0f} of {metrics.duration_s:,.0f} s for {method}.",
            "A takeout has larger limits (`--takeout always`); what is left comes with the next run.",
        )
    busy = {name: each for name, each in metrics.stages.items() if each.busy_duration_s}
    if not busy:
        return Verdict("", "Nothing was fetched, drawn or processed in this run.", "")
    longest = max(busy.items(), key=lambda each: each[1].busy_duration_s)[0]
    stage = _find_jam(busy) if longest in _PIPELINE else longest
    return Verdict(stage, _describe(stage, busy[stage], metrics.duration_s), _ADVICE[stage])


def _find_jam(stages: dict[str, StageMetrics]) -> str:
    """Return the last stage of the pipeline before which pages pile up: those before it wait only for it."""
    for name in _BEHIND_A_QUEUE:
        stage = stages.get(name)
        if stage and stage.count:
            waited_s = stage.queue_duration_s / stage.count
            if waited_s > max(_SHORT_S, _PILED_UP * stage.avg_duration_s):
                return name
    return "pipeline_fetch" if "pipeline_fetch" in stages else max(stages)


def _describe(name: str, stage: StageMetrics, duration_s: float) -> str:
    waited_ms = 1000 * stage.queue_duration_s / max(1, stage.count)
    return (
        f"{_HELD[name]}: busy for {stage.busy_duration_s:,.1f} of {duration_s:,.1f} s with"
        f" {say_count(stage.count, PIECES[name])} of {1000 * stage.avg_duration_s:,.1f} ms,"
        f" which waited {waited_ms:,.1f} ms before it."
    )


PIECES = {
    "pipeline_fetch": "answer",
    "pipeline_process": "page",
    "pipeline_write": "page",
    "render": "part",
    "place": "file",
    "download": "file",
    "transcode": "file",
}
"""What each stage counts."""

_HELD = {
    "pipeline_fetch": "Fetching held the run back, which waits for Telegram's answers",
    "pipeline_process": "Processing held the run back, which waits for the processor",
    "pipeline_write": "Writing held the run back, which commits pages to the archive one behind the other",
    "render": "Drawing held the run back, which waits for the processor",
    "place": "Putting files in place held the run back, which compares, writes and syncs them one behind the other",
    "download": "Downloading held the run back, which waits for Telegram and the network",
    "transcode": "Processing pictures and videos held the run back, which waits for the processor",
}
_ADVICE = {
    "pipeline_fetch": "If `requests_limit` stood at TOBS_MAX_REQUESTS_IN_FLIGHT, raise that; else Telegram's answers are as fast as they get.",
    "pipeline_process": "More cores help, or more of them used (TOBS_DECODE_PROCESSES).",
    "pipeline_write": "An export folder on a faster disk helps, one that is not on a network or synced meanwhile; where the processor is in full use, more cores.",
    "render": "More cores help (TOBS_DECODE_PROCESSES); fewer formats or larger notes (`--layout`) are less work.",
    "place": "An export folder on a faster disk helps; larger notes (`--layout year`) are fewer files.",
    "download": "If `parts_limit` stood at TOBS_MAX_REQUESTS_IN_FLIGHT, raise that; a limit of size or kind (`--max-size`, `--media`) downloads less.",
    "transcode": "More lanes help where cores are free (MAX_PARALLEL_MEDIA), a graphics card (`tobs detect-vaapi`), or a quicker VIDEO_PRESET.",
}
