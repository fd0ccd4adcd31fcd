"""Notes every address that a Python process connects to or looks up; found by the interpreter through PYTHONPATH."""

import os
import sys


def note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        where = arguments[1]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        where = arguments[:2] if event == "socket.getaddrinfo" else arguments[-1]
    else:
        return
    text = ":".join(map(str, where[:2])) if isinstance(where, tuple) else str(where)
    with open(os.environ["SOCKETS_NOTED"], "a", encoding="utf-8") as file:  # noqa: PTH123 - as early as nothing is imported
        file.write(f"{event} {text}\n")


sys.addaudithook(note)
