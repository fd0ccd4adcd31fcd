"""A small real filesystem that only this process sees: `unshare … python small_disk.py FOLDER STEPS`, with STEPS as JSON.

Each step is one of `["size", KiB]`, `["read-only"]`, `["writable"]`, `["files", most that may be open]` and
`["run", argument, …]`, which runs tobs in a process of its own. For each run a line of JSON says how it ended. What
stands on the filesystem at the end is copied to `FOLDER.after`.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import shutil
import subprocess
import sys
import traceback
from pathlib import Path
from typing import NoReturn

PREFIX = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user", "--mount")
"""What gives a program filesystems of its own: Linux lets everybody do that who becomes root of nothing but itself."""


class Machine:
    """What the runs of tobs find."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        Path(folder).mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)

    def take(self, step: list[str]) -> None:
        options = {"read-only": "ro", "writable": "rw", "size": f"size={step[-1]}k"}
        if step[0] == "run":
            self.run(step[1:])
        elif step[0] == "files":
            self.files = int(step[1])
        else:
            subprocess.run(["mount", "-o", f"remount,{options[step[0]]}", self.folder], check=True)

    def run(self, arguments: list[str]) -> None:
        """Run tobs: a process that has imported it all forks, which saves each run a second."""
        outputs = [Path(f"{self.folder}.{name}") for name in ("out", "err")]
        pid = os.fork()
        if pid == 0:
            self.become(arguments, outputs)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(json.dumps([code, *(each.read_text() for each in outputs)]), flush=True)  # noqa: T201 - the test reads it

    def become(self, arguments: list[str], outputs: list[Path]) -> NoReturn:
        code = 99
        try:
            for number, path in enumerate(outputs, 1):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            # All that is open counts, also what this process got from who started it.
            os.closerange(3, 256)
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, self.files))
            code = importlib.import_module("tobs.cli").main(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:  # noqa: BLE001 - a forked process must not go on as the one it came from
            traceback.print_exc()
        finally:
            os._exit(code)


if __name__ == "__main__":
    for name in importlib.import_module("nursery").MODULES:
        importlib.import_module(name)
    machine = Machine(sys.argv[1])
    for each in json.loads(sys.argv[2]):
        machine.take(each)
    shutil.copytree(machine.folder, f"{machine.folder}.after")
