"""A basic group and the supergroup that it became, exported as one tree."""

from __future__ import annotations

from pathlib import Path

from e2e.stage import open_stage, read_tree
from tobs.core.ids import mark_channel
from tobs.simulator.corpus.tree import CHOIR_ID, OLD_CHOIR_ID
from tobs.simulator.world import WORLDS, World

CHOIR, OLD = mark_channel(CHOIR_ID), -OLD_CHOIR_ID


def make_tree() -> World:
    return WORLDS["tree"](1, 0)


async def test_try(tmp_path: Path) -> None:
    async with open_stage(make_tree(), tmp_path) as stage:
        out = Path("/tmp/migrated-out")
        import shutil; shutil.rmtree(out, ignore_errors=True)
        report = await stage.export("@choir_demo", output=out)
        print(report)
        print(*read_tree(out), sep="\n")
        again = await stage.export(str(OLD), "@choir_demo", output=out)
        print(again)
        done = await stage.tobs("verify", "-o", str(out))
        print(done.out, done.err)
        done = await stage.tobs("archive", "info", "-o", str(out))
        print(done.out, done.err)
        assert 0
