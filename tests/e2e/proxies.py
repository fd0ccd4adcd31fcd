"""A SOCKS5 and HTTP proxy on loopback that counts where it was asked to connect to."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

USER, PASSWORD = "mira", "s3cret:word"


@dataclass(slots=True)
class TestProxy:
    """`asked` are the places asked for as host:port; `refuses`: it lets nobody through."""

    __test__ = False

    port: int = 0
    needs_password: bool = False
    refuses: bool = False
    asked: list[str] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, scheme: str) -> str:
        """Return what TOBS_PROXY is set to."""
        login = "mira:s3cret%3Aword@" if self.needs_password else ""
        return f"{scheme}://{login}127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let one client through, whichever of the two it speaks."""
        with suppress(OSError, asyncio.IncompleteReadError):
            try:
                first = await reader.readexactly(1)
                place = await (
                    self._socks(reader, writer) if first == b"\x05" else self._http(reader, writer)
                )
                if place:
                    await self._join(place, reader, writer)
            finally:
                writer.close()

    async def _socks(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[str, int] | None:
        methods = await reader.readexactly((await reader.readexactly(1))[0])
        wanted = 2 if self.needs_password else 0
        writer.write(bytes((5, wanted if wanted in methods else 255)))
        if wanted not in methods:
            return None
        if self.needs_password:
            await reader.readexactly(1)
            user = await reader.readexactly((await reader.readexactly(1))[0])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            is_right = (user.decode(), password.decode()) == (USER, PASSWORD)
            writer.write(bytes((1, 0 if is_right else 1)))
            if not is_right:
                return None
        kind = (await reader.readexactly(4))[3]
        raw = await reader.readexactly(4 if kind == 1 else (await reader.readexactly(1))[0])
        host = ".".join(map(str, raw)) if kind == 1 else raw.decode()
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append(f"{host}:{port}")
        writer.write(bytes((5, 2 if self.refuses else 0, 0, 1)) + bytes(6))
        return None if self.refuses else (host, port)

    async def _http(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[str, int] | None:
        head = (b"C" + await reader.readuntil(b"\r\n\r\n")).decode()
        place = head.split()[1]
        self.asked.append(place)
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.needs_password and login not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return None
        if self.refuses:
            writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return None
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        host, _, port = place.rpartition(":")
        return host, int(port)

    async def _join(
        self, place: tuple[str, int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        far_reader, far_writer = await asyncio.open_connection(*place)

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                while block := await source.read(1 << 16):
                    target.write(block)
                    await target.drain()
            target.close()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(carry(reader, far_writer))
            tasks.create_task(carry(far_reader, writer))


@asynccontextmanager
async def open_proxy(*, needs_password: bool = False, refuses: bool = False) -> AsyncIterator[TestProxy]:
    """Serve a proxy while the block runs."""
    proxy = TestProxy(needs_password=needs_password, refuses=refuses)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy
        server.close_clients() if hasattr(server, "close_clients") else None
