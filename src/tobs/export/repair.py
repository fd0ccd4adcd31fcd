"""Puts a damaged archive together anew: rows that can be read, and from the answers what cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from tobs.core.certificate import Account, Certificate, ChatCertificate, Findings
from tobs.core.events import Progressed
from tobs.core.model import Chat, Decoded
from tobs.core.ports.proof import Checks, StoredAnswer
from tobs.core.ports.repair import Rebuild
from tobs.core.ports.services import Emit, Pool
from tobs.core.ports.source import Decoder
from tobs.core.repair import RepairReport
from tobs.core.report import Tally
from tobs.errors import EXIT_DONE, EXIT_INCOMPLETE, Damaged
from tobs.export.audit import BATCH, Auditor, find_wrong
from tobs.export.verify import note_all


async def find_damage(checks: Checks, auditor: Auditor, pool: Pool, found: Findings) -> None:
    """Add what is wrong with an archive: the file, and what it holds of each answer. Raises Damaged."""
    await pool.run(note_all, found, checks.find_damage())
    chats = await pool.run(checks.chats)
    certificate = Certificate(0, "", "", damage=found)
    certificate.chats = [
        ChatCertificate(each.id, each.label, each.kind, Account([], Tally()), damage=found) for each in chats
    ]
    await auditor.check_answers(chats, certificate)
    for each in chats:
        await pool.run(note_all, found, checks.find_unproved(each))


class Repairer:
    """One repair; everything it needs, wired by app."""

    def __init__(self, rebuild: Rebuild, decoder: Decoder, pool: Pool, emit: Emit, *, layer: int) -> None:
        self._rebuild = rebuild
        self._decoder = decoder
        self._pool = pool
        self._emit = emit
        self._layer = layer

    async def repair(self, report: RepairReport) -> None:
        """Make a sound archive of a damaged one, and say in the report what came of it.

        Answers of another layer are kept as they are: this version cannot read them. Raises Damaged or DiskFull; then
        nothing has changed.
        """
        run = self._pool.run
        report.tables = await run(self._rebuild.salvage)
        report.strangers = self._rebuild.strangers
        report.restored_chats = [each.label for each in await run(self._rebuild.restored_chats)]
        chats = await run(self._rebuild.chats)
        async for answer, decoded in self._read_answers(chats, report):
            await run(self._compare, answer, decoded)
        report.messages = await run(self._rebuild.forget)
        if self._rebuild.needs_replay:
            async for answer, decoded in self._read_answers(chats, report):
                await run(self._rebuild.replay, answer, decoded)
        report.kept = await run(self._rebuild.complete)
        uncovered = await run(self._rebuild.uncover, report.quarantined)
        report.uncovered = [each.label for each in uncovered]
        report.damaged_copy = await run(self._rebuild.finish)
        report.quarantine = self._rebuild.quarantine_folder if report.quarantined or report.strangers else ""
        report.exit_code = EXIT_INCOMPLETE if report.uncovered or report.kept else EXIT_DONE

    async def _read_answers(
        self, chats: dict[tuple[int, int], Chat], report: RepairReport
    ) -> AsyncIterator[tuple[StoredAnswer, Decoded]]:
        """Yield the answers that can be read, in their order; the others are put aside."""
        report.answers = after = 0
        last = await self._pool.run(self._rebuild.last_answer)
        while batch := await self._pool.run(partial(self._rebuild.answers, after=after, limit=BATCH)):
            after = batch[-1].id
            known = [each for each in batch if each.damage or each.layer == self._layer]
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._decode(each, chats[each.chat_key])) for each in known]
            for answer, task in zip(known, tasks, strict=True):
                found = task.result()
                if isinstance(found, str):
                    report.quarantined.append(await self._pool.run(self._rebuild.quarantine, answer, found))
                else:
                    yield answer, found
            report.answers += len(batch)
            self._emit(
                Progressed(
                    "the archive", after, last, stage="repair", percentage=round(100 * after / last, 1)
                )
            )

    async def _decode(self, answer: StoredAnswer, chat: Chat) -> Decoded | str:
        """Return what an answer says, or why nobody can read it."""
        if answer.damage:
            return answer.damage
        decode = partial(self._decoder, chat_id=chat.id, account=chat.account, is_forum=chat.kind == "forum")
        try:
            return await self._pool.run_apart(decode, answer.raw)
        except Damaged as error:
            return str(error)

    def _compare(self, answer: StoredAnswer, decoded: Decoded) -> None:
        """Note the messages that are not as their answer has them, and those that are not there."""
        taken = self._rebuild.taken(answer)
        listed = {each.id for each in decoded.rows}
        held = {each.id for each in taken.rows}
        wrong = find_wrong(decoded, taken) | {*self._rebuild.find_absent(answer.chat_key, [*listed])}
        wrong |= self._rebuild.find_unbacked(answer.chat_key, listed)
        wrong |= {row.id for row in (*taken.rows, *taken.versions) if not self._rebuild.is_legible(row)}
        if not self._rebuild.is_whole("versions"):
            wrong |= listed - held - {each.id for each in taken.versions}
        for table, rows in (("roots", decoded.roots), ("threads", decoded.threads)):
            if not self._rebuild.is_whole(table):
                wrong |= held & {each.message_id for each in rows}
        self._rebuild.note_wrong(answer.chat_key, wrong)
