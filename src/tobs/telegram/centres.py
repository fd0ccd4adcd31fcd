"""Connections to the data centres that hold files, beside the account's own.

A file is asked for where it is (https://core.telegram.org/api/datacenter): the account's authorisation is taken there
once and its key kept for later runs. Parts of files go over a few connections of their own, so that a page never
waits behind them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from telethon import functions
from telethon.crypto import AuthKey

from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Clock
from tobs.errors import ServerError, SessionRevoked
from tobs.telegram.client import OUTSIDE, Client, RawAnswer
from tobs.telegram.connection import Identity
from tobs.telegram.flood import FloodGate
from tobs.telegram.session import CentreKey, CentreKeys, StoredSession

MOST_CONNECTIONS = 4
"""How many connections one data centre gets; Telegram holds up who opens many."""

BUSY = 4
"""How many requests in flight make another connection worth its opening."""


@dataclass(slots=True)
class _Lane:
    client: Client
    in_flight: int = 0


@dataclass(slots=True)
class _Centre:
    """One data centre: its open connections, and the lock under which the first one is opened.

    `coming` are being opened beside those. `is_renewed`: a kept key had to go, and with it its connections.
    """

    id: int
    lanes: list[_Lane] = field(default_factory=list)
    coming: int = 0
    is_renewed: bool = False
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def needs_lane(self) -> bool:
        """Tell whether one more request is more than the connections that there are, or will be, should carry."""
        lanes = len(self.lanes) + self.coming
        requests = sum(each.in_flight for each in self.lanes) + self.coming
        return lanes < MOST_CONNECTIONS and requests >= BUSY * lanes


class DataCentres:
    """The data centres of one account, connected when the first file is asked for; closed by `async with`."""

    def __init__(
        self,
        home: Client,
        keys: CentreKeys,
        identity: Identity,
        gate: FloodGate,
        clock: Clock,
        *,
        timeout_seconds: float,
        meter: Meter = NO_METER,
    ) -> None:
        self._meter = meter
        self._home = home
        self._keys = keys
        self._identity = identity
        self._gate = gate
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._centres: dict[int, _Centre] = {}
        self._clients: list[Client] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    @property
    def counts(self) -> Counter[str]:
        """How often each method was answered over these connections."""
        return sum((each.counts for each in self._clients), Counter())

    async def send_raw(self, number: int, request: Any, what: str, *, is_optional: bool = False) -> RawAnswer:
        """Return a data centre's answer, over the connection that has the least to do; raises as `Client.send_raw`."""
        centre = self._centres.setdefault(number, _Centre(number))
        lane = await self._find_lane(centre)
        lane.in_flight += 1
        try:
            return await lane.client.send_raw(request, what, is_optional=is_optional)
        except SessionRevoked:
            if not await self._renew(centre, lane):
                raise
        finally:
            lane.in_flight -= 1
        return await self.send_raw(number, request, what, is_optional=is_optional)

    async def _renew(self, centre: _Centre, lane: _Lane) -> bool:
        """Drop a key that a data centre does not take any more; tell whether asking again makes sense.

        That says nothing of the account: whether it is still logged in shows when it is to be authorised there anew.
        """
        async with centre.opening:
            if lane in centre.lanes:
                if centre.is_renewed or centre.id == self._home.connection.place.centre:
                    return False
                self._keys.forget(centre.id)
                centre.lanes = []
                centre.is_renewed = True
        return True

    async def _find_lane(self, centre: _Centre) -> _Lane:
        while not centre.lanes:
            async with centre.opening:  # so that the account is authorised there once
                if not centre.lanes:
                    centre.lanes.append(_Lane(await self._open(centre.id)))
        lanes = centre.lanes
        if not centre.needs_lane:
            return min(lanes, key=lambda each: each.in_flight)
        centre.coming += 1
        try:
            lane = _Lane(await self._open(centre.id))
        finally:
            centre.coming -= 1
        if centre.lanes is not lanes:  # its key is not taken any more
            return await self._find_lane(centre)
        lanes.append(lane)
        return lane

    async def _open(self, number: int) -> Client:
        """Return a new connection to a data centre, with the account authorised there."""
        own = self._home.connection.place
        if number == own.centre:
            return await self._connect(own)
        if known := self._keys.find(number):
            try:
                return await self._connect(known)
            except SessionRevoked:  # as in `_renew`
                self._keys.forget(number)
        host, port = find_address(self._home.connection.config, number)
        client = await self._connect(CentreKey(number, host, port, b""))
        await self._authorise(client, number)
        return client

    async def _connect(self, place: CentreKey) -> Client:
        session = StoredSession()
        session.set_dc(place.centre, place.host, place.port)
        session.auth_key = AuthKey(place.key) if place.key else None
        client = Client(
            session,
            self._identity,
            self._gate,
            self._clock,
            timeout_seconds=self._timeout_seconds,
            place=f"DC {place.centre}",
            meter=self._meter,
        )
        client.route = self._home.route
        await self._stack.enter_async_context(client)
        self._clients.append(client)
        return client

    async def _authorise(self, client: Client, number: int) -> None:
        """Take the account's authorisation to another data centre, and keep the key there."""
        what = f"the authorisation for data centre {number}"
        exported = await self._home.send(
            functions.auth.ExportAuthorizationRequest(number), what, takeout=OUTSIDE
        )
        request = functions.auth.ImportAuthorizationRequest(exported.id, exported.bytes)
        await client.send(request, what, takeout=OUTSIDE)
        self._keys.keep(client.connection.place)


def find_address(config: Any, number: int) -> tuple[str, int]:
    """Return host and port of a data centre for files, as the server listed it. Raises ServerError."""
    options = [
        each
        for each in config.dc_options
        if each.id == number and not (each.ipv6 or each.tcpo_only or each.cdn)
    ]
    # One for media alone is preferred, as Telegram's own apps do.
    options.sort(key=lambda each: not each.media_only)
    if not options:
        raise ServerError(f"Telegram names no address of its data centre {number}.")
    return options[0].ip_address, options[0].port
