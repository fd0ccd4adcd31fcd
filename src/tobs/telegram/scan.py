"""Signing in by a code that another device of the account scans (https://core.telegram.org/api/qr-login)."""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from telethon import events, functions, types

from tobs.telegram.asking import Ask
from tobs.telegram.connection import Identity

_SHORTEST_SECONDS, _LONGEST_SECONDS = 1, 60
"""For how long a code is shown, whatever the two clocks say of its end."""


async def scan_in(client: Any, identity: Identity, ask: Ask) -> Any:
    """Return the user whose device scanned the code; a new one is shown whenever the last has expired.

    Raises what Telethon raises, SessionPasswordNeededError among it, and LoginNeeded where nothing can be shown.
    """
    scanned = asyncio.Event()

    async def note(_update: object) -> None:
        scanned.set()

    client.add_event_handler(note, events.Raw(types.UpdateLoginToken))
    request = functions.auth.ExportLoginTokenRequest(identity.api_id, identity.api_hash, except_ids=[])
    while True:
        scanned.clear()
        answer = await client(request)
        if isinstance(answer, types.auth.LoginTokenMigrateTo):
            # There is no public way to go on in the data centre where the account lives.
            await client._switch_dc(answer.dc_id)  # noqa: SLF001
            answer = await client(functions.auth.ImportLoginTokenRequest(answer.token))
        if isinstance(answer, types.auth.LoginTokenSuccess):
            return answer.authorization.user
        ask.show_code(_address(answer.token))
        left = (answer.expires - datetime.now(UTC)).total_seconds()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(max(left, _SHORTEST_SECONDS), _LONGEST_SECONDS)):
                await scanned.wait()


def _address(token: bytes) -> str:
    return f"tg://login?token={base64.urlsafe_b64encode(token).decode().rstrip('=')}"
