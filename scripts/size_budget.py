"""Check the size budget: small files, small functions, few blind excepts, no mocks, enough tests.

`python scripts/size_budget.py [ROOT]` prints the numbers and fails when one is over the budget. A
budget is a smell detector: when code needs more, look for the missing idea first.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

FILE_MEDIAN, FILE_P95, FILE_MAX = 150, 400, 600
FUNCTION_MEDIAN, FUNCTION_P95, FUNCTION_MAX = 10, 45, 80
BLIND_PER_KLOC = 0.5
TEST_RATIO = (0.8, 1.3)

_BLIND = {"Exception", "BaseException"}
_REASON = re.compile(r"# (noqa: [A-Z0-9, ]+ - )?(?!noqa)\S+")
_MOCK = re.compile(r"\bmock\.patch\b|\bfrom unittest import mock\b|\bunittest\.mock\b|\bmocker\b")


@dataclass
class Numbers:
    """What was counted in one tree."""

    files: dict[str, int] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)
    blind: list[str] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)


def measure_tree(root: Path) -> Numbers:
    """Count the Python files below a folder."""
    numbers = Numbers()
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root.parent).as_posix()
        lines = text.splitlines()
        numbers.files[name] = len(lines)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                numbers.functions[f"{name}:{node.lineno} {node.name}"] = _count_lines(node)
            elif isinstance(node, ast.ExceptHandler) and _is_blind(node):
                _note_blind(numbers, f"{name}:{node.lineno}", lines[node.lineno - 1])
    return numbers


def _count_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_blind(handler: ast.ExceptHandler) -> bool:
    """Tell whether everything is caught and kept; who raises again, by another name or not, hides nothing."""
    if any(isinstance(node, ast.Raise) and (node.exc is None or node.cause) for node in ast.walk(handler)):
        return False
    if handler.type is None:
        return True
    parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(part, ast.Name) and part.id in _BLIND for part in parts)


def _note_blind(numbers: Numbers, place: str, line: str) -> None:
    numbers.blind.append(place)
    if not _REASON.search(line):
        numbers.breaches.append(f"{place}: a blind except needs its reason in a comment on its line")


def judge_source(source: Numbers) -> Iterator[str]:
    """Yield what is over the budget in production code."""
    files, functions = list(source.files.values()), list(source.functions.values())
    yield from source.breaches
    yield from _judge("file", files, (FILE_MEDIAN, FILE_P95))
    yield from _judge("function", functions, (FUNCTION_MEDIAN, FUNCTION_P95))
    for name, size in source.files.items():
        if size > FILE_MAX:
            yield f"{name}: {size} lines, {FILE_MAX} are allowed"
    for name, size in source.functions.items():
        if size > FUNCTION_MAX:
            yield f"{name}: {size} lines, {FUNCTION_MAX} are allowed"
    allowed = max(1, int(sum(files) * BLIND_PER_KLOC / 1000)) if files else 0
    if len(source.blind) > allowed:
        yield f"{len(source.blind)} blind excepts, {allowed} are allowed: {', '.join(source.blind)}"


def _judge(what: str, sizes: list[int], bounds: tuple[int, int]) -> Iterator[str]:
    for name, value, bound in zip(("median", "95 %"), _spread(sizes), bounds, strict=True):
        if value > bound:
            yield f"{what} {name}: {value:.0f} lines, {bound} are allowed"


def _spread(sizes: list[int]) -> tuple[float, float]:
    if len(sizes) < 2:
        return float(sum(sizes)), float(sum(sizes))
    return median(sizes), quantiles(sizes, n=20, method="inclusive")[-1]


def _count_weighed(numbers: Numbers) -> int:
    """Count lines without the embedded server and its tests: it is a test tool that happens to ship."""
    return sum(lines for name, lines in numbers.files.items() if "simulator" not in Path(name).parts)


def judge_tests(root: Path, tests: Numbers, source: Numbers) -> Iterator[str]:
    """Yield what is wrong with the tests: mocks, or too few or too many lines."""
    for name in tests.files:
        if _MOCK.search((root / name).read_text(encoding="utf-8")):
            yield f"{name}: tests use real things, not mocks"
    ratio = _count_weighed(tests) / max(1, _count_weighed(source))
    if not TEST_RATIO[0] <= ratio <= TEST_RATIO[1]:
        yield f"test lines are {ratio:.2f} of the source lines, {TEST_RATIO[0]} to {TEST_RATIO[1]} are allowed"


def print_numbers(what: str, numbers: Numbers) -> None:
    """Print one line of figures."""
    files, functions = list(numbers.files.values()), list(numbers.functions.values())
    middle, high = _spread(files)
    short, long = _spread(functions)
    print(
        f"{what}: {len(files)} files, {sum(files)} lines, median {middle:.0f}, 95 % {high:.0f}, "
        f"max {max(files, default=0)}; {len(functions)} functions, median {short:.0f}, 95 % {long:.0f}, "
        f"max {max(functions, default=0)}; {len(numbers.blind)} blind excepts"
    )


def main(arguments: list[str]) -> int:
    """Measure a tree that has `src` and `tests`."""
    root = Path(arguments[0]) if arguments else Path(__file__).parent.parent
    source, tests = measure_tree(root / "src"), measure_tree(root / "tests")
    print_numbers("src", source)
    print_numbers("tests", tests)
    breaches = [*judge_source(source), *judge_tests(root, tests, source)]
    for breach in breaches:
        print(breach, file=sys.stderr)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
