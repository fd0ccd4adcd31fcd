"""Chats whose ids and dates lie awkwardly: holes, albums across the border of a page, borders of days and months."""

from datetime import UTC, datetime

from tobs.simulator.corpus import chats, files, people
from tobs.simulator.script import Script
from tobs.simulator.stage import Stage

HOLES_ID, ALBUMS_ID, CALENDAR_ID = 2_000_000_041, 2_000_000_042, 2_000_000_043
_BEGIN = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)


def put_on_holes(stage: Stage) -> None:
    """Put on the three chats."""
    _holes(stage)
    _albums(stage)
    _calendar(stage)


def _holes(stage: Stage) -> None:
    """Leave out ids at the very start, one by one, and in runs longer than a page."""
    script = stage.channel(chats.supergroup(HOLES_ID, "Swiss cheese", "holes_demo"), _BEGIN)
    script.gap(300)
    for number in range(230):
        script.gap({20: 1, 21: 1, 50: 99, 80: 100, 110: 101, 150: 1_000, 229: 2}.get(number, 0))
        script.say(people.GRETA, f"Message number {number}")
        script.later(minutes=97)


def _albums(stage: Stage) -> None:
    """Put albums where pages of 100 from the top cut them, and one across the border of a month."""
    script = stage.channel(chats.supergroup(ALBUMS_ID, "Album club", "albums_demo"), _BEGIN)
    while len(script.drafts) < 95:
        _talk(script)
    # Counted from the top of 300 messages the pages end before ranks 200 and 100.
    _album(script, 10)
    while len(script.drafts) < 150:
        _talk(script)
    script.at(2026, 2, 28, 23, 59, 59)
    _album(script, 3)
    while len(script.drafts) < 198:
        _talk(script)
    _album(script, 5)
    while len(script.drafts) < 290:
        _talk(script)
    _album(script, 2)
    while len(script.drafts) < 300:
        _talk(script)


def _talk(script: Script) -> None:
    script.say(people.IDA, f"Between albums, {len(script.drafts)}")
    script.later(minutes=5)


def _album(script: Script, size: int) -> None:
    number = len(script.drafts)
    pictures = [files.photo_media(f"album/{number}/{member}") for member in range(size)]
    script.album(people.HUGO, pictures, {0: f"Album of {size}"})


def _calendar(stage: Stage) -> None:
    """Speak at the borders of days, months and years, and around both changes of the clocks in Europe and America."""
    script = stage.channel(
        chats.supergroup(CALENDAR_ID, "Night watch", "calendar_demo"), datetime(2024, 2, 1, tzinfo=UTC)
    )
    for moment in (
        (2024, 2, 28, 23, 59, 59),
        (2024, 2, 29, 0, 0, 0),
        (2024, 2, 29, 12, 0, 0),
        (2024, 3, 1, 0, 0, 0),
        (2024, 3, 10, 9, 59, 59),
        (2024, 3, 10, 10, 0, 0),
        (2024, 3, 31, 0, 59, 59),
        (2024, 3, 31, 1, 0, 0),
        (2024, 10, 27, 0, 30, 0),
        (2024, 10, 27, 1, 30, 0),
        (2024, 11, 3, 8, 30, 0),
        (2024, 11, 3, 9, 30, 0),
        (2024, 12, 31, 23, 59, 59),
        (2025, 1, 1, 0, 0, 0),
        (2025, 1, 31, 10, 29, 59),
        (2025, 1, 31, 10, 30, 0),
        (2025, 1, 31, 18, 29, 59),
        (2025, 1, 31, 18, 30, 0),
        (2025, 12, 31, 14, 59, 59),
        (2025, 12, 31, 15, 0, 0),
    ):
        script.at(*moment)
        script.say(people.JONAS, "It is " + script.clock.strftime("%Y-%m-%d %H:%M:%S") + " UTC")
        # Three in the same second.
        script.at(*moment)
        script.say(people.JONAS, "the same second")
