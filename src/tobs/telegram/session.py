"""Where an account lives on disk: `accounts/<server>/<user id>/session`, 0600 in folders 0700.

Telethon's own session class leaves its file readable for everybody and writes it with every page;
ours holds what a login is (data centre, key, who) and is written when that changes. With a passphrase
it is sealed (_util/sealed.py), and so are the keys at other data centres; what else an account remembers is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import msgspec
from telethon.crypto import AuthKey
from telethon.sessions import MemorySession

from tobs._util.atomic import save
from tobs._util.lock import hold_lock
from tobs._util.modes import tighten
from tobs._util.sealed import Seal, find_seal, is_sealed, make_seal
from tobs.errors import Damaged, LoginNeeded, TobsError
from tobs.telegram.state import AccountState

VERSION = 1
OFFICIAL = "telegram"
"""The folder name of Telegram's own servers."""


@dataclass(slots=True)
class Login:
    """What a stored session holds: who is logged in, where, and the authorisation key (256 bytes)."""

    user_id: int
    name: str
    phone: str
    dc_id: int
    host: str
    port: int
    auth_key: bytes


class StoredSession(MemorySession):  # type: ignore[misc]  # Telethon ships no types
    """Telethon's session, kept in memory and saved by `on_change` when the login itself changed."""

    def __init__(self, on_change: Callable[[StoredSession], None] | None = None) -> None:
        super().__init__()
        self._on_change = on_change

    def save(self) -> None:
        """Hand a changed data centre or key to whoever keeps it."""
        if self._on_change:
            self._on_change(self)

    def process_entities(self, _tlo: object) -> None:
        """Keep nothing: the input peer cache does that, and this would cost 6 % of a run's CPU."""

    def delete(self) -> None:
        """Leave the file to `logout`, which removes the account's folder."""

    def describe(self, user_id: int, name: str, phone: str) -> Login:
        """Return what must be kept of this session."""
        return Login(user_id, name, phone, self.dc_id, self.server_address, self.port, self.auth_key.key)


@dataclass(frozen=True, slots=True)
class CentreKey:
    """A data centre's number and address, and the authorisation key (256 bytes) that is used there; empty for none yet."""

    centre: int
    host: str
    port: int
    key: bytes


class CentreKeys:
    """The keys of an account at other data centres than its own; a file that only its owner may read, sealed as the session is."""

    def __init__(self, path: Path, seal: Seal | None = None) -> None:
        self._path = path
        self._seal = seal
        self._keys = {each.centre: each for each in _read_keys(path, seal)}

    def find(self, centre: int) -> CentreKey | None:
        """Return the key kept for a data centre."""
        return self._keys.get(centre)

    def keep(self, key: CentreKey) -> None:
        """Keep a key; it is on disk when this returns."""
        self._keys[key.centre] = key
        self._save()

    def seal(self, seal: Seal | None) -> None:
        """Seal the file in another way from now on."""
        self._seal = seal
        if self._keys:
            self._save()

    def forget(self, centre: int) -> None:
        """Drop the key of a data centre."""
        if self._keys.pop(centre, None):
            self._save()

    def _save(self) -> None:
        rows = [[each.centre, each.host, each.port, each.key] for each in self._keys.values()]
        _save_private(self._path, [VERSION, rows], self._seal)


def _save_private(path: Path, content: list[Any], seal: Seal | None) -> None:
    body = msgpack.packb(content)
    save(path, seal.close(body) if seal else body, mode=0o600)


def _read_keys(path: Path, seal: Seal | None) -> list[CentreKey]:
    # Losing it costs a key exchange: a file that is damaged, or not sealed as the session is, is no reason to stop.
    try:
        body = path.read_bytes()
        version, rows = msgpack.unpackb(seal.open(body) if seal else body)
        fields = (dict(zip(CentreKey.__slots__, row, strict=True)) for row in rows)
        return [msgspec.convert(each, CentreKey) for each in fields] if version == VERSION else []
    except (OSError, ValueError, TypeError, msgpack.UnpackException, msgspec.ValidationError, TobsError):
        return []


