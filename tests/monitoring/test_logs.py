"""The log of a folder: repeated lines are counted, warnings never wait, files stay small and private."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs._util.clock import ManualClock
from tobs.cli.logs import set_up_logs
from tobs.cli.options import Manner
from tobs.errors import Damaged
from tobs.monitoring.logbatch import MOST_TEMPLATES, BatchingHandler
from tobs.monitoring.logfile import LOG_NAME, MOST_BYTES, OLDER_FILES, log_to_folder
from tobs.settings import Settings

log = logging.getLogger("tobs.test")


class Lines(logging.Handler):
    """Keeps what it is handed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.is_closed = False

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())

    def close(self) -> None:
        self.is_closed = True
        super().close()


class Batch:
    """A handler that counts, the lines that come out of it, and the clock that it goes by."""

    def __init__(self, interval_seconds: float = 5) -> None:
        self.clock = ManualClock()
        self.lines = Lines()
        self.handler = BatchingHandler(self.lines, interval_seconds, self.clock.monotonic)

    def say(self, message: str, *args: object, level: int = logging.INFO) -> None:
        self.handler.handle(logging.LogRecord("tobs", level, "", 1, message, args, None))


@pytest.fixture(autouse=True)
def everything_is_logged() -> Iterator[None]:
    before = log.level
    log.setLevel(logging.DEBUG)
    yield
    log.setLevel(before)


async def test_lines_of_one_kind_are_the_first_and_the_last_with_a_count() -> None:
    batch = Batch()
    for number in range(412):
        batch.say("page %d", number)
    assert batch.lines.found == ["page 0"]
    await batch.clock.sleep(5)
    batch.say("something else")
    assert batch.lines.found[1:] == ["page 411 (the last of 411 such lines in 5 s)", "something else"]
    batch.say("page %d", 500)
    assert batch.lines.found[3:] == ["page 500"]


def test_one_line_more_is_written_as_it_is() -> None:
    batch = Batch()
    batch.say("page %d", 1)
    batch.say("page %d", 2)
    batch.handler.flush()
    assert batch.lines.found == ["page 1", "page 2"]


def test_warnings_and_errors_are_never_held_back() -> None:
    batch = Batch()
    for number in range(3):
        batch.say("lost %d", number, level=logging.WARNING)
        batch.say("failed %d", number, level=logging.ERROR)
    assert batch.lines.found == ["lost 0", "failed 0", "lost 1", "failed 1", "lost 2", "failed 2"]


def test_what_a_run_did_is_written_line_by_line(tmp_path: Path) -> None:
    with log_to_folder(tmp_path, level="INFO", secrets=[], interval_seconds=5, clock=ManualClock()):
        logging.getLogger("tobs.run").setLevel(logging.INFO)
        for number in range(4):
            logging.getLogger("tobs.run").info("chat %d: done", number)
    assert (tmp_path / LOG_NAME).read_text().count(": done") == 4


def test_without_an_interval_every_line_is_written() -> None:
    batch = Batch(0)
    for number in range(3):
        batch.say("page %d", number)
    assert batch.lines.found == ["page 0", "page 1", "page 2"]


def test_a_line_that_cannot_be_filled_in_ends_neither_run_nor_log(tmp_path: Path) -> None:
    set_up_logs(Settings(), Manner())  # or the test runner's own handlers would complain
    with log_to_folder(tmp_path, level="INFO", secrets=[], interval_seconds=5, clock=ManualClock()):
        for _ in range(4):
            log.info("page %d", "seven")
        log.info("another line")
    text = (tmp_path / LOG_NAME).read_text()
    assert "page %d (cannot be filled in)\n" in text
    assert "page %d (the last of 3 such lines in 0 s) (cannot be filled in)\n" in text
    assert "another line\n" in text


def test_what_was_counted_is_said_at_the_end() -> None:
    batch = Batch()
    for number in range(4):
        batch.say("page %d", number)
    batch.handler.close()
    assert batch.lines.found == ["page 0", "page 3 (the last of 3 such lines in 0 s)"]
    assert batch.lines.is_closed


