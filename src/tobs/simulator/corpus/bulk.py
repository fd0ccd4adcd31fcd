"""Templates of bulk messages: a rich mix of about 260 bytes each, as a lively supergroup shows."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator import templates as marks
from tobs.simulator.corpus import files
from tobs.simulator.corpus.phrases import OPENERS, SENTENCES, SHORT, SNIPPETS
from tobs.simulator.marks import peer_of
from tobs.simulator.markup import parse
from tobs.simulator.templates import Template, make_template

_DATE = datetime.fromtimestamp(marks.DATE_MARK, UTC)
_EDITED = datetime.fromtimestamp(marks.EDIT_MARK, UTC)
_FORWARDED = datetime(2022, 11, 3, 12, 30, tzinfo=UTC)
_EMOJI = ("👍", "❤️", "🔥", "😁", "🎉", "🤔", "🙏")


class TemplateWriter:
    """Writes the templates of one chat; `speakers` are the users that take part, `news` a channel forwarded from."""

    def __init__(self, seed: int, chat: int, me: int, speakers: list[int], news: int) -> None:
        self._random = random.Random(seed)
        self._chat = chat
        self._me = me
        self._speakers = speakers
        self._news = news

    def write(self, count: int) -> list[Template]:
        """Return at least that many templates; the last album is not cut."""
        written: list[Template] = []
        while len(written) < count:
            if self._random.random() < 0.008:
                written += self._album(self._random.choice((2, 3, 4, 10)))
            else:
                written.append(self._single())
        return written

    def _single(self) -> Template:
        if self._random.random() < 0.01:
            return make_template(self._service())
        fields = self._content()
        if self._random.random() < 0.05:
            fields["fwd_from"] = self._forward()
        if self._random.random() < 0.06:
            fields["edit_date"] = _EDITED
        back = 0
        if self._random.random() < 0.31:
            back = self._random.choice((1, 1, 2, 3, 5, 8, 40))
            fields["reply_to"] = types.MessageReplyHeader(reply_to_msg_id=marks.REPLY_MARK)
        return make_template(self._message(fields), back=back)

    def _message(self, fields: dict[str, Any]) -> Any:
        speaker = self._random.choice(self._speakers)
        if self._random.random() < 0.27:
            fields["reactions"] = self._reactions()
        return types.Message(
            id=marks.ID_MARK,
            peer_id=peer_of(self._chat),
            date=_DATE,
            from_id=peer_of(speaker),
            out=speaker == self._me or None,
            **fields,
        )

    def _service(self) -> Any:
        action = types.MessageActionChatAddUser([self._random.choice(self._speakers)])
        return types.MessageService(
            id=marks.ID_MARK,
            peer_id=peer_of(self._chat),
            date=_DATE,
            action=action,
            from_id=peer_of(self._random.choice(self._speakers)),
        )

    def _album(self, size: int) -> list[Template]:
        members = []
        for member in range(size):
            fields = self._text(self._sentence() if member == 0 else "")
            fields["grouped_id"] = marks.ALBUM_MARK
            fields["media"] = files.photo_media(self._key())
            members.append(make_template(self._message(fields), member=member))
        return members

    def _key(self) -> str:
        return f"bulk/{self._random.randrange(2**40)}"

    def _sentence(self) -> str:
        return self._random.choice(SENTENCES)

    def _text(self, source: str) -> dict[str, Any]:
        text, entities = parse(source)
        return {"message": text, "entities": entities}

    def _content(self) -> dict[str, Any]:
        """Return text and media of one message."""
        draw = self._random.random()
        if draw < 0.14:
            return self._text(self._random.choice(SHORT))
        if draw < 0.36:
            return self._text(f"{self._random.choice(OPENERS)} {self._sentence()}")
        if draw < 0.60:
            return self._text(" ".join(self._random.choices(SENTENCES, k=self._random.choice((2, 3, 4)))))
        if draw < 0.64:
            return self._text(f"{self._random.choice(OPENERS)}\n{self._random.choice(SNIPPETS)}")
        caption = self._text(self._sentence() if self._random.random() < 0.5 else "")
        return {**caption, "media": self._media()}

    def _media(self) -> Any:
        key = self._key()
        shape = self._random.choice(((1280, 960), (960, 1280), (1280, 720)))
        choices: list[tuple[int, Callable[[], Any]]] = [
            (40, lambda: files.photo_media(key, *shape)),
            (12, lambda: files.video(key)),
            (12, lambda: files.voice(key, self._random.randrange(2, 90))),
            (
                12,
                lambda: files.named(
                    f"report-{key[5:]}.pdf", "application/pdf", self._random.randrange(9_000, 900_000)
                ),
            ),
            (14, lambda: files.sticker(key, "😀", self._random.choice(("static", "animated", "video")))),
            (7, lambda: files.web_page(f"https://example.org/{key}", "The tap", "A small story.", "Example")),
            (3, lambda: types.MessageMediaGeo(files.place(59.3, 18.1))),
        ]
        weights = [weight for weight, _ in choices]
        return self._random.choices([make for _, make in choices], weights)[0]()

    def _forward(self) -> types.MessageFwdHeader:
        draw = self._random.random()
        if draw < 0.5:
            return types.MessageFwdHeader(
                _FORWARDED, from_id=peer_of(self._news), channel_post=self._random.randrange(1, 400)
            )
        if draw < 0.8:
            return types.MessageFwdHeader(_FORWARDED, from_id=peer_of(self._random.choice(self._speakers)))
        return types.MessageFwdHeader(_FORWARDED, from_name="Somebody Hidden")

    def _reactions(self) -> types.MessageReactions:
        chosen = self._random.sample(_EMOJI, self._random.choice((1, 1, 1, 2, 3)))
        counts = [
            types.ReactionCount(types.ReactionEmoji(emoji), self._random.randrange(1, 9)) for emoji in chosen
        ]
        recent = [
            types.MessagePeerReaction(peer_of(self._random.choice(self._speakers)), _FORWARDED, item.reaction)
            for item in counts
        ]
        return types.MessageReactions(counts, can_see_list=True, recent_reactions=recent)
