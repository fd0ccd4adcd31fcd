"""A format as the pipeline knows it."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from tobs.core.fidelity import Omissions, sum_omissions
from tobs.core.model import Chat
from tobs.core.ports.reader import Reader
from tobs.core.ports.writer import Frame, Part, Partition, Rendering, Traits
from tobs.core.request import Projection
from tobs.writers.format import Format, Sheet
from tobs.writers.gather import gather_messages
from tobs.writers.scene import Scene, Stage

_drawings = count(1)
_scenes: dict[int, Scene] = {}
"""The scene of the last drawing in this process, while no part is being drawn in it."""


class FormatWriter:
    """Implements core.ports.writer.Writer. Each drawing shows the archive as it is then; nothing is held beyond it."""

    def __init__(self, format_: Format, reader: Reader, projection: Projection) -> None:
        self._format = format_
        self._stage = Stage(reader, projection, format_.shape(projection), format_.escape)
        self.name = format_.name
        self.traits: Traits = format_.traits

    def partitions(self, chat: Chat, days: Iterable[tuple[int | None, int]]) -> list[Partition]:
        """Return the partitions that (topic id, UTC day) pairs fall into."""
        return self._stage.make_layout().partitions(chat, days)

    def list_parts(self, partition: Partition) -> list[Part]:
        """Return the parts of a partition, earliest first."""
        starts = tuple(self._stage.make_layout().part_starts(partition))
        drawing = next(_drawings)
        return [Part(partition, number, starts, drawing) for number in range(1, len(starts) + 1)]

    def render_part(self, part: Part) -> list[Rendering]:
        """Return the files of one part; none when all its messages stand with albums of an earlier partition."""
        scene = _scenes.pop(part.drawing, None) or self._set_scene(part)
        renderings = self._draw(scene, part)
        _scenes.clear()
        if part.number < len(part.starts):
            _scenes[part.drawing] = scene
        return renderings

    def frame(self, partition: Partition) -> Frame:
        """Return what surrounds the parts of a partition that share a file."""
        scene = self._stage.set_scene(partition.chat)
        path = _enter_file(scene, partition, 1)
        sheet = self._format.open_sheet(scene, Part(partition, 1, (0,), next(_drawings)))
        return Frame(path, sheet.begin(), sheet.end())

    def list_about(self, chat: Chat, omissions: Omissions) -> list[Rendering]:
        """Return the files about a chat beside those of its messages, of which `omissions` is not shown."""
        return [self._seal(each) for each in self._format.list_about(self._stage.set_scene(chat), omissions)]

    def list_index(self) -> list[Rendering]:
        """Return the files that belong to no chat."""
        return [self._seal(each) for each in self._format.list_index(self._stage)]

    def fingerprint(self, body: bytes) -> str:
        """Return a hash of what is ours in a file."""
        return self._format.fingerprint(body)

    def holds_words(self, body: bytes) -> bool:
        """Tell whether the owner wrote something into a place of a file that is theirs."""
        return self._format.holds_words(body)

    def carry_over(self, new: bytes, old: bytes) -> bytes:
        """Return `new` with what the owner added to `old`."""
        return self._format.carry_over(new, old)

    def _set_scene(self, part: Part) -> Scene:
        scene = self._stage.set_scene(part.partition.chat)
        scene.layout.know_parts(part.partition, list(part.starts))
        return scene

    def _draw(self, scene: Scene, part: Part) -> list[Rendering]:
        path = _enter_file(scene, part.partition, part.number)
        sheet = self._format.open_sheet(scene, part)
        seen: Counter[frozenset[str]] = Counter()
        blocks = self._list_blocks(scene, sheet, part, seen)
        if blocks is None:
            return []
        body = self._format.between.join(blocks)
        blocks.clear()
        if self.traits.joins_parts:
            shown = frozenset(scene.people.shown)
            return [Rendering(path, part.partition.key, body, shown, omissions=sum_omissions(seen))]
        body = b"".join((sheet.begin(), body, sheet.end()))
        files = {path: body, **sheet.list_beside(path)}
        peers = frozenset(scene.people.shown)
        renderings = [self._seal(Rendering(each, part.partition.key, files[each], peers)) for each in files]
        renderings[0].omissions = sum_omissions(seen)
        return renderings

    def _list_blocks(
        self, scene: Scene, sheet: Sheet, part: Part, seen: Counter[frozenset[str]]
    ) -> list[bytes] | None:
        """Return the messages that are shown, or None when there are not even hidden ones; count what they have beside.

        Bytes, since one emoji makes a text of four bytes a character.
        """
        blocks: list[bytes] = []
        is_begun = False
        for members in gather_messages(scene, part, has_albums=self._format.has_albums):
            is_begun = True
            if shown := scene.links.list_shown(members):
                blocks.append(sheet.message(shown, members[0]))
                scene.links.pass_by(members)
                for each in shown:
                    if hidden := self._format.shown.list_hidden(each):
                        seen[frozenset(hidden)] += 1
        return blocks if is_begun else None

    def _seal(self, rendering: Rendering) -> Rendering:
        return replace(rendering, fingerprint=self._format.fingerprint(rendering.body))


def _enter_file(scene: Scene, partition: Partition, part: int) -> str:
    path = scene.layout.find_path(partition, part)
    scene.folder = posixpath.dirname(path)
    scene.people.start_file()
    return path
