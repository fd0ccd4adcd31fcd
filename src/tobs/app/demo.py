"""`tobs demo`, wired."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from tobs._util.atomic import save
from tobs.app.accounts import login
from tobs.app.exporting import run_export
from tobs.archive.connect import archive_path
from tobs.archive.info import archive_info
from tobs.core.choice import MediaChoice
from tobs.core.events import Said
from tobs.core.ports.services import Emit
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest
from tobs.errors import UsageError
from tobs.settings import SecretStr, Settings
from tobs.telegram.asking import Nobody


async def run_demo(
    settings: Settings, output: Path, emit: Emit, stop: asyncio.Event, *, has_pages: bool = False
) -> RunReport:
    """Export five chats of an invented Telegram that runs on this computer; `has_pages`: as pages for a browser, too.

    Server, login and encryption are the real protocol; the account lives in a throw-away home.
    """
    from tobs.simulator.process import SimulatorProcess
    from tobs.simulator.world import DEMO_CHATS, DEMO_TALK

    _refuse_real_chats(output, (*DEMO_CHATS, DEMO_TALK))
    with TemporaryDirectory(prefix="tobs-demo-") as folder, SimulatorProcess("demo") as server:
        home = Path(folder)
        key_file = home / "server.pem"
        save(key_file, server.key.encode("ascii"), mode=0o600)
        card = server.accounts[0]
        demo = Settings(
            home=home,
            server=server.address,
            server_key=key_file,
            api_id=1,
            api_hash=SecretStr("0" * 32),
            phone_number=card.phone,
            export_tg_code=SecretStr(card.code),
            password=SecretStr(card.password) if card.password else None,
            timezone=settings.timezone,
            format=("markdown", "html") if has_pages else None,
            comments=True,
        )
        done = await login(demo, Nobody())
        emit(
            Said("info", f"Logged in as {done.name} at a Telegram in a box ({server.address}, real MTProto).")
        )
        # The pictures of the invented chats are real ones; other files are as long as theirs and hold noise.
        request = ExportRequest(tuple(DEMO_CHATS), output, media=MediaChoice(kinds=("photo", "sticker")))
        return await run_export(demo, request, emit, stop)


def _refuse_real_chats(output: Path, invented: Iterable[str]) -> None:
    """Raise UsageError when a folder holds other chats than the demo's: nothing takes one out again."""
    path = archive_path(output)
    names = {each.removeprefix("@") for each in invented}
    if path.is_file() and not all(
        names & {each.chat.title, each.chat.username} for each in archive_info(path).chats
    ):
        raise UsageError(
            f"{output} holds chats of your own.",
            hint="The demo's would stay among them: choose another folder.",
        )
