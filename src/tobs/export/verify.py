"""Proves an archive offline: its ids, its rows against the answers they came in, its file, its notes, its media."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tobs.core.certificate import Asked, Certificate, ChatCertificate, Findings
from tobs.core.chatname import pick_chats
from tobs.core.model import Chat
from tobs.core.ports.proof import Checks
from tobs.core.ports.services import Pool
from tobs.errors import EXIT_DONE, EXIT_INCOMPLETE, Damaged
from tobs.export.audit import Auditor
from tobs.export.notes import Inspector
from tobs.export.stored import MediaInspector


class Verifier:
    """Everything that a certificate needs, wired by app."""

    def __init__(
        self, checks: Checks, auditor: Auditor, inspector: Inspector, media: MediaInspector, pool: Pool
    ) -> None:
        self._media = media
        self._checks = checks
        self._auditor = auditor
        self._inspector = inspector
        self._pool = pool

    async def verify(
        self, names: Sequence[str], certificate: Certificate, asked: dict[tuple[int, int], Asked]
    ) -> None:
        """Fill in the certificate for the chats that go by these names, or for all.

        `asked` is what Telegram said about some of them. Raises ChatNotFound, or Damaged when the file
        cannot be read at all.
        """
        await self._pool.run(note_all, certificate.damage, self._checks.find_damage())
        chats = pick_chats(names, await self._pool.run(self._checks.chats))
        for chat in chats:
            account = await self._pool.run(self._checks.account, chat)
            changes = await self._pool.run(self._checks.changes, chat)
            certificate.chats.append(
                ChatCertificate(
                    chat.id,
                    chat.label,
                    chat.kind,
                    account,
                    changes,
                    asked_server=asked.get(chat.key),
                    migrated_to=chat.migrated_to,
                )
            )
        await self._auditor.check_answers(chats, certificate)
        for chat, each in zip(chats, certificate.chats, strict=True):
            await self._check_chat(chat, each)
        if not names:
            placed = await self._pool.run(self._checks.placed, None)
            certificate.index = await self._inspector.inspect_index(placed)
            await self._media.inspect(None, certificate.media, certificate.damage)

    async def _check_chat(self, chat: Chat, found: ChatCertificate) -> None:
        await self._pool.run(note_all, found.damage, self._checks.find_unproved(chat))
        placed = await self._pool.run(self._checks.placed, chat)
        if chat.migrated_to:
            return  # its messages stand in the notes of the supergroup that it became
        try:
            fidelity = await self._inspector.describe_fidelity(chat)
            found.notes = await self._inspector.inspect_chat(chat, placed, fidelity.formats)
            found.fidelity = fidelity
        except Damaged as error:
            found.damage.add(f"its notes cannot be rendered: {error}")
        await self._media.inspect(chat, found.media, found.damage)


def note_all(damage: Findings, sentences: Iterator[str]) -> None:
    """Add sentences to what is damaged."""
    for each in sentences:
        damage.add(each)


def judge_certificate(certificate: Certificate) -> None:
    """Fill in the verdict that the findings amount to, and its exit code.

    What nobody asked for is not missing, but it is no part of what is complete either.
    """
    if certificate.is_damaged:
        certificate.verdict, certificate.exit_code = "damaged", Damaged.exit_code
    elif not certificate.is_complete:
        certificate.verdict, certificate.exit_code = "incomplete", EXIT_INCOMPLETE
    else:
        extent = certificate.extent
        is_part = extent == "whole" and certificate.hidden
        certificate.verdict = "part" if is_part else "complete" if extent == "whole" else extent
        certificate.exit_code = EXIT_DONE
