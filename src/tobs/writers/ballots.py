"""Polls, quizzes and to-do lists in words."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.media import Poll, Task
from tobs.core.model import Counters, PollResult
from tobs.core.words import say_count
from tobs.writers.scene import Scene


def name_poll(poll: Poll) -> str:
    """Return what it is."""
    return "Quiz" if poll.is_quiz else "Poll"


def list_rules(scene: Scene, poll: Poll, counters: Counters) -> Iterator[str]:
    """Yield how people vote, how many did, and until when they can."""
    if poll.is_public:
        yield "public"
    if poll.is_multiple:
        yield "several answers"
    if counters.voters:
        yield say_count(counters.voters, "voter")
    if poll.is_open:
        yield "open to new answers"
    if poll.close_date and not poll.is_closed:
        yield f"closes {scene.calendar.moment(poll.close_date)}"
    if poll.is_closed:
        yield "closed"


def list_votes(result: PollResult | None, voters: int) -> Iterator[str]:
    """Yield what is known of an answer: how many gave it, whether it is right, and one's own."""
    if result is None:
        return
    share = f" ({100 * result.voters / voters:.0f} %)" if voters else ""
    yield f"{result.voters:,}{share}"
    if result.is_correct:
        yield "right"
    if result.is_own:
        yield "yours"


def is_done(task: Task) -> bool:
    """Tell whether somebody ticked a task."""
    return bool(task.done_by or task.done_at)


def say_done(scene: Scene, task: Task) -> str:
    """Return who ticked a task and when, as typed."""
    name = scene.people.plain(task.done_by) if task.done_by else ""
    return ", ".join(filter(None, [name, scene.calendar.moment(task.done_at) if task.done_at else ""]))
