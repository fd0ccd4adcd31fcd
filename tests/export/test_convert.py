"""Processed files in an export folder: made once, beside each original, wherever that goes, and nobody's file touched."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from archive.rows import ALICE
from e2e.stage import query, read_tree
from export.making import Works, film, open_works, small
from export.media import DyingLedger, Killed, body_of, photo
from tobs.core.events import Progressed, Said
from tobs.core.ports.processed import Failed, Kept
from tobs.core.processing import ProcessKind
from tobs.errors import DiskFull


def at(message: int, name: str = "photo.jpg", chat: str = "Team chat/") -> str:
    """Return where a medium of the message sent that many minutes after 22:20 stands."""
    return f"{chat}media/2026-03/2026-03-01_22{20 + message:02}00_{message}_{name}"


async def test_results_stand_beside_their_originals_and_a_second_run_makes_nothing(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1), film(2, 2))
        report = await works.convert()
        assert (report.made, report.made_bytes, report.there) == (2, 2 * len(small("0001")), 0)
        assert works.read(at(1, "photo.jpg.small.webp")) == small("0001")
        assert works.read(at(2, "film.mp4.h264.mp4")) == small("0002")
        assert works.read(at(1)) == body_of("0001")
        tree = read_tree(tmp_path)
        again = await works.convert()
        assert (again.made, again.there, len(works.maker.sources)) == (0, 2, 2)
        await works.folder.draw()
    assert read_tree(tmp_path) == tree
    assert query(tmp_path, "SELECT DISTINCT is_placed, previous FROM processed_copies") == [(1, "")]


async def test_only_the_kinds_asked_for_and_what_can_be_one_are_processed(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1), film(2, 2), photo(3, 3, name="a.ogg", kind="voice"))
        assert (await works.convert(kinds=["video"])).made == 1
        assert works.maker.sources == [Path(at(2, "film.mp4")).name]
        assert (await works.convert(kinds=["image"])).made == 1
        assert len(works.paths()) == 5


async def test_the_same_bytes_in_another_chat_get_a_copy_and_are_not_made_twice(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        await works.add(photo(2, 1), chat=ALICE)
        works.folder.transfer.copied.clear()
        report = await works.convert()
        assert (report.made, report.copied, len(works.maker.sources)) == (1, 1, 1)
        hers = at(2, "photo.jpg.small.webp", chat="Alice Doe/")
        assert works.read(hers) == works.read(at(1, "photo.jpg.small.webp")) == small("0001")
        assert works.folder.transfer.copied == [Path(hers).name]


async def test_chats_that_are_not_in_the_run_are_left_to_their_own(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        team = await works.add(photo(1, 1))
        await works.add(photo(2, 2), chat=ALICE)
        assert (await works.convert(team)).made == 1
        assert at(2, "photo.jpg.small.webp", chat="Alice Doe/") not in works.paths()


async def test_in_the_shared_folder_there_is_one_result_for_all_chats_and_only_for_those_of_the_run(
    tmp_path: Path,
) -> None:
    async with open_works(tmp_path, layout="shared") as works:
        team = await works.add(photo(1, 1))
        await works.add(photo(2, 1), photo(3, 2), chat=ALICE)
        assert (await works.convert(team)).made == 1
        assert works.paths() == [at(1, chat=""), at(1, "photo.jpg.small.webp", chat=""), at(3, chat="")]
        report = await works.convert()
        assert (report.made, report.there) == (1, 1)


async def test_files_that_are_not_ours_are_never_touched_and_cost_a_number(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        taken = tmp_path / at(1, "photo.jpg.small.webp")
        taken.write_bytes(b"mine")
        (tmp_path / at(1, "photo.jpg.small (2).webp")).symlink_to("nowhere")
        assert (await works.convert()).made == 1
        assert taken.read_bytes() == b"mine"
        assert works.read(at(1, "photo.jpg.small (3).webp")) == small("0001")
        assert (await works.convert()).there == 1


async def test_a_medium_never_meets_a_result_that_has_its_name(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        await works.convert()
        await works.add(photo(1, 1), photo(1, 2, name="photo.jpg.small.webp", kind="document"))
        assert works.read(at(1, "photo.jpg.small.webp")) == small("0001")
        assert works.read(at(1, "photo.jpg.small (2).webp")) == body_of("0002")
        tree = read_tree(tmp_path)
        await works.folder.draw()
    assert read_tree(tmp_path) == tree


async def test_a_result_that_its_owner_changed_stays_and_does_not_spread(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        await works.convert()
        mine = tmp_path / at(1, "photo.jpg.small.webp")
        mine.write_bytes(b"cropped")
        assert (await works.convert()).there == 1
        await works.add(photo(2, 1), chat=ALICE)
        report = await works.convert()
        assert (report.made, report.copied) == (1, 0)
        assert works.read(at(2, "photo.jpg.small.webp", chat="Alice Doe/")) == small("0001")
        assert mine.read_bytes() == b"cropped"
        (tmp_path / at(1)).unlink()
        (tmp_path / at(2, chat="Alice Doe/")).unlink()
        await works.folder.draw()
        assert works.paths() == [at(1, "photo.jpg.small.webp")]
        assert mine.read_bytes() == b"cropped"


async def test_a_result_that_somebody_deleted_comes_again_when_its_kind_is_asked_for(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        await works.convert()
        gone = tmp_path / at(1, "photo.jpg.small.webp")
        gone.unlink()
        await works.folder.draw()
        await works.convert(kinds=["video"])
        assert not gone.exists()
        assert (await works.convert()).made == 1
        assert gone.read_bytes() == small("0001")


async def test_a_deleted_result_of_which_another_chat_has_a_copy_is_not_made_again(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        await works.add(photo(2, 1), chat=ALICE)
        await works.convert()
        (tmp_path / at(1, "photo.jpg.small.webp")).unlink()
        report = await works.convert()
        assert (report.made, report.copied, report.there) == (0, 1, 1)
        assert works.read(at(1, "photo.jpg.small.webp")) == small("0001")


async def test_a_result_goes_with_its_original(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        await works.convert()
        (tmp_path / at(1)).unlink()
        await works.folder.draw()
        assert works.paths() == []
        assert not (tmp_path / "Team chat/media").exists()
    assert query(tmp_path, "SELECT count(*) FROM processed") == [(0,)]


async def test_an_original_that_its_owner_changed_is_not_processed(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1), photo(2, 2))
        (tmp_path / at(1)).write_bytes(body_of("9999"))
        report = await works.convert()
        assert (report.made, report.kept, report.failed) == (1, {"the original was changed": 1}, {})
        assert at(1, "photo.jpg.small.webp") not in works.paths()
    assert query(tmp_path, "SELECT state FROM processed") == [("made",)]


async def test_a_result_follows_its_original_to_a_better_name(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(9, 1), low=8)
        await works.convert()
        assert works.paths() == [at(9), at(9, "photo.jpg.small.webp")]
        await works.add(photo(3, 1), photo(5, 1))
        assert works.paths() == [at(3), at(3, "photo.jpg.small.webp")]
        report = await works.convert()
        assert (report.made, report.there) == (0, 1)


async def test_a_changed_result_is_left_behind_when_its_original_gets_a_better_name(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(9, 1), low=8)
        await works.convert()
        (tmp_path / at(9, "photo.jpg.small.webp")).write_bytes(b"cropped")
        await works.add(photo(3, 1))
        assert works.paths() == [at(3), at(9, "photo.jpg.small.webp")]
        assert (await works.convert()).made == 1
        assert works.read(at(9, "photo.jpg.small.webp")) == b"cropped"


async def test_results_follow_a_change_of_the_layout_and_none_is_made_again(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        await works.add(photo(2, 1), photo(3, 2), chat=ALICE)
        await works.convert()
        before = works.paths()
        works.folder.layout = "shared"
        await works.folder.draw()
        names = ["photo.jpg", "photo.jpg.small.webp"]
        assert works.paths() == [at(number, each, chat="") for number in (1, 3) for each in names]
        assert (await works.convert()).there == 2
        works.folder.layout = "per-chat"
        await works.folder.draw()
        report = await works.convert()
        assert (report.made, report.copied, report.there) == (0, 1, 2)
        assert works.paths() == before
        assert len(works.maker.sources) == 2


async def test_results_of_other_options_stand_beside(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        await works.convert()
        works.maker.image = "image two"
        assert (await works.convert()).made == 1
        assert works.paths() == [
            at(1),
            at(1, "photo.jpg.small (2).webp"),
            at(1, "photo.jpg.small.webp"),
        ]
        (tmp_path / at(1)).unlink()
        await works.folder.draw()
        assert works.paths() == []


async def test_one_bad_file_stops_nothing_and_what_lasts_is_not_tried_again(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(*(photo(each, each) for each in range(1, 6)))
        works.maker.outcomes = {
            body_of("0001"): Failed("it cannot be read: film.mp4 has no end"),
            body_of("0002"): Kept("it is small already"),
            body_of("0003"): Failed("there is not enough memory for it", is_lasting=False),
            body_of("0004"): OSError(5, "Input/output error"),
        }
        for again in (False, True):
            works.maker.sources.clear()
            report = await works.convert()
            assert (report.made, report.there) == (int(not again), int(again))
            assert report.kept == {"it is small already": 1}
            assert report.failed == {"it cannot be read": 2, "there is not enough memory for it": 1}
            assert len(works.maker.sources) == (2 if again else 5)
            said = [each for each in works.folder.workshop.events if isinstance(each, Said)]
            assert said[-1].text == (
                "3 pictures or videos could not be processed (it cannot be read, there is not enough memory for it); "
                "the originals are complete."
            )
        assert len(works.paths()) == 6


async def test_as_many_are_under_way_as_are_let_in_and_progress_counts_all(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(*(photo(each, each) for each in range(1, 13)), photo(13, 13, name="a", kind="audio"))
        both = asyncio.Event()

        async def meet(_: ProcessKind) -> None:
            if works.maker.most >= 2:
                both.set()
            # However busy the machine is: the first waits for the second, and both leave a third time to come.
            async with asyncio.timeout(60):
                await both.wait()
            await asyncio.sleep(0.01)

        works.maker.before = meet
        assert (await works.convert(width=2)).made == 12
        assert works.maker.most == 2
        told = [each for each in works.folder.workshop.events if isinstance(each, Progressed)]
        shown = [each for each in told if each.stage == "process"]
        assert [each.messages_processed for each in shown] == list(range(1, 14))
        assert {(each.entity_name, each.total_messages) for each in shown} == {("Team chat", 13)}
        assert shown[-1].percentage == 100


async def test_told_to_stop_it_ends_videos_finishes_pictures_and_leaves_the_rest(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1), film(2, 2), *(photo(each, each) for each in range(3, 9)))
        stop = asyncio.Event()

        async def wait(kind: ProcessKind) -> None:
            if kind == "video":
                stop.set()
                await asyncio.Event().wait()
            await stop.wait()

        works.maker.before = wait
        report = await works.convert(stop=stop)
        assert (report.is_interrupted, report.made, report.failed) == (True, 2, {})
        assert works.folder.partials() == []
        works.maker.before = None
        again = await works.convert()
        assert (again.is_interrupted, again.made, again.there) == (False, 6, 2)


async def test_what_was_all_done_when_it_was_told_to_stop_was_not_interrupted(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(photo(1, 1))
        stop = asyncio.Event()

        async def tell(_kind: ProcessKind) -> None:
            stop.set()

        works.maker.before = tell
        report = await works.convert(stop=stop)
        assert (report.is_interrupted, report.made) == (False, 1)
        await works.add(photo(2, 2), chat=ALICE)
        assert (await works.convert(stop=stop)).is_interrupted


class FillingDisk:
    """The store of a disk that is full after so many looks."""

    def __init__(self, looks: int) -> None:
        self._left = looks

    async def ensure_space(self, size_bytes: int) -> None:
        assert size_bytes >= len(body_of("0001"))
        if not self._left:
            raise DiskFull("Only 3 bytes are free.")
        self._left -= 1


async def test_a_full_disk_ends_it_and_what_was_made_stays(tmp_path: Path) -> None:
    async with open_works(tmp_path) as works:
        await works.add(*(photo(each, each) for each in range(1, 7)))
        with pytest.raises(DiskFull):
            await works.convert(store=FillingDisk(2), width=1)
        assert works.folder.partials() == []
        report = await works.convert()
        assert (report.made, report.there) == (4, 2)


async def work_until(works: Works, after: int) -> bool:
    """Place, follow and convert with a ledger that dies on the way; tells whether it came to the end."""
    ledger: Any = DyingLedger(works.folder.workshop.archive.processed, after)
    shelf = works.folder.shelf()
    shelf._processed._ledger = ledger
    is_whole = False
    try:
        await works.folder.draw(shelf)
        await works.convert(ledger=ledger, width=1)
        is_whole = True
    except* Killed:
        pass
    return is_whole


@pytest.mark.parametrize("layout", ["per-chat", "shared"])
async def test_the_tree_is_the_same_wherever_it_was_killed(tmp_path: Path, layout: str) -> None:
    trees = []
    for after in [*range(18), 10**6]:
        output = tmp_path / str(after)
        made = kills = 0
        for part in (0, 1):
            async with open_works(output, layout=layout) as works:  # type: ignore[arg-type]
                if part == 0:
                    await works.add(photo(7, 1), film(8, 2), photo(8, 3), low=6, is_placed=False)
                    await works.add(film(4, 2), chat=ALICE, is_placed=False)
                else:
                    await works.add(photo(2, 1), photo(3, 4), is_placed=False)
                kills += not await work_until(works, after)
                made += len(works.maker.sources)
            async with open_works(output, layout=layout) as works:  # type: ignore[arg-type]
                await work_until(works, 10**6)
                made += len(works.maker.sources)
                # What is committed is never made again: a kill costs one result at most.
                assert made <= 4 + kills, after
                assert works.folder.partials() == []
        trees.append(read_tree(output))
    assert len(trees[0]) > 8
    assert all(each == trees[-1] for each in trees)
