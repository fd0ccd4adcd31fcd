"""Polls, quizzes and to-do lists."""

from __future__ import annotations

from tobs.core.media import Media, Poll, Task
from tobs.core.model import Counters
from tobs.writers.ballots import is_done, list_rules, list_votes, name_poll, say_done
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.markdown.spans import join_lines, quote_block, render_line, render_text
from tobs.writers.scene import Scene


def render_poll(scene: Scene, poll: Poll, counters: Counters) -> str:
    """Return question, answers and, where Telegram told them, the votes."""
    kinds = flavor_of(scene).kinds
    results = {each.option: each for each in counters.poll}
    lead = " · ".join([f"**{name_poll(poll)}**", *list_rules(scene, poll, counters)])
    answers = [
        " · ".join(
            [
                f"- {render_line(each.text, each.entities, kinds)}",
                *list_votes(results.get(each.option), counters.voters),
            ]
        )
        for each in poll.answers
    ]
    blocks = [join_lines([lead, render_line(poll.question, poll.entities, kinds)]), "\n".join(answers)]
    if poll.solution:
        blocks.append(quote_block(render_text(poll.solution, poll.solution_entities, kinds)))
    return "\n\n".join(filter(None, blocks))


def render_tasks(scene: Scene, media: Media) -> str:
    """Return a to-do list with boxes, and who ticked them."""
    title = render_line(media.title, media.entities, flavor_of(scene).kinds)
    lead = " · ".join(filter(None, ["**To-do**", title]))
    return "\n\n".join(filter(None, [lead, "\n".join(_render_task(scene, task) for task in media.tasks)]))


def _render_task(scene: Scene, task: Task) -> str:
    text = render_line(task.text, task.entities, flavor_of(scene).kinds)
    return f"- [x] {text} · {escape_name(say_done(scene, task))}" if is_done(task) else f"- [ ] {text}"
