"""The sentence about what held a run back names the stage that did."""

from __future__ import annotations

from monitoring.runs import make_run, make_stage
from tobs.monitoring.verdict import TOLD_WAITS, judge_metrics


def test_without_queues_the_run_waits_for_telegram() -> None:
    run = make_run(
        pipeline_fetch=make_stage(100, 95),
        pipeline_process=make_stage(100, 20, waited_s=1),
        pipeline_write=make_stage(100, 10, waited_s=0.5),
    )
    verdict = judge_metrics(run)
    assert verdict.stage == "pipeline_fetch"
    assert verdict.sentence == (
        "Fetching held the run back, which waits for Telegram's answers: busy for 95.0 of 100.0 s with 100 answers of"
        " 950.0 ms, which waited 0.0 ms before it."
    )
    assert "TOBS_MAX_REQUESTS_IN_FLIGHT" in verdict.advice


def test_pages_that_pile_up_before_the_processor_name_it() -> None:
    run = make_run(
        pipeline_fetch=make_stage(100, 95, waited_s=300),
        pipeline_process=make_stage(100, 90, waited_s=900),
        pipeline_write=make_stage(100, 10, waited_s=1),
    )
    assert judge_metrics(run).stage == "pipeline_process"


def test_a_slow_disk_fills_all_queues_and_only_it_is_named() -> None:
    run = make_run(
        pipeline_fetch=make_stage(100, 95, waited_s=900),
        pipeline_process=make_stage(100, 20, waited_s=900),
        pipeline_write=make_stage(100, 90, waited_s=900),
    )
    assert judge_metrics(run).stage == "pipeline_write"


def test_waits_of_less_than_a_millisecond_are_no_queue() -> None:
    run = make_run(
        pipeline_fetch=make_stage(1000, 90), pipeline_write=make_stage(1000, 0.1, waited_s=0.9, busy_s=0.1)
    )
    assert judge_metrics(run).stage == "pipeline_fetch"


def test_downloads_that_went_on_longest_are_named_although_pages_queued() -> None:
    run = make_run(
        pipeline_fetch=make_stage(100, 10),
        pipeline_write=make_stage(100, 10, waited_s=900),
        download=make_stage(10, 400, busy_s=95),
    )
    assert judge_metrics(run).stage == "download"


def test_told_waits_of_most_of_the_run_are_named_first() -> None:
    run = make_run(pipeline_fetch=make_stage(100, 100, busy_s=100))
    run.requests["messages.getHistory"].flood_wait_s = 60
    verdict = judge_metrics(run)
    assert verdict.stage == TOLD_WAITS
    assert verdict.sentence == "Telegram asked to wait: 60 of 100 s for messages.getHistory."
    run.requests["messages.getHistory"].flood_wait_s = 40
    assert judge_metrics(run).stage == "pipeline_fetch"


def test_a_run_in_which_nothing_was_done_says_so() -> None:
    assert judge_metrics(make_run()).sentence == "Nothing was fetched, drawn or processed in this run."
