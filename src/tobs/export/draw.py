"""Draws parts ahead of whoever takes them in order: on all cores, with few of them in memory."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice

from tobs._util.priority import TaskPriority
from tobs._util.timing import time_work
from tobs.core.fidelity import Omissions
from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Pool
from tobs.core.ports.writer import Part, Rendering, Writer
from tobs.export.pipeline import raising_first

Take = Callable[[], Awaitable[list[Rendering]]]
"""Returns the next part's files; to be called once for each part."""


def count_taken(take: Take, omissions: Omissions) -> Take:
    """Return what takes renderings as well, and adds to `omissions` what they do not show."""

    async def take_counted() -> list[Rendering]:
        renderings = await take()
        for each in renderings:
            omissions.add(each.omissions)
        return renderings

    return take_counted


@asynccontextmanager
async def draw_ahead(
    pool: Pool, writer: Writer, parts: Iterable[Part], meter: Meter = NO_METER, *, is_aside: bool = False
) -> AsyncIterator[Take]:
    """Give what takes the renderings in the order of the parts; raises the first error by itself.

    `is_aside`: other work goes on, which this leaves room for.
    """
    run = partial(pool.run_apart, priority=TaskPriority.LOW) if is_aside else pool.run_anywhere
    width = max(1, pool.lanes // 2) if is_aside else pool.width
    async with raising_first(), asyncio.TaskGroup() as group:
        draw = partial(time_work, writer.render_part)

        async def draw_part(part: Part) -> list[Rendering]:
            begun = time.monotonic()
            renderings, worked_s = await run(draw, part)
            waited_s = max(0.0, time.monotonic() - begun - worked_s)
            meter.record_stage("render", worked_s, queue_s=waited_s)
            return renderings

        drawings = (group.create_task(draw_part(each)) for each in parts)
        ahead = deque(islice(drawings, width))

        async def take() -> list[Rendering]:
            renderings = await ahead.popleft()
            ahead.extend(islice(drawings, 1))
            return renderings

        yield take
