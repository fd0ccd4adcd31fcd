"""`tobs cache stats` and `tobs cache clear`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tobs.cli.options import AsJson, add_command, add_group

if TYPE_CHECKING:
    from tobs.app.caches import AccountCache

Name = Annotated[
    str, typer.Argument(metavar="[NAME]", help="Only this cache, as `tobs cache stats` names it.")
]


def register(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = add_group(app, "cache", "Look at what is remembered between runs, or delete it.")
    add_command(group, "stats", stats, example="tobs cache stats --json")
    add_command(group, "clear", clear, example="tobs cache clear name_cache")


def stats(as_json: AsJson = False) -> None:
    """Say what the caches hold, and how the last run fared with each.

    Hits are requests that were not sent, or programs not run; a cache that was not asked since shows the run before.
    """
    from tobs.cli.start import open_settings
    from tobs.cli.tables import print_json

    settings = open_settings()
    from tobs.app.caches import list_stats

    found = list_stats(settings)
    if as_json:
        print_json([_as_document(each) for each in found])
    else:
        _print_stats(found)


def clear(name: Name = "") -> None:
    """Delete what is remembered: one cache, or all of them.

    Nothing is lost by it: the next run asks once more for what it needs.
    """
    from tobs.cli.start import open_settings
    from tobs.cli.tables import clean_text
    from tobs.core.words import say_count

    settings = open_settings()
    from tobs.app.caches import clear_caches

    removed = clear_caches(settings, name)
    for path in removed:
        print(clean_text(str(path)))
    print(f"{say_count(len(removed), 'file')} deleted." if removed else "There was nothing to delete.")


def _as_document(found: AccountCache) -> dict[str, object]:
    import dataclasses

    stats = found.stats
    return {
        "name": stats.name,
        "account": found.account,
        "file": stats.path,
        "size_bytes": stats.size_bytes,
        **dataclasses.asdict(stats.use),
        "age_s": stats.age_s,
        "problem": stats.problem or None,
    }


def _print_stats(found: list[AccountCache]) -> None:
    from tobs.cli.forecast import say_about
    from tobs.cli.tables import clean_text, print_table
    from tobs.core.words import say_size

    rows = []
    for each in found:
        use = each.stats.use
        asked = use.hits or use.misses
        rate = f"{use.hit_rate_pct:.1f} %" if asked else "-"
        age = "never" if each.stats.age_s is None else f"{say_about(max(0, round(each.stats.age_s)))} ago"
        counts = (use.hits, use.misses, rate, use.evictions, use.expirations, use.api_calls)
        size = say_size(each.stats.size_bytes)
        account = "-" if each.account is None else each.account
        rows.append((each.stats.name, account, use.entries, size, *counts, age))
    columns = ("hits", "misses", "hit rate", "evictions", "expirations", "requests", "last used")
    print_table(("cache", "account", "entries", "size", *columns), rows)
    for each in found:
        if each.stats.problem:
            path = clean_text(str(each.stats.path))
            print(f"{path} is of no use: {each.stats.problem}. The next run starts it anew.")
