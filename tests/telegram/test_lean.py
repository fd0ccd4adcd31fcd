"""A worker without Telethon's client reads and draws what the whole library does."""

from __future__ import annotations

import pickle
import subprocess
import sys
from itertools import count

import msgspec

from telegram.made import page
from tobs.simulator.corpus.every import FIRST_NUMBER, list_constructors, make_message
from tobs.telegram.decode import decode_page

CHILD = """
import pickle, sys
from tobs.telegram.lean import leave_client_out
leave_client_out()
work = pickle.load(sys.stdin.buffer)  # as the pool hands it over: what it needs is imported now
import tobs.export.draw
decoded = [work(raw, chat_id=-1000000000005, account=77, is_forum=False) for raw in pickle.load(sys.stdin.buffer)]
clients = [each for each in sys.modules if each.startswith(("telethon.client", "telethon.network", "telethon.sessions"))]
pickle.dump((decoded, clients), sys.stdout.buffer)
"""


def test_every_constructor_is_read_without_the_client_as_with_it() -> None:
    raws = [page(make_message(each, count(FIRST_NUMBER))) for each in list_constructors()]
    assert len(raws) > 300
    sent = pickle.dumps(decode_page) + pickle.dumps(raws)
    done = subprocess.run([sys.executable, "-c", CHILD], input=sent, capture_output=True, check=True)
    decoded, clients = pickle.loads(done.stdout)  # noqa: S301 - from our own process
    assert clients == []
    here = [decode_page(raw, chat_id=-1000000000005, account=77, is_forum=False) for raw in raws]
    assert msgspec.json.encode(decoded) == msgspec.json.encode(here)


def test_a_process_that_has_the_library_keeps_it() -> None:
    code = (
        "import sys, telethon; from tobs.telegram.lean import leave_client_out; leave_client_out(); "
        "assert sys.modules['telethon'].TelegramClient"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
