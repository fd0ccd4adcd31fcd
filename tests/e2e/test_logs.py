"""What a run leaves in its log, and what never stands in any file or on any screen."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import msgpack
import pytest

from e2e.stage import Stage, open_stage
from e2e.test_login import PASSWORD, PLAIN, TWO_STEPS
from e2e.test_signals import holding
from tobs.core.events import Said
from tobs.simulator.corpus.media_club import MEDIA_CLUB_USERNAME, build_media
from tobs.simulator.faults import Drop, FaultScript, Flood, Refusal
from tobs.simulator.world import WORLDS

CLUB = f"@{MEDIA_CLUB_USERNAME}"
HISTORY = ("messages.getHistory",)
EVERYTHING = {"LOG_LEVEL": "DEBUG", "LOG_BATCH_INTERVAL": "0"}
KEEPERS = {"session", "centres", "input_peer_cache.bin"}
"""The files of an account that have to hold its keys and addresses."""


def read_log(output: Path) -> str:
    return (output / ".tobs" / "logs" / "tobs.log").read_text(encoding="utf-8")


def list_keys(value: object) -> Iterator[bytes]:
    """Yield the authorisation keys that stand somewhere in stored state."""
    if isinstance(value, bytes) and len(value) == 256:
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from list_keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from list_keys(each)


def plant_secrets(stage: Stage) -> dict[str, bytes]:
    """Return what must not be found, by what it is."""
    planted = {
        "api_hash": stage.settings.api_hash.get_secret_value().encode() if stage.settings.api_hash else b"",
        "phone number": str(TWO_STEPS["PHONE_NUMBER"]).lstrip("+").encode(),
        "password": PASSWORD.encode(),
    }
    stored = [
        msgpack.unpackb(each.read_bytes(), strict_map_key=False)
        for name in ("session", "centres")
        for each in stage.home.glob(f"accounts/*/*/{name}")
    ]
    keys = [*list_keys(stored)]
    assert len(keys) > 1  # of the account's data centre, and of that of the files
    for number, key in enumerate(keys):
        planted |= {f"key {number}": key, f"key {number} in hex": key.hex().encode()}
    hashes = [each.access_hash for each in stage.world.peers.values() if getattr(each, "access_hash", None)]
    assert len(hashes) > 3
    planted |= {f"access hash {each}": str(each).encode() for each in hashes}
    return planted


async def test_no_secret_stands_in_any_file_or_on_the_screen(tmp_path: Path) -> None:
    faults = FaultScript(
        [
            Drop(methods=HISTORY, at=(1,)),
            Refusal(500, "INTERNAL", methods=HISTORY, at=(2,)),
            Flood(1, methods=HISTORY, at=(3,)),
        ]
    )
    async with open_stage(build_media(1, 8), tmp_path, login=False, faults=faults) as stage:
        commands = (
            ("login", "-v", "--debug"),
            ("export", CLUB, "--media", "all", "-o", "out", "-v", "--debug"),
            ("export", "+15550100001", "@nobody_here", "-o", "out", "-v", "--debug"),
            ("accounts", "-v", "--debug"),
            ("config", "show", "-v"),
            ("cache", "stats", "-v"),
            ("metrics", "show", "-o", "out"),
        )
        shown = [await stage.tobs(*each, **TWO_STEPS, **EVERYTHING) for each in commands]
        assert [each.code for each in shown[:2]] == [0, 0], shown[1].err
        planted = plant_secrets(stage)
        planted["code"] = str(TWO_STEPS["EXPORT_TG_CODE"]).encode()
        texts = {"screen": "".join(each.out + each.err for each in shown).encode()}
        for folder in (stage.folder / "out", stage.home):
            files = [each for each in folder.rglob("*") if each.is_file() and each.name not in KEEPERS]
            texts |= {str(each): each.read_bytes() for each in files if "media" not in each.parts}
        assert "messages.getHistory" in read_log(stage.folder / "out")
        found = [
            (what, where)
            for what, secret in planted.items()
            for where, text in texts.items()
            if secret in text
        ]
        assert found == []


async def test_a_log_says_what_ran_what_it_met_and_how_it_ended(tmp_path: Path) -> None:
    faults = FaultScript(
        [Refusal(500, "INTERNAL", methods=HISTORY, at=(1,)), Flood(1, methods=HISTORY, at=(2,))]
    )
    async with open_stage(build_media(1, 4), tmp_path, faults=faults) as stage:
        done = await stage.tobs("export", CLUB, "--media", "none", "-o", "out", LOG_LEVEL="INFO")
        assert done.code == 0
        assert "INFO" not in done.err
        lines = [line.split(" ", 1)[1] for line in read_log(stage.folder / "out").splitlines()]
    assert lines[0].startswith("INFO tobs.run: tobs 0.1.0 export on Python 3.")
    assert "TOBS_API_HASH=•••" in lines[0]
    for said in (
        f"INFO tobs.run: exporting {CLUB} into out",
        "INFO tobs.telegram: messages.getHistory failed and is asked again: ",
        "INFO tobs.waits: waiting 1 s, asked by Telegram (messages.getHistory)",
        "INFO tobs.run: Media club: begun (id -100",
        "INFO tobs.run: Media club: fetched 1 pages in ",
        "INFO tobs.run: Media club: 4 new, 0 edited, 0 deleted in 1 pages",
        "INFO tobs.run: ended after ",
    ):
        assert any(line.startswith(said) for line in lines), said


async def test_whatever_else_writes_into_a_folder_logs_there_too(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 4), tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out")
        lines = len(read_log(tmp_path / "out").splitlines())
        for command in (("render",), ("verify", "--online"), ("render", "--chat", "@nobody_here")):
            await stage.tobs(*command, "-o", "out")
    said = [line.split(" ", 1)[1] for line in read_log(tmp_path / "out").splitlines()[lines:]]
    begins = (
        "INFO tobs.run: tobs 0.1.0 render on Python 3.",
        "INFO tobs.run: ended: 0 files written, ",
        "INFO tobs.run: tobs 0.1.0 verify --online on Python 3.",
        "INFO tobs.run: Media club: 4 messages by Telegram's count, 0 empty ids looked up, 0 messages",
        "INFO tobs.run: tobs 0.1.0 render on Python 3.",
        "ERROR tobs.run: ended: ",
    )
    assert all(line.startswith(begin) for line, begin in zip(said, begins, strict=True)), said


async def test_the_number_of_the_account_is_hidden_though_no_setting_names_it(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 4), tmp_path) as stage:
        number = next(iter(stage.world.accounts.values())).phone.lstrip("+")
        log = logging.getLogger("tobs.telegram")
        stage.answered.append(lambda method, _total: log.warning("%s told of %s", method, number))
        await stage.export(CLUB, output=tmp_path / "out", phone_number=None)
    text = read_log(tmp_path / "out")
    assert "messages.getHistory told of •••" in text
    assert number not in text


async def test_the_second_ctrl_c_leaves_a_log_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        async with holding(stage, tmp_path / "out") as held:
            held.process.send_signal(signal.SIGINT)
            await held.read_until("Stopping: ")
            held.process.send_signal(signal.SIGINT)
            await held.process.communicate()
        lines = [line.split(" ", 1)[1] for line in read_log(tmp_path / "out").splitlines()]
    assert any("such lines in" in line for line in lines)
    assert any("with exit code 130" in line for line in lines)
    assert "INFO tobs.run: interrupted" in lines


async def test_a_folder_that_takes_no_log_is_exported_and_says_so(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 4), tmp_path) as stage:
        (tmp_path / "out" / ".tobs").mkdir(parents=True)
        (tmp_path / "out" / ".tobs" / "logs").write_text("in the way")
        report = await stage.export(CLUB, output=tmp_path / "out")
        warnings = [each.text for each in stage.events if isinstance(each, Said) and each.level == "warning"]
    assert report.exit_code == 0
    assert [each for each in warnings if each.startswith("Nothing is logged into ")]


async def test_a_read_only_command_logs_nothing(tmp_path: Path) -> None:
    async with open_stage(build_media(1, 4), tmp_path) as stage:
        await stage.tobs("export", CLUB, "-o", "out", **PLAIN)
        before = read_log(stage.folder / "out")
        done = await stage.tobs("verify", "-o", "out", **EVERYTHING)
        assert (done.code, read_log(stage.folder / "out")) == (0, before)
