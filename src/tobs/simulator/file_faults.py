"""What goes wrong with files, beside refusals, floods, delays and drops: see `tobs.simulator.faults`.

script = FaultScript([Corruption(files={document.id}, times=1), ReferenceExpiry(at=(3,)), Flood(files=…)])
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from tobs.simulator.faults import Fault, Plan

PARTS = ("upload.getFile",)


@dataclass(frozen=True, slots=True)
class Corruption(Fault):
    """A byte of the part is another one; with `methods=("upload.getFileHashes",)` one of each hash is."""

    default_methods: ClassVar[tuple[str, ...]] = PARTS

    def mark(self, plan: Plan) -> None:
        """Falsify the answer."""
        plan.bend = replace(plan.bend, is_corrupt=True)


@dataclass(frozen=True, slots=True)
class ReferenceExpiry(Fault):
    """The reference of the file that is asked for grows old with this request; every later answer tells a fresh one."""

    default_methods: ClassVar[tuple[str, ...]] = PARTS

    def mark(self, plan: Plan) -> None:
        """Let it expire."""
        plan.expires_reference = True


@dataclass(frozen=True, slots=True)
class Move(Fault):
    """The file that is asked for lives in another data centre from this request on, whatever its message says."""

    default_methods: ClassVar[tuple[str, ...]] = PARTS
    dc_id: int = 4

    def mark(self, plan: Plan) -> None:
        """Move it."""
        plan.moves_to = self.dc_id


@dataclass(frozen=True, slots=True)
class Redirection(Fault):
    """The client is sent to a CDN, also when it never said that it knows what that is."""

    default_methods: ClassVar[tuple[str, ...]] = PARTS

    def mark(self, plan: Plan) -> None:
        """Redirect it."""
        plan.bend = replace(plan.bend, is_redirected=True)