class AccountFolder:
    """One account's folder, with the lock that keeps a session in one process at a time.

    The same key used from two places at once kills the session (406 AUTH_KEY_DUPLICATED).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seal: Seal | None = None

    @property
    def is_sealed(self) -> bool:
        """Whether the session needs a passphrase. Raises Damaged when there is no file that can be read."""
        return is_sealed(self._read_session())

    def unlock(self, passphrase: str) -> None:
        """Open what a passphrase has sealed. Raises WrongPassphrase."""
        body = self._read_session()
        self._seal = find_seal(body, passphrase) if is_sealed(body) else None

    def seal(self, passphrase: str) -> None:
        """Seal what is stored from now on, and what is: the session, and the keys at other data centres; empty opens them for good."""
        has_session = (self.path / "session").exists()
        login, keys = self.load() if has_session else None, self.load_keys()
        self._seal = make_seal(passphrase) if passphrase else None
        if login:
            self.store(login)
        keys.seal(self._seal)

    @property
    def user_id(self) -> int:
        """The account's user id: the folder's name."""
        return int(self.path.name)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the account while the block runs. Raises Busy when another tobs uses it."""
        make_private(self.path)
        with hold_lock(self.path / "lock", f"The account {self.path.name}"):
            yield

    def tighten(self) -> list[str]:
        """Make private again what others were let into; return a sentence for each. Raises OSError."""
        server = self.path.parent
        files = (each for each in self.path.rglob("*") if not each.is_symlink())
        return tighten((server.parent, server, self.path, *files))

    def load(self) -> Login:
        """Return the stored login. Raises Damaged when the file cannot be read, and LoginNeeded when it is sealed."""
        body = self._read_session()
        if is_sealed(body):
            if self._seal is None:
                raise LoginNeeded(
                    f"The session of the account {self.path.name} is encrypted, and no passphrase is set.",
                    hint="Set TOBS_SESSION_PASSPHRASE, or run it in a terminal, which asks.",
                )
            body = self._seal.open(body)
        try:
            version, *values = msgpack.unpackb(body)
            fields = dict(zip(Login.__slots__, values, strict=True))
            login = msgspec.convert(fields, Login)
        except (ValueError, TypeError, msgpack.UnpackException, msgspec.ValidationError) as error:
            raise self._damaged() from error
        if version != VERSION:
            raise self._damaged()
        return login

    def _read_session(self) -> bytes:
        try:
            return (self.path / "session").read_bytes()
        except OSError as error:
            raise self._damaged() from error

    def _damaged(self) -> Damaged:
        return Damaged(
            f"The session file {self.path / 'session'} cannot be read.",
            hint="Remove that file and log in again with `tobs login`.",
        )

    def store(self, login: Login) -> None:
        """Write the login, readable by its owner only."""
        make_private(self.path)
        fields = [login.user_id, login.name, login.phone, login.dc_id, login.host, login.port, login.auth_key]
        _save_private(self.path / "session", [VERSION, *fields], self._seal)

    def open_session(self) -> StoredSession:
        """Return the stored login as a session for Telethon; a changed key or address is written back."""
        login = self.load()

        def store_changes(session: StoredSession) -> None:
            changed = session.describe(login.user_id, login.name, login.phone)
            if changed != login:
                self.store(changed)

        session = StoredSession(store_changes)
        session.set_dc(login.dc_id, login.host, login.port)
        session.auth_key = AuthKey(login.auth_key)
        return session

    def load_state(self) -> AccountState:
        """Return what the account remembers of earlier runs, and where it keeps what comes."""
        return AccountState.load(self.path / "state.msgpack")

    def load_keys(self) -> CentreKeys:
        """Return the account's keys at other data centres."""
        return CentreKeys(self.path / "centres", self._seal)

    def remove(self) -> None:
        """Remove the session and all keys; what else the account remembers stays for the next login."""
        (self.path / "centres").unlink(missing_ok=True)
        (self.path / "session").unlink(missing_ok=True)


def server_name(server: str) -> str:
    """Return the folder name of a server: `telegram`, or `<host>_<port>`."""
    return server.replace(":", "_") if server else OFFICIAL


def find_accounts(home: Path, server: str) -> list[AccountFolder]:
    """Return the accounts logged in at a server (empty: Telegram's own), by user id."""
    folder = home / "accounts" / server_name(server)
    found = (path for path in folder.glob("*/session") if path.parent.name.isdecimal())
    return [AccountFolder(path.parent) for path in sorted(found, key=lambda path: int(path.parent.name))]


def account_folder(home: Path, server: str, user_id: int) -> AccountFolder:
    """Return where an account of a server lives, whether or not it exists yet."""
    return AccountFolder(home / "accounts" / server_name(server) / str(user_id))


def make_private(folder: Path) -> None:
    """Create a folder and its missing parents for their owner only; one that is there stays as it is (see `tighten`)."""
    if not folder.parent.exists():
        make_private(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
