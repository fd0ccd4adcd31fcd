"""What is wrong with an option is one sentence of tobs, and exit code 2, before anything is asked or opened."""

from __future__ import annotations

import pytest

from tobs.cli import main

NUMBERS = (
    "export me --last",
    "export me --post",
    "export me --from-id",
    "export me --to-id",
    "verify --probe-limit",
)


@pytest.mark.parametrize("words", NUMBERS)
@pytest.mark.parametrize("value", ["abc", "0", "-5", "1.5", "", "1_000", "2147483648", "9" * 30])
def test_a_number_that_is_none_is_told_in_one_sentence(
    words: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    *command, option = words.split()
    assert main([*command, f"{option}={value}"]) == 2
    said = capsys.readouterr()
    sentence = f"{option} takes a whole number from 1 to 2,147,483,647, not {value!r}."
    assert (said.out, said.err.splitlines()) == ("", [sentence])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("export me --topic 0", "--topic 0 does not name a message or topic."),
        ("export me --bogus", "There is no option --bogus."),
        ("verify --bogus", "There is no option --bogus."),
        ("render --bogus", "There is no option --bogus."),
        ("chats --verbos", "There is no option --verbos."),
        ("render extra", "That is too much: extra."),
        ("accounts extra more", "That is too much: extra more."),
        ("chats --type x", "There is no type 'x' of chat."),
        ("export me --only xyz", "Telegram does not search for 'xyz'."),
        ("export me --takeout x", "--takeout must be auto, always or never, not 'x'."),
        ("render --keep-deleted x", "--keep-deleted must be mark or hide, not 'x'."),
        ("render --timezone x", "--timezone must be the IANA name of a zone, like Europe/Berlin, not 'x'."),
    ],
)
def test_other_mistakes_are_told_in_one_sentence(
    words: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.split()) == 2
    assert capsys.readouterr().err.splitlines()[0] == sentence


@pytest.mark.parametrize("limit", ["--only photo", "--from me", "--last 5", "--since 2026", "--from-id 7"])
def test_reading_again_is_refused_where_only_a_part_is_asked_for(
    limit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "me", *limit.split(), "--refresh", "all"]) == 2
    assert capsys.readouterr().err.startswith("--refresh reads whole chats again: it cannot be combined")
