"""Reads conversations that are written down like a play, and speaks them into a script.

    = 2026-03-14 08:41              the clock (UTC)
    + 25m                           later, in m, h or d
    ~ 2                             two messages that were deleted
    anna: Good morning!             a line; more lines of it are indented by four spaces
    ben>: And to you {👍3 ❤1}       an answer to the line before, with reactions
    ben @tea>2: Tea?                an answer to the line two above; it is called tea from now on
    mira>tea fwd=ida: Yes           an answer to tea, forwarded from Ida
    anna: [photo oven] Look         a medium (see `props`), then its caption
    * anna adds ben                 an action (see `_act`)

In braces at the end: reactions, `edit 5m`, `pin`, `views 1200`, `forwards 8`, `signed Name`, `quote words` of what is answered.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telethon.tl import types

from tobs.simulator.marks import peer_of
from tobs.simulator.props import make_album, make_prop
from tobs.simulator.script import Draft, Script

_LINE = re.compile(
    r"(?P<who>\w+)(?: @(?P<label>\w+))?(?P<reply>>\w*)?(?: fwd=(?P<origin>[\w.]+))?: ?(?P<text>.*)", re.DOTALL
)
_NOTES = re.compile(r" ?\{([^{}]*)\}$")
_PROP = re.compile(r"\[(\w+) ?([^\]]*)\] ?(.*)", re.DOTALL)
_SPAN = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who the names of a play are (marked ids); the name `post` speaks as the channel itself."""

    people: Mapping[str, int]

    def find(self, name: str) -> int | None:
        """Return the marked id of a name, None for the channel itself."""
        return None if name == "post" else self.people[name]


