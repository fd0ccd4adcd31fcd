from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tobs._util.clock import ManualClock
from tobs.cache.registry import CachePlan, CacheRegistry, CacheStats
from tobs.cache.store import Cache

_PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def _cache(path: Path, clock: ManualClock, *, max_entries: int = 3, ttl_seconds: float = 3600) -> Cache:
    return Cache(path, clock=clock, max_entries=max_entries, ttl_seconds=ttl_seconds)


@pytest.fixture
def cache(tmp_path: Path, clock: ManualClock) -> Cache:
    return _cache(tmp_path / "cache" / "input_peer_cache.bin", clock)


def test_a_hit_returns_the_very_object_that_was_put(cache: Cache) -> None:
    value = {"id": 7, "hash": -(2**63)}
    cache.put("42", value)
    assert cache.get("42") is value
    assert cache.get("43") is None


def test_the_least_recently_used_goes_first(cache: Cache) -> None:
    for key in "abc":
        cache.put(key, key)
    cache.get("a")
    cache.put("d", "d")
    assert [cache.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    assert (cache.counters.evictions, cache.counters.cache_size) == (1, 3)


def test_an_expired_value_is_missed_but_can_still_be_had(cache: Cache, clock: ManualClock) -> None:
    cache.put("a", 1)
    clock.advance(3599)
    assert cache.get("a") == 1
    clock.advance(1)
    assert cache.get("a") is None
    assert cache.peek("a") == 1
    assert cache.peek("b") is None
    cache.put("a", 2)
    assert cache.get("a") == 2
    assert (cache.counters.hits, cache.counters.misses, cache.counters.expirations) == (2, 1, 1)


def test_an_expired_value_can_be_a_hit_for_who_takes_it_so(cache: Cache, clock: ManualClock) -> None:
    cache.put("a", 1)
    clock.advance(3600)
    assert cache.get("a", even_expired=True) == 1
    assert cache.get("b", even_expired=True) is None
    assert (cache.counters.hits, cache.counters.misses, cache.counters.expirations) == (1, 1, 1)


def test_the_counters_of_the_last_use_stay_until_the_next(tmp_path: Path, clock: ManualClock) -> None:
    plan = CachePlan("peers", "peers.bin", 10, 3600)

    def work(*keys: str) -> CacheStats:
        caches = CacheRegistry(tmp_path, [plan], clock)
        assert caches.load() == []
        for key in keys:
            if caches["peers"].get(key) is None:
                caches["peers"].put(key, 1)
        assert caches.save() == []
        clock.advance(60)
        [stats] = caches.read_stats()
        return stats

    assert next(CacheRegistry(tmp_path, [plan], clock).read_stats()).age_s is None
    assert work("a", "b").use.misses == 2
    used = work("a", "b", "c", "a")
    assert (used.use.hits, used.use.misses, used.use.hit_rate_pct, used.age_s) == (3, 1, 75, 60)
    idle = work()
    assert (idle.use, idle.age_s) == (used.use, 120)
    assert (idle.use.entries, idle.size_bytes) == (3, (tmp_path / "peers.bin").stat().st_size)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60) | _PLAIN.map(msgpack.packb))
def test_content_with_a_right_checksum_that_is_no_cache_is_set_aside(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "peers.bin"
        path.write_bytes(b"tobs cache\x02" + hashlib.sha256(body).digest() + body)
        cache = _cache(path, ManualClock())
        [warning] = cache.load()
        assert "what it holds is no cache of this version" in warning
        assert cache.counters.cache_size == 0


def test_a_value_from_the_future_has_expired(cache: Cache, clock: ManualClock) -> None:
    cache.put("a", 1)
    clock.advance(-10)
    assert cache.get("a") is None


def test_a_forgotten_value_is_gone(cache: Cache) -> None:
    cache.put("a", 1)
    cache.forget("a")
    cache.forget("a")
    assert cache.peek("a") is None


def test_the_counters_tell_the_rate_and_the_size(cache: Cache) -> None:
    assert cache.counters.hit_rate_pct == 0
    cache.put("a", b"12345")
    for key in "aaab":
        cache.get(key)
    assert cache.counters.hit_rate_pct == 75
    assert cache.counters.size_bytes == 7


def test_a_size_of_zero_turns_the_cache_off(tmp_path: Path, clock: ManualClock) -> None:
    cache = _cache(tmp_path / "off.bin", clock, max_entries=0)
    cache.put("a", 1)
    assert cache.get("a") is None
    assert cache.save() == cache.load() == []
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_plain_is_refused(cache: Cache) -> None:
    with pytest.raises(TypeError):
        cache.put("a", object())


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), _PLAIN, max_size=5))
def test_what_is_saved_comes_back_equal(values: dict[str, Any]) -> None:
    clock = ManualClock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "names.bin"
        first = _cache(path, clock, max_entries=10)
        for key, value in values.items():
            first.put(key, value)
        assert first.save() == []
        again = _cache(path, clock, max_entries=10)
        assert again.load() == []
        assert {key: again.get(key) for key in values} == values
        assert again.counters.size_bytes == first.counters.size_bytes


def test_a_restart_keeps_the_age_and_the_order(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "peers.bin"
    before = _cache(path, clock)
    before.put("old", 1)
    clock.advance(1800)
    for key in ("young", "used"):
        before.put(key, 2)
    before.get("old")
    before.save()

    after = _cache(path, clock, max_entries=2)
    after.load()
    assert (after.get("young"), after.get("used"), after.get("old")) == (None, 2, 1)
    clock.advance(1800)
    assert (after.get("used"), after.get("old")) == (2, None)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_file_is_private(cache: Cache, tmp_path: Path) -> None:
    cache.put("a", 1)
    cache.save()
    assert (tmp_path / "cache" / "input_peer_cache.bin").stat().st_mode & 0o777 == 0o600


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_set_aside_and_never_a_failure(data: st.DataObject) -> None:
    clock = ManualClock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "peers.bin"
        cache = _cache(path, clock)
        cache.put("a", {"id": 1})
        cache.save()
        whole = path.read_bytes()
        damaged = data.draw(
            st.binary(max_size=80)
            | st.integers(0, len(whole) - 1).map(lambda end: whole[:end])
            | st.tuples(st.integers(0, len(whole) - 1), st.integers(1, 255)).map(
                lambda flip: whole[: flip[0]] + bytes([whole[flip[0]] ^ flip[1]]) + whole[flip[0] + 1 :]
            )
        )
        path.write_bytes(damaged)

        (warning,) = _cache(path, clock).load()
        assert "peers.bin.damaged" in warning
        assert (Path(folder) / "peers.bin.damaged").read_bytes() == damaged
        assert not path.exists()


def test_a_file_of_another_version_is_named_as_such(cache: Cache, tmp_path: Path) -> None:
    path = tmp_path / "cache" / "input_peer_cache.bin"
    cache.put("a", 1)
    cache.save()
    content = bytearray(path.read_bytes())
    content[10] = 1
    path.write_bytes(content)
    assert "another version" in cache.load()[0]


def test_a_folder_in_the_place_of_the_file_is_a_warning_only(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "peers.bin").mkdir()
    cache = _cache(tmp_path / "peers.bin", clock)
    assert "starts empty" in cache.load()[0]
    cache.put("a", 1)
    assert "was not saved" in cache.save()[0]
    assert cache.get("a") == 1
