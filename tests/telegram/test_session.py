"""The stored session: whatever stands in the file, it is a login or damaged."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs.errors import Damaged
from tobs.telegram.session import VERSION, AccountFolder, Login, account_folder, find_accounts

LOGIN = Login(42, "Alice Doe", "+49151", 2, "127.0.0.1", 443, bytes(range(256)))
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(0, 2**40), st.text(max_size=5), st.binary(max_size=5))


def test_a_login_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    folder = account_folder(tmp_path, "127.0.0.1:443", 42)
    folder.store(LOGIN)
    assert folder.load() == LOGIN
    assert folder.open_session().auth_key.key == LOGIN.auth_key
    assert [each.user_id for each in find_accounts(tmp_path, "127.0.0.1:443")] == [42]
    assert find_accounts(tmp_path, "") == []


def test_another_data_centre_is_written_back_and_the_same_one_is_not(tmp_path: Path) -> None:
    folder = account_folder(tmp_path, "", 42)
    folder.store(LOGIN)
    stamp = (tmp_path / "accounts/telegram/42/session").stat().st_mtime_ns
    session = folder.open_session()
    session.save()
    assert (folder.path / "session").stat().st_mtime_ns == stamp
    session.set_dc(4, "149.154.167.91", 443)
    session.save()
    assert (folder.load().dc_id, folder.load().host) == (4, "149.154.167.91")


@given(st.one_of(st.binary(max_size=60), st.lists(PLAIN, max_size=9).map(msgpack.packb)))
def test_a_file_that_is_no_session_is_damaged(content: bytes) -> None:
    with TemporaryDirectory() as name:
        (Path(name) / "session").write_bytes(content)
        with pytest.raises(Damaged) as caught:
            AccountFolder(Path(name)).open_session()
    assert caught.value.exit_code == 12
    assert "`tobs login`" in caught.value.hint


@pytest.mark.parametrize("number", range(7))
def test_a_session_with_a_wrong_field_is_damaged(tmp_path: Path, number: int) -> None:
    fields = [42, "Alice", "+49151", 2, "127.0.0.1", 443, bytes(256)]
    fields[number] = [1]
    (tmp_path / "session").write_bytes(msgpack.packb([VERSION, *fields]))
    with pytest.raises(Damaged):
        AccountFolder(tmp_path).open_session()
