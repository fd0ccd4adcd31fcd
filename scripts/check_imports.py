"""Check that each of a few things stands in one place only: Telethon, SQLite, Typer, rich, the environment, executors, lookups.

`python scripts/check_imports.py [ROOT]` names every place outside the list and fails when there is one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

# What may be imported or named only in files whose path below src/tobs starts like one of these.
ALLOWED: dict[str, tuple[str, ...]] = {
    "telethon": ("telegram/", "simulator/", "bench/floor.py", "bench/downloads.py", "bench/decoding.py"),
    "sqlite3": ("archive/",),
    "typer": ("cli/",),
    "rich": ("cli/",),
    "pydantic": ("settings/", "cli/"),
    "pydantic_settings": ("settings/",),
    "os.environ": ("settings/sources.py",),
    "os.getenv": ("settings/sources.py",),
    "ThreadPoolExecutor": ("_util/pool.py",),
    "ProcessPoolExecutor": ("_util/pool.py",),
    "run_in_executor": ("_util/pool.py",),
    "to_thread": ("_util/pool.py",),
    # Nothing finds out who somebody is past the address book (telegram/addresses.py).
    "ResolveUsernameRequest": ("telegram/directory.py", "simulator/", "bench/downloads.py"),
    "ResolvePhoneRequest": ("telegram/directory.py", "simulator/"),
    "CheckChatInviteRequest": ("telegram/directory.py", "simulator/"),
    "GetContactsRequest": ("telegram/directory.py", "simulator/"),
    "GetChannelsRequest": ("telegram/directory.py", "simulator/"),
    "GetChatsRequest": ("telegram/directory.py", "simulator/"),
    "GetUsersRequest": ("telegram/login.py", "simulator/"),
    "GetDialogsRequest": ("telegram/dialogs.py", "simulator/"),
    "page_dialogs": ("telegram/dialogs.py", "telegram/directory.py"),
    "GetParticipantsRequest": ("telegram/members.py", "simulator/"),
    "get_entity": (),
    "get_input_entity": ("bench/floor.py",),
    "create_task": (),
    "ensure_future": (),
    "pickle": (),
    "eval": (),
}


def list_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of what a module imports, and of attributes and names that it uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, (node.module or "").split(".")[0]
            yield from ((node.lineno, alias.name) for alias in node.names)
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
            if isinstance(node.value, ast.Name):
                yield node.lineno, f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id


def find_strays(package: Path) -> Iterator[str]:
    """Yield a sentence for every name that stands outside its place."""
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        found = sorted(set(list_names(ast.parse(path.read_text(encoding="utf-8")))))
        for line, word in found:
            places = ALLOWED.get(word)
            if places is None or name.startswith(places) or _is_task_group(word, path, line):
                continue
            yield f"{name}:{line}: {word} stands only in {', '.join(places) or 'no file at all'}"


def _is_task_group(word: str, path: Path, line: int) -> bool:
    """Tell whether `create_task` is a TaskGroup's: ours are called `group`, `tasks` or `…_group`."""
    text = path.read_text(encoding="utf-8").splitlines()[line - 1]
    return word == "create_task" and any(mark in text for mark in ("group.create_task", "tasks.create_task"))


def main(arguments: list[str]) -> int:
    """Check a tree that has src/tobs."""
    root = Path(arguments[0]) if arguments else Path(__file__).parent.parent
    strays = list(find_strays(root / "src" / "tobs"))
    for stray in strays:
        print(stray, file=sys.stderr)
    if not strays:
        print("Telethon, SQLite, Typer, rich, the environment and executors stand only where they belong.")
    return 1 if strays else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
