"""Which of many cases are tried with every change of the code; all others are for `nox -s long`."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from _pytest.mark.structures import ParameterSet


def often(cases: Iterable[object], *some: object) -> list[ParameterSet]:
    """Return the cases as parameters of a test, marked as long but for some. Raises AssertionError when one of these is none."""
    every = [*cases]
    assert all(each in every for each in some), f"{some} are not among {every}"
    return [pytest.param(each, marks=[] if each in some else [pytest.mark.long]) for each in every]
