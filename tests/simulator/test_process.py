"""A simulator in a process of its own."""

import signal
import subprocess
import sys

import pytest
from telethon.crypto import rsa

from simulator.protocol_world import connected
from tobs.errors import TobsError
from tobs.simulator.process import SimulatorProcess


async def test_a_client_is_served_by_another_process_that_tells_what_it_did() -> None:
    with SimulatorProcess("bench", seed=2, messages=100) as server:
        rsa.add_key(server.key, old=False)
        card = server.accounts[0]
        async with connected(server) as client:
            sent = await client.send_code_request(card.phone)
            await client.sign_in(card.phone, card.code, phone_code_hash=sent.phone_code_hash)
    assert server.statistics.counts["auth.signIn"] == 1
    assert server.statistics.cpu_seconds > 0
    assert server.statistics.peak_rss_bytes > 1_000_000


async def test_another_process_can_be_slow_limited_and_faulty() -> None:
    with SimulatorProcess("tree", messages=0, latency_ms=1, rate=50_000, faults="flaky") as server:
        rsa.add_key(server.key, old=False)
        card = server.accounts[0]
        async with connected(server) as client:
            # Nothing but the delay touches a login.
            sent = await client.send_code_request(card.phone)
            assert sent.phone_code_hash
    assert server.statistics.counts["auth.sendCode"] == 1


def test_a_world_that_does_not_exist_is_said_at_once() -> None:
    with pytest.raises(TobsError, match="before it listened"), SimulatorProcess("atlantis"):
        pass


def test_a_server_that_died_is_not_taken_for_one_that_was_stopped() -> None:
    with pytest.raises(TobsError, match="exit code -9"), SimulatorProcess("bench", messages=10) as server:
        server.kill()


def test_a_server_without_an_input_stops_at_a_signal() -> None:
    command = [sys.executable, "-m", "tobs.simulator", "--world", "bench", "--messages", "10"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"address" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert b"cpu_seconds" in process.stdout.readline()
        assert process.wait() == 0
