"""Entities as hypothesis draws them, and the simplest model of what they mean."""

from __future__ import annotations

from hypothesis import strategies as st

from tobs.core.media import Entity


def entity_lists(text: str, kinds: list[str]) -> st.SearchStrategy[list[Entity]]:
    """Draw entities for a text: nested, overlapping, empty, cutting characters, reaching beyond its ends."""
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return st.lists(
        st.builds(
            Entity,
            kind=st.sampled_from(kinds),
            offset=st.integers(-2, units + 1),
            length=st.integers(-1, units + 3),
            value=st.sampled_from(["", "https://example.org", "2"]),
        ),
        max_size=6,
    )


def mark_units(text: str, entities: list[Entity]) -> list[frozenset[str]]:
    """Return the kinds over each character: those of the entities that hold one of its code units."""
    found = []
    at = 0
    for char in text:
        width = 2 if char > "\uffff" else 1
        found.append(
            frozenset(
                each.kind
                for each in entities
                if max(each.offset, at) < min(each.offset + each.length, at + width)
            )
        )
        at += width
    return found
