"""One client's connection: packets are steps of the key exchange or, encrypted, messages of a session."""

import asyncio
import logging
import struct
import time
import zlib
from contextlib import suppress
from functools import partial

from tobs.simulator.handshake import Handshake, HandshakeError
from tobs.simulator.link import Link
from tobs.simulator.session import AuthKey, Backend, Message
from tobs.simulator.wire import Wire, WireError, open_wire

log = logging.getLogger(__name__)

_NOT_FOUND = struct.pack(
    "<i", -404
)  # transport error: this key is not known here, or the exchange went wrong
_ENDINGS = (
    WireError,
    ConnectionError,
    asyncio.IncompleteReadError,
    struct.error,
    zlib.error,
    ValueError,
)


async def serve_connection(
    backend: Backend, dc_id: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Serve one client of a data centre until it leaves or sends what cannot be understood; the server outlives either."""
    try:
        async with asyncio.TaskGroup() as tasks:
            await _serve(backend, dc_id, reader, writer, tasks)
    except* Exception:  # A bug met by one client must not end the others' connections.
        log.exception("a connection failed; this is a bug in the simulator")
    finally:
        writer.transport.abort()
        await _closed(writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        await writer.wait_closed()


async def _serve(
    backend: Backend,
    dc_id: int,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    tasks: asyncio.TaskGroup,
) -> None:
    connection: Connection | None = None
    try:
        wire = await open_wire(reader, writer)
        connection = Connection(backend, dc_id, wire, tasks)
        while True:
            await connection.take(await wire.receive())
            await wire.drain()
    except _ENDINGS as ending:
        log.debug("connection closed: %r", ending)
    finally:
        if connection is not None:
            connection.close()


class Connection:
    """Tells the key exchange from encrypted packets and opens these with the key that they name."""

    def __init__(self, backend: Backend, dc_id: int, wire: Wire, tasks: asyncio.TaskGroup) -> None:
        self._backend = backend
        self._dc_id = dc_id
        self._wire = wire
        self._tasks = tasks
        self._handshake = Handshake(partial(backend.keep_key, dc_id))
        self._links: dict[tuple[bytes, int], Link] = {}

    async def take(self, packet: bytes) -> None:
        """Answer a packet; one that makes no sense raises an error of _ENDINGS."""
        key_id = packet[:8]
        if key_id == bytes(8):
            self._exchange(packet)
        elif key := self._backend.keys.get((self._dc_id, key_id)):
            await self._open(key, packet)
        else:
            self._wire.send(_NOT_FOUND)

    def close(self) -> None:
        """End whatever still runs for this client."""
        for link in self._links.values():
            link.close()

    def _exchange(self, packet: bytes) -> None:
        (length,) = struct.unpack_from("<i", packet, 16)
        try:
            body = self._handshake.answer(packet[20 : 20 + length])
        except HandshakeError as error:
            log.debug("key exchange failed: %s", error)
            self._wire.send(_NOT_FOUND)
            return
        message_id = int(time.time() * 2**32) & ~3 | 1
        self._wire.send(struct.pack("<qqi", 0, message_id, len(body)) + body)

    async def _open(self, key: AuthKey, packet: bytes) -> None:
        data = key.cipher.open(packet)
        if data is None:
            raise WireError("a packet that its key does not open")
        salt, session_id, message_id, seqno, length = struct.unpack_from("<qqqii", data)
        if not 0 < length <= len(data) - 32 - 12:
            raise WireError("a message that is longer than its packet")
        link = self._link(key, session_id)
        await link.take(salt, Message(message_id, seqno, data[32 : 32 + length]))

    def _link(self, key: AuthKey, session_id: int) -> Link:
        name = key.cipher.key_id, session_id
        if name not in self._links:
            session = key.session(session_id)
            self._links[name] = Link(self._backend, key, session, self._wire, self._tasks)
        return self._links[name]
