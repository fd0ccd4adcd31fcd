"""The data centres: one port each, keys of their own, and logins that travel from one to another.

Source: core.telegram.org/api/datacenter. Accounts are at home in one of them; the others only give files.
"""

import secrets

HOME_DC = 2
"""Where the accounts are at home."""
DC_IDS = range(1, 6)
ANYWHERE = ("auth", "help", "upload")
"""The namespaces of methods that every data centre answers."""


class Centres:
    """Where each data centre listens, and the logins that are on their way to another one."""

    def __init__(self, host: str, port: int) -> None:
        self.addresses: dict[int, tuple[str, int]] = {HOME_DC: (host, port)}
        self._passes: dict[bytes, tuple[int, int]] = {}

    def export_login(self, user_id: int, dc_id: int) -> bytes:
        """Return what a client shows in another data centre to be logged in there; it is good once."""
        token = secrets.token_bytes(96)
        self._passes[token] = user_id, dc_id
        return token

    def import_login(self, user_id: int, dc_id: int, token: bytes) -> bool:
        """Say whether this login may be opened in this data centre."""
        return self._passes.pop(token, None) == (user_id, dc_id)
