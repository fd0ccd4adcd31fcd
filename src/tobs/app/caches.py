"""The caches of this computer: what there is, opened for a run, looked into and deleted."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tobs._util.clock import SystemClock
from tobs.cache.registry import CachePlan, CacheRegistry, CacheStats
from tobs.core.events import Said
from tobs.core.ports.services import Clock, Emit
from tobs.core.report import RunReport
from tobs.errors import ForeignFolder, UsageError
from tobs.settings import Settings
from tobs.telegram.session import AccountFolder, find_accounts, make_private

log = logging.getLogger("tobs.cache")

INPUT_PEERS = "input_peer_cache"
NAMES = "name_cache"
MEDIA_HASHES = "media_hash_cache"
PROBES = "probe_cache"

_FOREVER = float("inf")
_NAMES_PER_PEER = 2
"""One that is shown, and one that a person types."""
_PROBES = 10_000


@dataclass(frozen=True, slots=True)
class AccountCache:
    """A cache as it stands on disk; `account` is None for one that all accounts share."""

    account: int | None
    stats: CacheStats


def plan_account_caches(settings: Settings) -> tuple[CachePlan, ...]:
    """Return the caches that every account has for itself: addresses are an account's own."""
    peers, seconds = settings.input_peer_cache_size, settings.input_peer_cache_ttl
    return (
        CachePlan(INPUT_PEERS, "input_peer_cache.bin", peers, seconds),
        CachePlan(NAMES, "name_cache.msgpack", _NAMES_PER_PEER * peers, seconds),
        CachePlan(MEDIA_HASHES, "hash_cache.msgpack", settings.hash_cache_max_size, _FOREVER),
    )


def plan_shared_caches() -> tuple[CachePlan, ...]:
    """Return the caches about this computer, and about files whoever sent them."""
    return (CachePlan(PROBES, "probe_cache.msgpack", _PROBES, _FOREVER),)


@contextmanager
def open_account_caches(
    settings: Settings, account: AccountFolder, clock: Clock, emit: Emit
) -> Iterator[CacheRegistry]:
    """Open the caches of an account, whose lock is held, and save them when the block ends."""
    with _open_caches(account.path / "cache", plan_account_caches(settings), clock, emit) as caches:
        yield caches


@contextmanager
def open_shared_caches(settings: Settings, clock: Clock, emit: Emit) -> Iterator[CacheRegistry]:
    """Open the caches that all accounts share, and save them when the block ends; of two at once the last one stays."""
    with _open_caches(settings.home / "cache", plan_shared_caches(), clock, emit) as caches:
        yield caches


@contextmanager
def _open_caches(
    folder: Path, plans: tuple[CachePlan, ...], clock: Clock, emit: Emit
) -> Iterator[CacheRegistry]:
    caches = CacheRegistry(folder, plans, clock)
    with suppress(OSError):  # then saving them says so
        make_private(folder)
    for warning in caches.load():
        emit(Said("warning", warning))
    try:
        yield caches
    finally:
        for warning in caches.save():
            emit(Said("warning", warning))


def note_uses(caches: CacheRegistry, report: RunReport) -> None:
    """Put down what the caches did in a run."""
    uses = caches.list_uses()
    report.caches |= uses
    if peers := uses.get(INPUT_PEERS):
        log.info("InputPeer cache: %.1f%% hit rate", peers.hit_rate_pct)


def list_stats(settings: Settings) -> list[AccountCache]:
    """Return what stands on disk: the caches of each account that is logged in, then the shared ones."""
    return [
        AccountCache(account.user_id if account else None, stats)
        for account, caches in _list_registries(settings)
        for stats in caches.read_stats()
    ]


def clear_caches(settings: Settings, name: str = "") -> list[Path]:
    """Delete one cache of every account, or all caches, and return the files that were there.

    Raises UsageError for a name that no cache has, Busy while an account is in use, or ForeignFolder.
    """
    names = [each.name for each in (*plan_account_caches(settings), *plan_shared_caches())]
    if name and name not in names:
        raise UsageError(f"There is no cache {name!r}.", hint=f"There is: {', '.join(names)}.")
    removed: list[Path] = []
    for account, caches in _list_registries(settings):
        try:
            if account:
                with account.locked():
                    removed += caches.clear(name)
            else:
                removed += caches.clear(name)
        except OSError as error:
            raise ForeignFolder(
                f"A cache cannot be deleted: {error}.", hint="Look at the permissions of its folder."
            ) from error
    return removed


def _list_registries(settings: Settings) -> Iterator[tuple[AccountFolder | None, CacheRegistry]]:
    clock = SystemClock()
    for account in find_accounts(settings.home, settings.server or ""):
        yield account, CacheRegistry(account.path / "cache", plan_account_caches(settings), clock)
    yield None, CacheRegistry(settings.home / "cache", plan_shared_caches(), clock)
