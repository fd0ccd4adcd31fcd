"""Names as one file shows them, and which people's names those were."""

from __future__ import annotations

from collections.abc import Callable

from tobs.core.names import has_visible, name_peer
from tobs.core.ports.reader import Reader
from tobs.writers.clean import clean_line


class People:
    """Looks up each name once a rendering; `shown` gathers the marked ids since `start_file`.

    `escape` is how the format writes a name that somebody chose.
    """

    def __init__(self, reader: Reader, escape: Callable[[str], str]) -> None:
        self._reader = reader
        self._escape = escape
        self._names: dict[int, str] = {}
        self._escaped: dict[int, str] = {}
        self._usernames: dict[int, str] = {}
        self.shown: set[int] = set()

    def start_file(self) -> None:
        """Begin to gather anew."""
        self.shown = set()

    def plain(self, peer_id: int) -> str:
        """Return a name on one line, not escaped; never empty."""
        self.shown.add(peer_id)
        if peer_id not in self._names:
            name = clean_line(self._reader.peer_name(peer_id))
            self._names[peer_id] = name if has_visible(name) else name_peer(peer_id)
        return self._names[peer_id]

    def inline(self, peer_id: int) -> str:
        """Return a name as the format writes it."""
        if peer_id not in self._escaped:
            self._escaped[peer_id] = self._escape(self.plain(peer_id))
        self.shown.add(peer_id)
        return self._escaped[peer_id]

    def username(self, peer_id: int) -> str:
        """Return a username without @, or an empty string."""
        self.shown.add(peer_id)
        if peer_id not in self._usernames:
            self._usernames[peer_id] = self._reader.peer_username(peer_id)
        return self._usernames[peer_id]
