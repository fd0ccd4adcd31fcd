"""Scripts of faults by name, for the command line and for tests that only want bad weather."""

from collections.abc import Callable

from tobs.simulator.bends import Bend
from tobs.simulator.faults import BentPage, Delay, Drop, Fault, FaultScript, Flood, Refusal, Stall, TooLong
from tobs.simulator.file_faults import PARTS, Corruption, Move, ReferenceExpiry
from tobs.simulator.limits import RateLimit


def _floods() -> list[Fault]:
    """Waits that are told, short and often, on whatever is asked."""
    return [
        Flood(1, chance=0.02),
        Flood(4, chance=0.005),
        Flood(1, is_premium=True, methods=("upload.getFile",), chance=0.02),
    ]


def _flaky() -> list[Fault]:
    """A server with hiccups on a line that breaks."""
    return [
        Refusal(chance=0.02),
        Refusal(-503, "Timeout", chance=0.01),
        Drop(chance=0.005),
        Drop(is_late=True, chance=0.005),
        Delay(300, chance=0.02),
    ]


def _pages() -> list[Fault]:
    """Pages that are short, overlap, hold holes or messages twice, and counts that lie."""
    return [
        BentPage(Bend(share=0.37), chance=0.1),
        BentPage(Bend(share=0.01), chance=0.05),
        BentPage(Bend(has_holes=True), chance=0.1),
        BentPage(Bend(overlap=1), chance=0.05),
        BentPage(Bend(doubles=2), chance=0.05),
        BentPage(Bend(returns=1), chance=0.05),
        BentPage(Bend(count_factor=0.5), chance=0.05),
        BentPage(Bend(count_factor=1.3), chance=0.05),
    ]


def _files() -> list[Fault]:
    """Files that come slowly, broken, from elsewhere or not at all."""
    return [
        Flood(1, is_premium=True, methods=PARTS, chance=0.03),
        Refusal(-503, "Timeout", methods=PARTS, chance=0.02),
        Refusal(methods=PARTS, chance=0.02),
        Corruption(chance=0.02),
        ReferenceExpiry(chance=0.02),
        Move(chance=0.01),
        Drop(methods=PARTS, is_halfway=True, chance=0.01),
    ]


def _stalls() -> list[Fault]:
    """Sockets that stay open and silent; only a deadline notices them."""
    return [Stall(chance=0.003), Stall(is_whole=True, chance=0.001)]


def _storm() -> list[Fault]:
    """All of it, but no silent sockets."""
    return [*_floods(), *_flaky(), *_pages(), TooLong(chance=0.3)]


PRESETS: dict[str, Callable[[], list[Fault]]] = {
    "calm": list,
    "files": _files,
    "flaky": _flaky,
    "floods": _floods,
    "pages": _pages,
    "stalls": _stalls,
    "storm": _storm,
}
"""The faults of each named script."""


def make_script(
    name: str, *, seed: int = 1, latency_ms: float = 0.0, rate: float = 0.0, bytes_per_second: float = 0.0
) -> FaultScript | None:
    """Return the script of that name, None if nothing at all happens in it.

    `rate` is messages a second of each account, `bytes_per_second` what the line of each connection takes; 0 no limit.
    """
    faults = PRESETS[name]()
    if not (faults or latency_ms or rate or bytes_per_second):
        return None
    limit = RateLimit(rate) if rate else None
    return FaultScript(
        faults, seed=seed, latency_ms=latency_ms, rate=limit, bytes_per_second=bytes_per_second
    )
