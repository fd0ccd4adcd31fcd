"""What is asked next: every id exactly once, blocks where ids are dense, walkers elsewhere."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tobs.core.model import Decoded, MessageRow
from tobs.core.ranges import Range, count_ids, merge_ranges
from tobs.export.frontier import BLOCK, Frontier, Piece

PAGE = 100


def page_of(ids: list[int]) -> Decoded:
    rows = [MessageRow(each, 0, None, None, None, None, None, "text", "", "{}", "{}") for each in ids]
    return Decoded(rows, [], [], [], min(ids, default=None), max(ids, default=None), None, 0)


def answer(existing: list[int], piece: Piece, limit: int = PAGE) -> Decoded:
    """What a server gives: the newest messages up to the top, wherever the piece's bottom is."""
    return page_of([each for each in reversed(existing) if each <= piece.high][:limit])


def drain(frontier: Frontier, existing: list[int], seed: int, walkers: int) -> tuple[list[Range], int]:
    """Let walkers take and settle pieces in any order until nothing is left."""
    choose = random.Random(seed)
    flying: list[tuple[Piece, Decoded]] = []
    covered: list[Range] = []
    asked = 0
    while not frontier.is_done:
        piece = frontier.take() if len(flying) < walkers else None
        if piece is not None:
            # A page may be short; only an empty one or the bottom is the end.
            flying.append((piece, answer(existing, piece, choose.choice([PAGE, PAGE, 7, 1]))))
            asked += 1
            continue
        piece, page = flying.pop(choose.randrange(len(flying)))
        covers = frontier.settle(piece, page)
        assert covers is not None
        covered.append(covers)
    return covered, asked


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 3_000),
    st.sampled_from([0.0, 0.01, 0.2, 0.6, 1.0]),
    st.integers(0, 10_000),
    st.integers(1, 32),
)
def test_every_id_is_settled_whatever_the_order(top: int, density: float, seed: int, walkers: int) -> None:
    choose = random.Random(seed)
    existing = [each for each in range(1, top + 1) if choose.random() < density]
    covered, _ = drain(Frontier([Range(1, top)]), existing, seed, walkers)
    assert merge_ranges(covered) == [Range(1, top)]
    # Nothing is accounted for twice: pieces never overlap.
    assert sum(each.size for each in covered) == count_ids(covered)


def test_dense_ids_are_asked_in_blocks_that_need_no_answer_first() -> None:
    frontier = Frontier([Range(1, 1_000)])
    frontier.note_density(page_of(list(range(1_001, 1_101))))
    tops = [piece.high for _ in range(10) if (piece := frontier.take())]
    assert tops == list(range(1_000, 0, -BLOCK))
    assert frontier.take() is None


def test_sparse_ids_are_walked_and_split_only_when_it_pays() -> None:
    frontier = Frontier([Range(1, 100_000)])
    frontier.note_density(page_of(list(range(100_001, 110_001, 100))))  # one message in a hundred ids
    first = frontier.take()
    assert first == Piece(1, 100_000)
    second = frontier.take()
    assert second == Piece(1, 50_000)
    assert first == Piece(50_001, 100_000)
    pieces = [first, second]
    while piece := frontier.take():
        pieces.append(piece)
    # A thousand messages are ten pages: more walkers than that would only meet each other.
    assert len(pieces) <= 10


def test_unknown_density_is_walked_by_one() -> None:
    frontier = Frontier([Range(1, 100_000)])
    assert frontier.take() == Piece(1, 100_000)
    assert frontier.take() is None


def test_a_page_above_what_was_asked_for_settles_nothing() -> None:
    frontier = Frontier([Range(1, 50)])
    piece = frontier.take()
    assert piece is not None
    assert frontier.settle(piece, page_of([60, 70])) is None
    assert frontier.take() == Piece(1, 50)


def test_a_dropped_piece_is_open_again() -> None:
    frontier = Frontier([Range(1, 50)])
    piece = frontier.take()
    assert piece is not None
    frontier.drop(piece)
    assert frontier.take() == Piece(1, 50)


def test_a_closed_frontier_gives_no_more() -> None:
    frontier = Frontier([Range(1, 50), Range(60, 90)])
    piece = frontier.take()
    assert piece is not None
    frontier.close()
    under_way = frontier.is_done
    frontier.drop(piece)
    assert (under_way, frontier.is_done) == (False, True)
    assert frontier.take() is None
