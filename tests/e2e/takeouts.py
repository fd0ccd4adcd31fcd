"""What a server sees of takeouts, and worlds to take out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from e2e.stage import Stage
from tobs.core.events import Said
from tobs.simulator.corpus import files, people
from tobs.simulator.corpus.small import GROUP_ID
from tobs.simulator.dispatch import Call
from tobs.simulator.faults import FaultScript, Plan
from tobs.simulator.services.takeout import SPLIT_IDS
from tobs.simulator.world import WORLDS, World

INIT = "account.initTakeoutSession"
FINISH = "account.finishTakeoutSession"
HISTORY = "messages.getHistory"
GREETING = "help.getConfig"

ANNA, CHIARA, GROUP = people.ANNA, people.CHIARA, -GROUP_ID


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came in."""

    method: str
    takeout_id: int | None
    messages_range: tuple[int, int] | None
    request: Any


class Watch(FaultScript):
    """A script of faults that also writes down every request."""

    def __init__(self, *faults: Any, **options: Any) -> None:
        super().__init__(faults, **options)
        self.seen: list[Seen] = []

    def plan(self, call: Call, now: float) -> Plan:
        context = call.context
        self.seen.append(Seen(call.method, context.takeout_id, context.messages_range, call.request))
        return super().plan(call, now)

    def asked(self, method: str) -> list[Seen]:
        """Return the requests of one method."""
        return [each for each in self.seen if each.method == method]

    def outside_after_opening(self) -> list[str]:
        """Return what was asked outside of a takeout after the first request in one."""
        first = next(index for index, each in enumerate(self.seen) if each.takeout_id)
        return [each.method for each in self.seen[first:] if not each.takeout_id and each.method != GREETING]


def endings(stage: Stage) -> list[str]:
    """Return how each takeout ended."""
    return [each.ending for each in stage.simulator.takeouts.sessions]


def flags_of(stage: Stage) -> list[set[str]]:
    """Return what each takeout was begun for."""
    return [
        {name for name, value in each.flags.to_dict().items() if value is True}
        for each in stage.simulator.takeouts.sessions
    ]


def sentences(stage: Stage) -> str:
    """Return all that was said to the person."""
    return "\n".join(each.text for each in stage.events if isinstance(each, Said))


def kept_id(stage: Stage) -> int | None:
    """Return the takeout that the account remembers."""
    from tobs.telegram.session import AccountFolder

    state = AccountFolder(stage.account_folder).load_state()
    return state.takeout.id if state.takeout else None


def scattered_world() -> World:
    """Return a small world whose account's own ids go over several ranges, unevenly among its chats.

    Anna writes all the time, the group here and there, and Chiara stays silent in her one range.
    """
    world = WORLDS["small"](1, 0)
    for number in range(3 * SPLIT_IDS + 200):
        is_group = number % 400 < 30
        world.add_message(GROUP if is_group else ANNA, f"Word {number}", sender=ANNA)
    return world


def photo(name: str) -> Any:
    """Return a photo as a message carries it."""
    return files.photo_media(name)
