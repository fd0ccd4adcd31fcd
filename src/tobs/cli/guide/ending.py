"""What to open after an export, and which commands come next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tobs.cli.guide.plan import Plan
from tobs.cli.guide.telling import say, show_command


def say_what_next(output: Path, plans: Sequence[Plan]) -> None:
    """Say how to look at an export folder, and how to go on with the exports that ran."""
    from tobs.app.vaults import find_vault, link_to

    index, pages = (output / "Chats.md").absolute(), (output / "Chats.html").absolute()
    say()
    if index.is_file():
        if link := link_to(index):
            say(f"In Obsidian, open {link}")
        elif vault := find_vault(output):
            say(f"In Obsidian, open the vault {vault}, and in it {index.relative_to(vault)}")
        else:
            say(f"In Obsidian, choose “Open folder as vault”: {index.parent}")
            say(f"Begin with {index}")
    if pages.is_file():
        say(f"In a browser, open {pages}")
    where = ["-o", str(plans[0].output)] if plans[0].output else []
    say()
    say("Next time, this fetches what is new:")
    for each in plans:
        show_command(each.write())
    say("This finds messages by their words:")
    show_command(["search", "WORDS", *where])
    say("And this proves that nothing is missing:")
    show_command(["verify", *where])
