"""The keys at other data centres outlive a run, are nobody else's, and are no loss."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import msgpack
import pytest
from telethon.tl import types as tl

from tobs.errors import ServerError
from tobs.telegram.centres import find_address
from tobs.telegram.session import VERSION, AccountFolder, CentreKey, CentreKeys, make_private

SECOND = CentreKey(2, "149.154.167.50", 443, bytes(range(256)))
FOURTH = CentreKey(4, "149.154.167.91", 443, bytes(reversed(range(256))))


def option(number: int, host: str, **marks: bool) -> tl.DcOption:
    return tl.DcOption(number, host, 443, **marks)


def test_keys_survive_a_restart_and_the_last_one_of_a_centre_counts(tmp_path: Path) -> None:
    keys = CentreKeys(tmp_path / "centres")
    keys.keep(SECOND)
    keys.keep(CentreKey(4, "127.0.0.1", 80, b"old"))
    keys.keep(FOURTH)
    again = CentreKeys(tmp_path / "centres")
    assert [again.find(each) for each in (1, 2, 4)] == [None, SECOND, FOURTH]


def test_a_key_that_was_forgotten_does_not_come_back_and_takes_no_other_with_it(tmp_path: Path) -> None:
    keys = CentreKeys(tmp_path / "centres")
    keys.keep(SECOND)
    keys.keep(FOURTH)
    keys.forget(2)
    keys.forget(3)
    again = CentreKeys(tmp_path / "centres")
    assert (again.find(2), again.find(4)) == (None, FOURTH)


def test_looking_for_keys_and_forgetting_none_writes_nothing(tmp_path: Path) -> None:
    keys = CentreKeys(tmp_path / "centres")
    assert keys.find(2) is None
    keys.forget(2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="modes of files are a matter of POSIX")
def test_only_their_owner_may_read_keys_even_where_the_file_was_open_to_all(tmp_path: Path) -> None:
    path = tmp_path / "centres"
    path.write_bytes(b"")
    path.chmod(0o644)
    CentreKeys(path).keep(SECOND)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1 nonsense",
        msgpack.packb(7),
        msgpack.packb([VERSION]),
        msgpack.packb([VERSION, 7]),
        msgpack.packb([VERSION, [7]]),
        msgpack.packb([VERSION, [[4, "127.0.0.1", 443]]]),
        msgpack.packb([VERSION, [[4, "127.0.0.1", "https", b"key"]]]),
        msgpack.packb([VERSION, [[4, "127.0.0.1", 443, b"key"]]])[:-2],
        msgpack.packb([VERSION + 1, [[4, "127.0.0.1", 443, b"key"]]]),
    ],
)
def test_a_damaged_file_is_as_none_and_the_next_key_mends_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "centres"
    path.write_bytes(content)
    keys = CentreKeys(path)
    assert keys.find(4) is None
    keys.keep(SECOND)
    assert CentreKeys(path).find(2) == SECOND


def test_logging_out_takes_the_keys_along(tmp_path: Path) -> None:
    folder = AccountFolder(tmp_path / "42")
    make_private(folder.path)
    folder.load_keys().keep(FOURTH)
    assert folder.load_keys().find(4) == FOURTH
    folder.remove()
    assert folder.load_keys().find(4) is None
    assert list(folder.path.iterdir()) == []


def test_an_address_for_media_alone_is_preferred_and_what_tobs_cannot_use_is_left_out() -> None:
    plain, media = option(4, "10.0.0.1"), option(4, "10.0.0.2", media_only=True)
    useless = [
        option(4, "::1", ipv6=True, media_only=True),
        option(4, "10.0.0.3", cdn=True, media_only=True),
        option(4, "10.0.0.4", tcpo_only=True, media_only=True),
        option(5, "10.0.0.5", media_only=True),
    ]
    assert find_address(SimpleNamespace(dc_options=[*useless, plain, media]), 4) == ("10.0.0.2", 443)
    assert find_address(SimpleNamespace(dc_options=[*useless, plain]), 4) == ("10.0.0.1", 443)
    with pytest.raises(ServerError, match="no address of its data centre 4"):
        find_address(SimpleNamespace(dc_options=useless), 4)