def test_finished_texts_take_no_more_memory_than_so_many_templates() -> None:
    batch = Batch()
    for number in range(10 * MOST_TEMPLATES):
        batch.say(f"page {number}")
    assert len(batch.handler._groups) <= MOST_TEMPLATES
    assert len(batch.lines.found) == 10 * MOST_TEMPLATES


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.floats(0, 9)), max_size=40))
def test_every_line_is_written_or_counted(said: list[tuple[str, bool, float]]) -> None:
    batch = Batch()
    for template, is_warning, pause in said:
        batch.clock.advance(pause)
        batch.say(f"{template} %s", "x", level=logging.WARNING if is_warning else logging.INFO)
    batch.handler.close()
    counts = [line.partition("the last of ")[2].partition(" ")[0] for line in batch.lines.found]
    assert sum(int(each) if each else 1 for each in counts) == len(said)
    assert sum(len(line) == 3 for line in batch.lines.found) >= sum(is_warning for _, is_warning, _ in said)


def keep_log(folder: Path, clock: ManualClock, *, level: str = "INFO", secrets: tuple[str, ...] = ()) -> str:
    with log_to_folder(folder, level=level, secrets=[*secrets], interval_seconds=5, clock=clock) as warning:
        log.debug("for those who look")
        log.info("hello %s", "secret words")
        log.warning("careful")
    log.warning("behind it")
    return warning


def test_a_folder_has_its_own_log_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "out" / ".tobs" / "logs"
    assert keep_log(folder, ManualClock(), secrets=("secret words",)) == ""
    path = folder / LOG_NAME
    lines = path.read_text().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == [
        "INFO tobs.test: hello •••",
        "WARNING tobs.test: careful",
    ]
    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
    keep_log(folder, ManualClock(), level="DEBUG")
    assert "for those who look" in path.read_text()
    assert path.read_text().startswith("\n".join(lines))


def test_files_stay_small_and_few(tmp_path: Path) -> None:
    with log_to_folder(tmp_path, level="INFO", secrets=[], interval_seconds=0, clock=ManualClock()):
        for number in range(7000):
            log.info("line %d %s", number, "x" * 1000)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 1 + OLDER_FILES
    assert all(each.stat().st_size <= MOST_BYTES for each in files)
    assert all(each.stat().st_mode & 0o777 == 0o600 for each in files)
    assert "line 6999" in (tmp_path / LOG_NAME).read_text()


def test_a_log_that_cannot_be_made_is_said_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file of somebody's")
    assert keep_log(tmp_path / "logs", ManualClock()).startswith(
        f"Nothing is logged into {tmp_path / 'logs'}: "
    )


def test_a_link_in_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / LOG_NAME).symlink_to(tmp_path / "mine.txt")
    assert keep_log(tmp_path, ManualClock())
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_disk_that_is_full_ends_the_log_with_one_warning_and_not_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(Settings(), Manner())
    with log_to_folder(tmp_path, level="INFO", secrets=[], interval_seconds=0, clock=ManualClock()):
        log.info("there is room")
        with Path("/dev/full").open("w") as full, (tmp_path / LOG_NAME).open("a") as file:
            [opened] = [
                int(each.name)
                for each in Path("/proc/self/fd").iterdir()
                if int(each.name) != file.fileno() and each.resolve() == tmp_path / LOG_NAME
            ]
            os.dup2(full.fileno(), opened)
        log.info("there is none")
        log.info("and still none")
    [said] = capsys.readouterr().err.splitlines()
    assert said.startswith(f"WARNING tobs.log: {tmp_path / LOG_NAME} cannot be written any more: ")
    assert "No space left on device" in said
    assert [line[-13:] for line in (tmp_path / LOG_NAME).read_text().splitlines()] == ["there is room"]


def test_what_should_not_happen_is_logged_with_where_it_did(tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        log_to_folder(tmp_path, level="INFO", secrets=[], interval_seconds=5, clock=ManualClock()),
    ):
        _ = 1 / 0
    text = (tmp_path / LOG_NAME).read_text()
    assert "ended by what should not happen" in text
    assert "ZeroDivisionError" in text


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            Damaged("The archive is damaged.", hint="Mend it."),
            "ERROR tobs.run: ended: The archive is damaged. Mend it.",
        ),
        (asyncio.CancelledError(), "INFO tobs.run: interrupted"),
        (KeyboardInterrupt(), "INFO tobs.run: interrupted"),
    ],
)
def test_what_ended_the_work_is_its_last_line(error: BaseException, line: str, tmp_path: Path) -> None:
    set_up_logs(Settings(), Manner())
    with (
        pytest.raises(type(error)),
        log_to_folder(tmp_path, level="INFO", secrets=[], interval_seconds=5, clock=ManualClock()),
    ):
        raise error
    assert (tmp_path / LOG_NAME).read_text().splitlines()[-1].endswith(line)
