"""The worlds by name, and what they consist of."""

from collections.abc import Callable

from tobs.simulator.corpus.bench import build_bench
from tobs.simulator.corpus.demo.world import build_demo
from tobs.simulator.corpus.every import build_every
from tobs.simulator.corpus.everything import build_everything
from tobs.simulator.corpus.media_club import build_media
from tobs.simulator.corpus.small import build_small
from tobs.simulator.corpus.tree import build_tree
from tobs.simulator.model import Account, Chat, Folder, Kind, World

WORLDS: dict[str, Callable[[int, int], World]] = {
    "bench": build_bench,
    "demo": build_demo,
    "every": build_every,
    "everything": build_everything,
    "media": build_media,
    "small": build_small,
    "tree": build_tree,
}
"""How each named world is made from a seed and the number of bulk messages wanted (the demo has none)."""

DEMO_CHATS = ("@tidewatch_demo", "@harbour_gazette_demo", "Chiara Moretti", "Allotment 14", "Book club")
"""The chats of the demo that are worth an export, as a person names them."""

DEMO_TALK = "Gazette talk"
"""The group of comments that comes with one of them."""

BENCH_CHAT = "@bench_bulk"
"""The bulk chat of the bench world."""

__all__ = ["BENCH_CHAT", "DEMO_CHATS", "DEMO_TALK", "WORLDS", "Account", "Chat", "Folder", "Kind", "World"]
