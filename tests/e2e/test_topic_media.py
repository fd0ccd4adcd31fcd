"""Files in the topics of a forum: one folder of media for the whole chat, and links from every topic's notes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from e2e.downloaded import check_links, list_notes, media_of
from e2e.stage import open_stage, read_tree
from tobs.core.choice import MediaChoice
from tobs.simulator.corpus import chats, files, people
from tobs.simulator.corpus.small import start_topic
from tobs.simulator.stage import Stage
from tobs.simulator.world import World

FORUM = "@grove_demo"
TOPICS = ("Oaks", "Beeches", "Ferns")


def build_grove() -> World:
    """Return a forum in which every topic, and General, has a photo and a file of its own and one that all share."""
    stage = Stage(1, datetime(2026, 9, 1, 12, 0, tzinfo=UTC))
    entity = chats.supergroup(2_000_000_099, "Grove", "grove_demo", forum=True)
    script = stage.channel(entity, datetime(2026, 2, 27, 8, 0, tzinfo=UTC))
    for title in ("General", *TOPICS):
        if title != "General":
            start_topic(script, people.IDA, title)
        script.say(people.IDA, f"The map of {title}", media=files.photo_media("grove/shared"))
        script.later(hours=30)
        script.say(people.GRETA, "", media=files.photo_media(f"grove/{title}"))
        script.say(people.GRETA, "", media=files.named(f"{title}.pdf", "application/pdf", 90_417))
    return stage.build()


async def test_topics_share_one_folder_of_media_and_every_note_leads_there(tmp_path: Path) -> None:
    async with open_stage(build_grove(), tmp_path) as stage:
        output = tmp_path / "out"
        report = await stage.export(FORUM, output=output, media=MediaChoice())
        assert (report.exit_code, report.chats[0].media.done) == (0, 9)
        assert set(media_of(output).values()) == {1}
        assert check_links(output) == 12
        shown = [each for each in list_notes(output) if "_photo.jpg" in each.read_text(encoding="utf-8")]
        assert {each.parent.name.partition(" ")[2] for each in shown} == {"General", *TOPICS}
        again = await stage.export(FORUM, output=output, media=MediaChoice())
        assert (again.exit_code, again.render.written) == (0, [])
        whole = read_tree(output)
        # Topics that are exported one after the other come to the same files as all at once.
        for title in ("General", *TOPICS):
            part = await stage.tobs("export", FORUM, "--topic", title, "-o", str(tmp_path / "parts"))
            assert part.code == 0, part.out
        done = await stage.export(FORUM, output=tmp_path / "parts", media=MediaChoice())
        assert done.exit_code == 0
    assert read_tree(tmp_path / "parts") == whole
