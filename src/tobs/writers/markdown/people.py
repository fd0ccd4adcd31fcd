"""Names as one note shows them, and which people's names those were."""

from __future__ import annotations

from tobs.core.names import has_visible, name_peer
from tobs.core.ports.reader import Reader
from tobs.writers.markdown.escape import clean_text, escape_alias, escape_name


class People:
    """Looks up each name once a rendering; `shown` gathers the marked ids since `start_note`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._names: dict[int, str] = {}
        self._escaped: dict[int, str] = {}
        self.shown: set[int] = set()

    def start_note(self) -> None:
        """Begin to gather anew."""
        self.shown = set()

    def plain(self, peer_id: int) -> str:
        """Return a name on one line, not escaped; never empty."""
        self.shown.add(peer_id)
        if peer_id not in self._names:
            name = " ".join(clean_text(self._reader.peer_name(peer_id)).split())
            self._names[peer_id] = name if has_visible(name) else name_peer(peer_id)
        return self._names[peer_id]

    def inline(self, peer_id: int) -> str:
        """Return a name as Markdown."""
        if peer_id not in self._escaped:
            self._escaped[peer_id] = escape_name(self.plain(peer_id))
        self.shown.add(peer_id)
        return self._escaped[peer_id]

    def alias(self, peer_id: int) -> str:
        """Return a name for the place behind the bar of a wikilink."""
        return escape_alias(self.plain(peer_id))

    def username(self, peer_id: int) -> str:
        """Return a username without @, or an empty string."""
        self.shown.add(peer_id)
        return self._reader.peer_username(peer_id)
