"""The questions of the guide, drawn by questionary: arrows and Enter, typing to search, Esc for the question before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import questionary
from prompt_toolkit.application import Application
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.keys import Keys
from questionary.prompts.common import InquirerControl

T = TypeVar("T")

_ESCAPE_SECONDS = 0.2
"""For how long an Esc may be the beginning of an arrow key: some lines are slow."""


class Back(Exception):
    """The question before is to be asked again."""


def choose(question: str, choices: Sequence[tuple[str, T]], *, default: T | None = None) -> T:
    """Return the value of the line that was chosen. Raises Back or KeyboardInterrupt."""
    listed = [questionary.Choice(title, value) for title, value in choices]
    found = next((each for each in listed if default is not None and each.value == default), None)
    answer: T = _ask(
        questionary.select(question, listed, default=found, instruction="(arrows, Enter; Esc goes back)")
    )
    return answer


def choose_several(
    question: str, choices: Sequence[tuple[str, T]], *, chosen: Sequence[T] = (), first: int = 0
) -> list[T]:
    """Return the values of the lines that were chosen, one at least; `first` is the line to begin at.

    Typing searches, in any language. Raises Back or KeyboardInterrupt.
    """
    listed = [questionary.Choice(title, value, checked=value in chosen) for title, value in choices]
    asked = questionary.checkbox(
        question,
        listed,
        initial_choice=listed[first],
        validate=lambda values: bool(values) or "Nothing is chosen yet: the space bar chooses.",
        use_search_filter=True,
        use_jk_keys=False,
        instruction="(type to search, space bar chooses, Enter goes on, Esc back)",
    )
    keys = KeyBindings()
    control = next(each for each in asked.application.layout.find_all_controls() if _is_list(each))
    assert isinstance(control, InquirerControl)

    @keys.add(Keys.Any)
    def _search(event: KeyPressEvent) -> None:
        # questionary itself searches for ASCII alone.
        for char in filter(str.isprintable, event.data):
            control.add_search_character(char)  # type: ignore[arg-type]  # takes any character

    @keys.add(Keys.ControlI, eager=True)
    def _ignore(_event: KeyPressEvent) -> None:
        """Have a Tab that somebody pressed by habit not choose every chat, as questionary would."""

    answer: list[T] = _ask(asked, keys)
    return answer


def ask_text(
    question: str, check: Callable[[str], str], *, default: str = "", is_secret: bool = False
) -> str:
    """Return what was typed; `check` returns what is wrong with it, or nothing. Raises Back or KeyboardInterrupt."""
    kind = questionary.password if is_secret else questionary.text
    answer: str = _ask(kind(question, default=default, validate=lambda text: check(text.strip()) or True))
    return answer.strip()


def _is_list(control: object) -> bool:
    return isinstance(control, InquirerControl)


def _ask(question: questionary.Question, keys: KeyBindings | None = None) -> Any:
    application: Application[Any] = question.application
    extra = keys or KeyBindings()

    @extra.add(Keys.Escape, eager=True)
    def _go_back(event: KeyPressEvent) -> None:
        event.app.exit(exception=Back())

    application.ttimeoutlen = _ESCAPE_SECONDS
    own = [application.key_bindings] if application.key_bindings else []
    application.key_bindings = merge_key_bindings([*own, extra])
    return question.unsafe_ask()
