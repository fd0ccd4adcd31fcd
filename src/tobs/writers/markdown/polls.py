"""Polls, quizzes and to-do lists."""

from __future__ import annotations

from collections.abc import Iterator

from tobs.core.media import Media, Poll, Task
from tobs.core.model import Counters, PollResult
from tobs.core.words import say_count
from tobs.writers.markdown.spans import join_lines, quote_block, render_line, render_text
from tobs.writers.scene import Scene


def render_poll(poll: Poll, counters: Counters) -> str:
    """Return question, answers and, where Telegram told them, the votes."""
    results = {each.option: each for each in counters.poll}
    lead = " · ".join([f"**{'Quiz' if poll.is_quiz else 'Poll'}**", *_list_rules(poll, counters)])
    answers = [
        f"- {render_line(each.text, each.entities)}{_say_votes(results.get(each.option), counters.voters)}"
        for each in poll.answers
    ]
    blocks = [join_lines([lead, render_line(poll.question, poll.entities)]), "\n".join(answers)]
    if poll.solution:
        blocks.append(quote_block(render_text(poll.solution, poll.solution_entities)))
    return "\n\n".join(filter(None, blocks))


def _list_rules(poll: Poll, counters: Counters) -> Iterator[str]:
    if poll.is_public:
        yield "public"
    if poll.is_multiple:
        yield "several answers"
    if counters.voters:
        yield say_count(counters.voters, "voter")
    if poll.is_open:
        yield "open to new answers"
    if poll.is_closed:
        yield "closed"


def _say_votes(result: PollResult | None, voters: int) -> str:
    if result is None:
        return ""
    share = f" ({100 * result.voters / voters:.0f} %)" if voters else ""
    words = [
        f"{result.voters:,}{share}",
        "right" if result.is_correct else "",
        "yours" if result.is_own else "",
    ]
    return "".join(f" · {each}" for each in words if each)


def render_tasks(scene: Scene, media: Media) -> str:
    """Return a to-do list with boxes, and who ticked them."""
    lead = " · ".join(filter(None, ["**To-do**", render_line(media.title, media.entities)]))
    return "\n\n".join(filter(None, [lead, "\n".join(_render_task(scene, task) for task in media.tasks)]))


def _render_task(scene: Scene, task: Task) -> str:
    text = render_line(task.text, task.entities)
    if not (task.done_by or task.done_at):
        return f"- [ ] {text}"
    done = [
        scene.people.inline(task.done_by) if task.done_by else "",
        scene.calendar.moment(task.done_at) if task.done_at else "",
    ]
    return f"- [x] {text} · {', '.join(filter(None, done))}"
