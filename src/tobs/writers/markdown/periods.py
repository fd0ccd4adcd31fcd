"""The notes of a chat or topic as its own note lists them: in few lines, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tobs.core.ports.writer import Partition
from tobs.core.request import LayoutName
from tobs.core.words import say_count
from tobs.writers.census import Census, find_file
from tobs.writers.markdown.links import link_note
from tobs.writers.markdown.shape import name_period
from tobs.writers.scene import Scene

HEADINGS: dict[LayoutName, str] = {
    "month": "Months", "day": "Days", "year": "Years", "post": "Posts", "single": "All messages",
}  # fmt: skip
"""What stands above the list of a chat's notes."""


def list_periods(scene: Scene, found: list[Census]) -> str:
    """Return a line for each month, or for each note where one holds more than that.

    Days are named in their month's line; of single posts only the first and the last one of a month are.
    """
    layout = scene.projection.layout
    if layout == "day":
        return "\n".join(_say_month(month, days, _link_days(scene, days)) for month, days in _by_month(found))
    if layout == "post":
        return "\n".join(_say_month(month, days, _link_ends(scene, days)) for month, days in _by_month(found))
    return "\n".join(
        f"- {_link_parts(scene, each)} · {say_count(each.messages, 'message')}" for each in found
    )


def _by_month(found: list[Census]) -> Iterator[tuple[str, list[Census]]]:
    for month, days in groupby(found, lambda each: name_period(each.partition)[:7]):
        yield month, list(days)


def _say_month(month: str, days: list[Census], links: str) -> str:
    return f"- {month}: {links} · {say_count(sum(each.messages for each in days), 'message')}"


def _link_parts(scene: Scene, census: Census) -> str:
    parts = range(1, census.parts + 1)
    return ", ".join(link_note(scene, scene.layout.find_path(census.partition, part)) for part in parts)


def _link_days(scene: Scene, days: list[Census]) -> str:
    return ", ".join(
        link_note(
            scene,
            scene.layout.find_path(each.partition, part),
            f"{name_period(each.partition)[8:]}{f' ({part})' if part > 1 else ''}",
        )
        for each in days
        for part in range(1, each.parts + 1)
    )


def _link_ends(scene: Scene, days: list[Census]) -> str:
    first = _link_post(scene, days[0].partition, is_last=False)
    last = _link_post(scene, days[-1].partition, is_last=True)
    return first if first == last else f"{first} to {last}"


def _link_post(scene: Scene, partition: Partition, *, is_last: bool) -> str:
    path = scene.layout.find_path(partition, find_file(scene.layout, partition, is_last=is_last))
    return link_note(scene, path, path.rpartition(" ")[2].removesuffix(".md"))
