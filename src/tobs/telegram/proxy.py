"""The way through a proxy: when one is set, no connection to Telegram goes around it, also when it fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from telethon.network import ConnectionTcpFull

from tobs.errors import SettingError
from tobs.telegram.limits import BoundedPackets

_KINDS = {"socks5": "socks5", "socks5h": "socks5", "http": "http"}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A SOCKS5 (RFC 1928) or HTTP (CONNECT, RFC 9110) proxy. Host names are looked up by it, not here."""

    kind: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    def as_option(self) -> dict[str, Any]:
        """Return what Telethon takes as its `proxy`."""
        return {
            "proxy_type": self.kind,
            "addr": self.host,
            "port": self.port,
            "rdns": True,
            "username": self.user or None,
            "password": self.password or None,
        }

    def __str__(self) -> str:
        """Return how it is called in a sentence: without who uses it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}"


def parse_proxy(url: str) -> Proxy:
    """Return the proxy that a URL names. Raises SettingError, which does not repeat it: there may be a password in it."""
    try:
        parts = urlsplit(url)
        kind, port = _KINDS.get(parts.scheme.lower(), ""), parts.port
    except ValueError:
        kind, port = "", None
    if not kind or not port or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingError(
            "TOBS_PROXY is no URL of a SOCKS5 or HTTP proxy.",
            hint="It looks like socks5://127.0.0.1:1080 or http://user:password@proxy.example:8080.",
        )
    return Proxy(kind, parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""))


class ProxiedLine(ConnectionTcpFull):  # type: ignore[misc]  # Telethon has no types
    """A TCP connection, through a proxy if one is given; whatever a proxy fails with is a ConnectionError, and so is a frame that is too long."""

    packet_codec = BoundedPackets

    async def _proxy_connect(self, timeout: float | None = None, local_addr: Any = None) -> Any:  # noqa: ASYNC109 - Telethon's
        try:
            return await super()._proxy_connect(timeout=timeout, local_addr=local_addr)
        except OSError:
            raise
        except Exception as error:
            # python_socks has errors of its own, which nobody who opens a connection expects.
            raise ConnectionError(f"the proxy did not let us through: {error}") from error
