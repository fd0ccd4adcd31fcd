"""The way to Telegram: through the proxy that is set or not at all, and nowhere else."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from e2e.proxies import PASSWORD, open_proxy
from e2e.stage import NO_DOWNLOADS, Finished, Stage, open_stage
from seeds import often
from tobs._util.clock import ManualClock
from tobs.errors import SettingError
from tobs.settings import SecretStr
from tobs.simulator.world import WORLDS, World
from tobs.telegram.proxy import Proxy, parse_proxy

NOTING = Path(__file__).parent / "sockets"


def make_world() -> World:
    return WORLDS["media"](1, 20)


def log_in(stage: Stage) -> dict[str, str | None]:
    card = next(iter(stage.world.accounts.values()))
    return {"PHONE_NUMBER": card.phone, "EXPORT_TG_CODE": card.code, "TOBS_PASSWORD": card.password or None}


async def run_noted(stage: Stage, path: Path, *arguments: str, **variables: str | None) -> Finished:
    """Run a command as an interpreter of its own, which notes every address that it speaks to."""
    before = stage.environment.get("PYTHONPATH", "")
    noting: dict[str, str | None] = {
        "SOCKETS_NOTED": str(path),
        "PYTHONPATH": f"{NOTING}:{before}" if before else str(NOTING),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tobs",
        *arguments,
        env=stage.command_environment(variables | noting),
        cwd=stage.folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Finished(await process.wait(), out.decode(), err.decode())


def read_noted(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.removeprefix("socket.connect ") for line in lines}


@pytest.mark.parametrize(
    "needs", often(["socks5", "socks5 password", "http", "http password"], "socks5 password", "http")
)
async def test_login_export_and_files_of_other_data_centres_go_through_the_proxy_alone(
    tmp_path: Path, needs: str
) -> None:
    scheme, _, password = needs.partition(" ")
    async with (
        open_stage(make_world(), tmp_path, login=False) as stage,
        open_proxy(needs_password=bool(password)) as proxy,
    ):
        noted = tmp_path / "noted"
        way: dict[str, str | None] = {"TOBS_PROXY": proxy.url(scheme)}
        login = await run_noted(stage, noted, "login", **log_in(stage), **way)
        assert (login.code, login.err) == (0, "")
        run = await run_noted(stage, noted, "export", "--all", "-o", "out", "--media", "all", **way)
        assert run.code == 0, run.err
        assert (await run_noted(stage, noted, "logout", **way)).code == 0
        assert read_noted(noted) == {f"127.0.0.1:{proxy.port}"}
        homes = set(stage.simulator.addresses.values())
        assert len(set(proxy.asked) & homes) > 1, "no file of another data centre was asked for"
        assert set(proxy.asked) <= homes
        for path in (tmp_path / "out").rglob("*"):
            assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("scheme", ["socks5", "http"])
async def test_a_proxy_that_refuses_ends_the_run_and_is_not_gone_around(tmp_path: Path, scheme: str) -> None:
    async with open_stage(make_world(), tmp_path) as stage, open_proxy(refuses=True) as proxy:
        before = stage.simulator.total_answers
        way = SecretStr(proxy.url(scheme))
        # The clock lets the pauses between the tries pass.
        report = await stage.export("me", output=tmp_path / "out", clock=ManualClock(), proxy=way)
        place = f"{stage.simulator.address} through the proxy {scheme}://127.0.0.1:{proxy.port}"
        assert (report.exit_code, report.error) == (14, f"Cannot reach {place}.")
        assert set(proxy.asked) == {stage.simulator.address}
        assert stage.simulator.total_answers == before


async def test_a_wrong_password_and_a_proxy_that_is_gone_are_said_without_the_password(
    tmp_path: Path,
) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with open_proxy(needs_password=True) as proxy:
            wrong = f"socks5://mira:hunter2@127.0.0.1:{proxy.port}"
            refused = await stage.tobs("login", **log_in(stage), TOBS_PROXY=wrong)
        gone = await stage.tobs("login", **log_in(stage), TOBS_PROXY=wrong)
        for done in (refused, gone):
            assert (done.code, done.out) == (14, "")
            assert "through the proxy socks5://127.0.0.1:" in done.err
            assert "hunter2" not in done.err
            assert "bug" not in done.err


async def test_without_a_proxy_there_is_no_network_but_telegrams(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        noted = tmp_path / "noted"
        assert (await run_noted(stage, noted, "login", **log_in(stage))).code == 0
        for command in (
            ("chats",),
            ("export", "--all", "-o", "out"),
            ("verify", "--online", "-o", "out"),
            ("logout",),
        ):
            done = await run_noted(stage, noted, *command, **dict.fromkeys(NO_DOWNLOADS))
            assert done.code == 0, done.err
        online = read_noted(noted)
        assert online <= set(stage.simulator.addresses.values())
        assert len(online) > 1
        noted.unlink()
        for offline in (("render", "-o", "out", "--format", "html"), ("verify", "-o", "out"), ("accounts",)):
            assert (await run_noted(stage, noted, *offline)).code == 0
        assert not noted.exists(), "a command that needs no network used it"


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("socks5://127.0.0.1:1080", Proxy("socks5", "127.0.0.1", 1080)),
        ("SOCKS5H://me:p%40ss@proxy.example:9", Proxy("socks5", "proxy.example", 9, "me", "p@ss")),
        ("http://[::1]:8080/", Proxy("http", "::1", 8080)),
    ],
)
def test_a_url_names_a_proxy(url: str, proxy: Proxy) -> None:
    assert parse_proxy(url) == proxy
    assert "p@ss" not in f"{proxy} {proxy!r}"


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:1080", "socks5://127.0.0.1", "socks5://:1080", "https://a:1", "mtproto://a:1", "http://a:b:c",
     "socks5://a:99999", "http://a:1/path", "socks5://[::1"],
)  # fmt: skip
async def test_what_is_no_url_of_a_proxy_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingError) as refused:
        parse_proxy(url)
    assert "socks5://" in refused.value.hint
    assert not url or url not in str(refused.value)
