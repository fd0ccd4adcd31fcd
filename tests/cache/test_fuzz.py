"""The small files of an account, spoilt: a cache starts empty, a state is forgotten, a session is damaged; nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgpack
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tobs._util.clock import ManualClock
from tobs._util.sealed import is_sealed
from tobs.cache.store import Cache
from tobs.errors import Damaged, LoginNeeded
from tobs.telegram.session import AccountFolder, CentreKey, Login
from tobs.telegram.state import AccountState, OpenTakeout

CASES, LONG_CASES = 60, 4_000
"""How many a test tries."""
LOGIN = Login(42, "Alice Doe", "+49151", 2, "127.0.0.1", 443, bytes(range(256)))
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats()
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=9) | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | NUMBERS, inner, max_size=3)
    ),
    max_leaves=9,
)
EXTENDED = st.builds(msgpack.ExtType, st.integers(0, 127), st.binary(max_size=12)).map(msgpack.packb)


def bends(whole: bytes) -> st.SearchStrategy[bytes]:
    """Return what may stand in the place of a file: anything, values, or itself with some bytes changed."""
    places = st.integers(0, len(whole) - 1)
    flips = st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4)
    return (
        st.binary(max_size=80)
        | places.map(lambda end: whole[:end])
        | flips.map(lambda made: flip(whole, made))
        | EXTENDED
        | st.lists(PLAIN, max_size=9).map(msgpack.packb)
    )


def flip(whole: bytes, made: list[tuple[int, int]]) -> bytes:
    raw = bytearray(whole)
    for place, byte in made:
        raw[place] = byte
    return bytes(raw)


def put_cache(folder: Path) -> None:
    cache = Cache(folder / "peers.bin", clock=ManualClock(), max_entries=3, ttl_seconds=60)
    cache.put("a", {"id": 1, "hash": -(2**63)})
    cache.save()


def use_cache(folder: Path) -> None:
    cache = Cache(folder / "peers.bin", clock=ManualClock(), max_entries=3, ttl_seconds=60)
    said = cache.load()
    assert len(said) == (0 if (folder / "peers.bin").exists() else 1)
    cache.get("a")
    cache.save()


def put_sound_cache(folder: Path) -> None:
    (folder / "body").write_bytes(msgpack.packb([0.0, [0] * 5, [["a", {"id": 1}, 0.0, 0.0, 60.0]]]))


def use_sound_cache(folder: Path) -> None:
    """The same with the right checksum, as nobody but an attacker would write it."""
    body = (folder / "body").read_bytes()
    (folder / "peers.bin").write_bytes(b"tobs cache\x02" + hashlib.sha256(body).digest() + body)
    use_cache(folder)


def put_state(folder: Path) -> None:
    AccountState(folder / "state.msgpack", {("GetHistory", True): (1e9, 3.0)}).keep_takeout(
        OpenTakeout(7, frozenset({"message_users"}))
    )


def use_state(folder: Path) -> None:
    state = AccountState.load(folder / "state.msgpack")
    assert all(isinstance(each, float) for wait in state.waits.values() for each in wait)
    state.keep_takeout(state.takeout)


def put_session(folder: Path) -> None:
    AccountFolder(folder).store(LOGIN)


def use_session(folder: Path) -> None:
    try:
        login = AccountFolder(folder).load()
    except Damaged:
        return
    except LoginNeeded:
        assert is_sealed((folder / "session").read_bytes())
        return
    AccountFolder(folder).open_session()
    assert isinstance(login.auth_key, bytes)


def put_keys(folder: Path) -> None:
    AccountFolder(folder).load_keys().keep(CentreKey(4, "127.0.0.1", 443, bytes(256)))


def use_keys(folder: Path) -> None:
    AccountFolder(folder).load_keys().find(4)


KINDS = {
    "cache": (put_cache, use_cache, "peers.bin"),
    "sound cache": (put_sound_cache, use_sound_cache, "body"),
    "state": (put_state, use_state, "state.msgpack"),
    "session": (put_session, use_session, "session"),
    "keys": (put_keys, use_keys, "centres"),
}


def run_cases(folder: Path, kind: str, count: int, start: int) -> None:
    put, use, name = KINDS[kind]
    put(folder)
    whole = (folder / name).read_bytes()
    calm = settings(max_examples=count, deadline=None, database=None, suppress_health_check=[*HealthCheck])

    @seed(start)
    @calm
    @given(bends(whole))
    def run(content: bytes) -> None:
        for each in folder.iterdir():
            each.unlink()
        (folder / name).write_bytes(content)
        use(folder)

    run()


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_account_keeps_may_be_spoilt(tmp_path: Path, kind: str) -> None:
    run_cases(tmp_path, kind, CASES, 0)


@pytest.mark.long
@pytest.mark.parametrize("start", range(1, 6))
@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_thousand_times_it_may(tmp_path: Path, kind: str, start: int) -> None:
    run_cases(tmp_path, kind, LONG_CASES, start)
