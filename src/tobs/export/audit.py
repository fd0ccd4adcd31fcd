"""Compares what the archive holds of each answer with what the answer says, each decoded once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial

from tobs.core.certificate import Certificate, ChatCertificate
from tobs.core.events import Progressed
from tobs.core.model import Chat, Decoded, MessageRow
from tobs.core.ports.proof import Checks, StoredAnswer, Taken
from tobs.core.ports.services import Emit, Pool
from tobs.core.ports.source import Decoder
from tobs.errors import Damaged
from tobs.export.isolate import is_blind

BATCH = 16
"""How many answers are in memory at once."""


class Auditor:
    """Walks all answers of some chats in the order in which they were stored."""

    def __init__(self, checks: Checks, decoder: Decoder, pool: Pool, emit: Emit, *, layer: int) -> None:
        self._checks = checks
        self._decoder = decoder
        self._pool = pool
        self._emit = emit
        self._layer = layer

    async def check_answers(self, chats: list[Chat], certificate: Certificate) -> None:
        """Fill in what was checked and what is damaged. Raises Damaged when the file cannot be read."""
        found = {chat.key: (chat, each) for chat, each in zip(chats, certificate.chats, strict=True)}
        last, after = await self._pool.run(self._checks.last_answer), 0
        while batch := await self._pool.run(partial(self._checks.answers, chats, after=after, limit=BATCH)):
            after = batch[-1].id
            legible = [each for each in batch if self._is_legible(each, found[each.chat_key][1], certificate)]
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._decode(each, found[each.chat_key][0])) for each in legible]
            for answer, task in zip(legible, tasks, strict=True):
                await self._pool.run(self._compare, answer, task.result(), found[answer.chat_key][1])
            self._tell(certificate, after, last)

    def _is_legible(self, answer: StoredAnswer, chat: ChatCertificate, certificate: Certificate) -> bool:
        if answer.damage:
            chat.damage.add(f"answer {answer.id} ({_say_ids(answer)}): {answer.damage}")
            return False
        if answer.layer != self._layer:
            chat.checked.skipped += 1
            certificate.other_layers[answer.layer] = self._checks.library(answer.layer)
            return False
        return True

    async def _decode(self, answer: StoredAnswer, chat: Chat) -> Decoded | Damaged:
        decode = partial(self._decoder, chat_id=chat.id, account=chat.account, is_forum=chat.kind == "forum")
        try:
            return await self._pool.run_apart(decode, answer.raw)
        except Damaged as error:
            return error

    def _compare(self, answer: StoredAnswer, decoded: Decoded | Damaged, chat: ChatCertificate) -> None:
        if isinstance(decoded, Damaged):
            chat.damage.add(f"answer {answer.id} ({_say_ids(answer)}): {decoded}")
            return
        taken = self._checks.taken(answer)
        chat.checked.answers += 1
        chat.checked.messages += len(taken.rows)
        chat.checked.versions += len(taken.versions)
        for sentence in _find_differences(answer, decoded, taken):
            chat.damage.add(sentence)
        for each in self._checks.find_absent(answer.chat_key, [row.id for row in decoded.rows]):
            chat.damage.add(f"message {each} is in answer {answer.id}, but not among the messages")

    def _tell(self, certificate: Certificate, done: int, last: int) -> None:
        self._emit(
            Progressed(
                entity_name="the archive",
                messages_processed=sum(each.checked.messages for each in certificate.chats),
                total_messages=sum(each.account.tally.stored for each in certificate.chats),
                stage="verify",
                percentage=round(100 * done / max(1, last), 1),
            )
        )


def _find_differences(answer: StoredAnswer, decoded: Decoded, taken: Taken) -> Iterator[str]:
    if len(answer.raw) != decoded.size_bytes:
        yield f"answer {answer.id} has bytes behind its end"
    # The id of a message of an unknown type was learnt otherwise, and is not in the answer.
    if not is_blind(decoded) and (answer.low, answer.high) != (decoded.lowest, decoded.highest):
        yield f"answer {answer.id} lists other ids than the archive says"
    said = {row.id: row.settled() for row in decoded.rows}
    yield from _differ("message", taken.rows, said, answer)
    yield from _differ("an earlier version of message", taken.versions, said, answer)
    for number in sorted({number for number, _, _ in _wanted(decoded, taken) ^ taken.wants}):
        yield f"message {number} wants other files than its answer names"


def find_wrong(decoded: Decoded, taken: Taken) -> set[int]:
    """Return the messages that the archive holds otherwise than their answer has them."""
    said = {row.id: row.settled() for row in decoded.rows}
    wrong = {row.id for row in (*taken.rows, *taken.versions) if row.settled() != said.get(row.id)}
    return wrong | {number for number, _, _ in _wanted(decoded, taken) ^ taken.wants}


def _wanted(decoded: Decoded, taken: Taken) -> set[tuple[int, str, int]]:
    """Return the files that an answer names, of the messages whose newest state it has."""
    held = {row.id for row in taken.rows}
    return {
        (each.message_id, each.file_kind, each.file_id) for each in decoded.wants if each.message_id in held
    }


def _differ(
    noun: str, rows: Iterable[MessageRow], said: dict[int, MessageRow], answer: StoredAnswer
) -> Iterator[str]:
    for row in rows:
        other = said.get(row.id)
        if other is None:
            yield f"{noun} {row.id} is not in answer {answer.id}, which it names"
        elif (settled := row.settled()) != other:
            fields = [name for name in row._fields if getattr(settled, name) != getattr(other, name)]
            yield f"{noun} {row.id} differs from answer {answer.id} in {', '.join(fields)}"


def _say_ids(answer: StoredAnswer) -> str:
    return f"ids {answer.low} to {answer.high}"