class Play:
    """Speaks a play into a script."""

    def __init__(self, script: Script, cast: Cast, labels: Mapping[str, Draft] | None = None) -> None:
        """`labels` are lines that were spoken before, by the names under which they can be answered."""
        self._script = script
        self._cast = cast
        self._labels: dict[str, Draft] = dict(labels or {})

    def perform(self, source: str) -> None:
        """Speak all lines. Errors: ValueError names a line that is none."""
        for line in _whole_lines(source):
            match line[:2]:
                case "= ":
                    self._set_clock(line[2:])
                case "+ ":
                    self._script.clock += _span(line[2:])
                case "~ ":
                    self._script.gap(int(line[2:]))
                case "* ":
                    self._act(line[2:].split(" ", 2))
                case _:
                    self._speak(line)

    def _set_clock(self, moment: str) -> None:
        year, month, day, hour, minute = (int(part) for part in re.split(r"[- :]", moment.strip()))
        self._script.at(year, month, day, hour, minute)

    def _speak(self, line: str) -> None:
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise ValueError(f"This line of the play is none: {line!r}")
        text, notes = _split_notes(parts["text"])
        who = self._cast.find(parts["who"])
        fields: dict[str, Any] = {"reply": self._target(parts["reply"])}
        if who is None:
            fields |= {"post": True, "views": 400, "forwards": 0}
        if parts["origin"]:
            fields["fwd_from"] = self._origin(parts["origin"])
        for note in [each for each in notes if each.startswith("quote ")]:
            fields["quote"] = note.removeprefix("quote ")
            notes.remove(note)
        draft = self._utter(who, text, fields)
        if parts["label"]:
            self._labels[parts["label"]] = draft
        for note in notes:
            self._annotate(draft, note)
        # Nobody types faster than some characters a second, and people think before they answer.
        self._script.later(seconds=len(text) // 4 + len(self._script.drafts) * 37 % 71)

    def _utter(self, who: int | None, text: str, fields: dict[str, Any]) -> Draft:
        prop = _PROP.match(text)
        if prop is None:
            return self._script.say(who, text, **fields)
        kind, argument, caption = prop.groups()
        if kind == "album":
            return self._script.album(who, make_album(argument), {0: caption}, **fields)[0]
        return self._script.say(who, caption, media=make_prop(kind, argument), **fields)

    def _target(self, reply: str | None) -> Draft | None:
        if reply is None:
            return None
        name = reply[1:] or "1"
        return self._script.drafts[-int(name)] if name.isdecimal() else self._labels[name]

    def _origin(self, name: str) -> types.MessageFwdHeader:
        """Return where a line was forwarded from: a name of the cast, or one that hides (with dots for blanks)."""
        when = self._script.clock - timedelta(hours=5)
        if name not in self._cast.people:
            return types.MessageFwdHeader(when, from_name=name.replace(".", " "))
        marked = self._cast.people[name]
        post = 12 if marked < 0 else None
        return types.MessageFwdHeader(when, from_id=peer_of(marked), channel_post=post)

    def _annotate(self, draft: Draft, note: str) -> None:
        word, _, rest = note.partition(" ")
        match word:
            case "edit":
                self._script.edit(draft, int(_span(rest).total_seconds()))
            case "pin":
                draft.message.pinned = True
            case "views" | "forwards":
                setattr(draft.message, word, int(rest))
            case "signed":
                draft.message.post_author = rest
            case _:
                draft.message.reactions = _reactions(note.split())

    def _act(self, words: list[str]) -> None:
        who, verb = self._cast.find(words[0]), words[1]
        rest = words[2] if len(words) > 2 else ""
        people = [self._cast.people[name] for name in rest.split() if name in self._cast.people]
        actions: dict[str, Any] = {
            "adds": lambda: types.MessageActionChatAddUser(people),
            "joins": lambda: types.MessageActionChatJoinedByLink(people[0]),
            "leaves": lambda: types.MessageActionChatDeleteUser(who),
            "renames": lambda: types.MessageActionChatEditTitle(rest),
            "creates": lambda: types.MessageActionChannelCreate(rest),
            "founds": lambda: types.MessageActionChatCreate(
                rest, [person for person in self._cast.people.values() if person > 0]
            ),
            "calls": lambda: types.MessageActionPhoneCall(
                1, reason=types.PhoneCallDiscardReasonHangup(), duration=int(_span(rest).total_seconds())
            ),
            "misses": lambda: types.MessageActionPhoneCall(1, reason=types.PhoneCallDiscardReasonMissed()),
            "pins": types.MessageActionPinMessage,
        }
        reply = self._script.drafts[-1] if verb == "pins" else None
        self._script.act(who, actions[verb](), reply=reply)


def weave(*plays: str) -> str:
    """Return one play of several, their scenes ordered by date."""
    scenes = [
        scene for play in plays for scene in re.split(r"^(?== )", play, flags=re.MULTILINE) if scene.strip()
    ]
    return "".join(sorted(scenes, key=lambda scene: scene.split("\n", 1)[0]))


def _whole_lines(source: str) -> Iterator[str]:
    """Yield the lines of a play with their continuations; a bare `|` keeps an empty line within a text."""
    whole = ""
    for line in source.strip("\n").split("\n"):
        if line.startswith("    ") and whole:
            whole += "\n" + ("" if line.strip() == "|" else line[4:])
        elif line.strip():
            if whole:
                yield whole
            whole = line
    if whole:
        yield whole


def _split_notes(text: str) -> tuple[str, list[str]]:
    found = _NOTES.search(text)
    if found is None:
        return text, []
    return text[: found.start()], [note.strip() for note in found[1].split(",")]


def _span(text: str) -> timedelta:
    count, unit = _SPAN.fullmatch(text.strip()).groups()  # type: ignore[union-attr]  # a wrong play shall fail
    return timedelta(**{_UNITS[unit]: int(count)})


def _reactions(words: list[str]) -> types.MessageReactions:
    """Return reactions written as emoji and count, with ! after the one that is the owner's."""
    counts = []
    for word in words:
        emoji, number, chosen = re.fullmatch(r"(\D+)(\d+)(!?)", word).groups()  # type: ignore[union-attr]
        order = 0 if chosen else None
        counts.append(types.ReactionCount(types.ReactionEmoji(emoji), int(number), chosen_order=order))
    return types.MessageReactions(counts, can_see_list=True)
