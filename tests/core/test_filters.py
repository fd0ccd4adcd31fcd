"""What `--from` and `--only` may say."""

from __future__ import annotations

import pytest

from tobs.core.filters import SEARCHED_KINDS, Filter, parse_filter
from tobs.errors import UsageError


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        ([], ()),
        (["photo"], ("photo",)),
        (["photo,video", "voice"], ("photo", "video", "voice")),
        (["Photos, links ,photo,,"], ("photo", "link")),
        (["music", "location", "GIFs,animations"], ("audio", "geo", "gif")),
        ([",".join(SEARCHED_KINDS)], SEARCHED_KINDS),
    ],
)
def test_kinds_are_a_list_with_commas(only: list[str], kinds: tuple[str, ...]) -> None:
    assert parse_filter((), only) == Filter((), kinds)
    assert Filter((), kinds).is_on == bool(kinds)


@pytest.mark.parametrize(("word", "near"), [("foto", "photo"), ("vidoe", "video"), ("polling", "poll")])
def test_an_unknown_kind_is_refused_with_the_nearest(word: str, near: str) -> None:
    with pytest.raises(
        UsageError, match=f"search for '{word}'; the nearest that it knows is '{near}'"
    ) as caught:
        parse_filter((), ["photo", word])
    assert all(kind in caught.value.hint for kind in SEARCHED_KINDS)


@pytest.mark.parametrize("word", ["xyz", "stickers", "everything"])
def test_nothing_is_suggested_that_is_not_near(word: str) -> None:
    with pytest.raises(UsageError, match=f"^Telegram does not search for '{word}'.$"):
        parse_filter((), [word])


def test_names_are_checked_and_taken_once() -> None:
    assert parse_filter(["me", "@anna_kw", "me"], ()) == Filter(("me", "@anna_kw"), ())
    with pytest.raises(UsageError):
        parse_filter(["https://t.me/anna_kw/12"], ())


@pytest.mark.parametrize("only", [[""], [",", " "]])
def test_a_list_of_nothing_is_not_everything(only: list[str]) -> None:
    with pytest.raises(UsageError, match="--only names no kind"):
        parse_filter((), only)
