"""The checks of tobs: `nox` runs the default ones, `nox -s NAME` one of them.

All but `wheel`, `browser`, `pictures`, `docs`, `readers` and `lock` run in the environment that nox itself runs in, so that nothing is installed twice.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2026.4"
nox.options.error_on_external_run = True
nox.options.stop_on_first_error = False
# The tests come last, so that their summary is what one sees at the end.
nox.options.sessions = ["lint", "types", "layers", "wheel", "tests"]


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Check style, format and the list of dependencies."""
    session.run(sys.executable, "-m", "ruff", "check", ".")
    session.run(sys.executable, "-m", "ruff", "format", "--check", ".")
    session.run(sys.executable, "-m", "deptry", "src")


@nox.session(venv_backend="none")
def types(session: nox.Session) -> None:
    """Check the types."""
    session.run(sys.executable, "-m", "mypy", *session.posargs)


@nox.session(venv_backend="none")
def layers(session: nox.Session) -> None:
    """Check who imports whom, what stands in one place only, and the size budget."""
    session.run(sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()")
    session.run(sys.executable, "scripts/check_imports.py")
    session.run(sys.executable, "scripts/size_budget.py")


@nox.session(venv_backend="none")
def tests(session: nox.Session) -> None:
    """Run the tests on two processes."""
    two = ("-n", "2", "--dist", "worksteal")  # a test of half a minute must not have others wait behind it
    session.run(sys.executable, "-m", "pytest", *two, "-m", "not long and not browser", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, install it alone, and export the demo with it."""
    folder = Path(session.create_tmp()).absolute()
    for old in folder.glob("*.whl"):
        old.unlink()
    session.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), ".")
    session.install("--quiet", *map(str, folder.glob("*.whl")))
    # Elsewhere, so that nothing of the checkout can be imported by accident.
    session.chdir(folder)
    alone = {"PYTHONPATH": None, "TOBS_HOME": str(folder / "home")}
    session.run("tobs", "--version", env=alone)
    session.run("tobs", "--help", env=alone, silent=True)
    session.run("tobs", "demo", "--output", str(folder / "demo"), env=alone)
    # The templates of the pages come along.
    session.run("tobs", "render", "--output", str(folder / "demo"), "--format", "html", env=alone)


@nox.session
def readers(session: nox.Session) -> None:
    """Have other programs read an exported result.json: the same messages as in the archive, no warning; by hand."""
    session.install("--quiet", "chatpack==0.1.0", "tg-parser==1.2.0", "chat-miner==0.6.0")
    folder = session.create_tmp()
    shutil.rmtree(folder)
    Path(folder).mkdir()
    here = {"PYTHONPATH": os.pathsep.join(("src", "tests"))}
    session.run(sys.executable, "tests/readers/export.py", folder, env=here, external=True)
    session.run("python", "tests/readers/check.py", folder, env={"PYTHONPATH": None, "TQDM_DISABLE": "1"})


@nox.session
def lock(session: nox.Session) -> None:
    """Write requirements-dev.txt anew: the newest versions that pyproject.toml allows, with their hashes; by hand."""
    session.install("--quiet", "uv")
    options = ("--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade")
    # Where they come from is the business of whoever installs them.
    silent = ("--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate", "--quiet")
    target = ("--output-file", "requirements-dev.txt")
    session.run("uv", "pip", "compile", "pyproject.toml", "--extra", "dev", *options, *silent, *target)


@nox.session(venv_backend="none")
def long(session: nox.Session) -> None:
    """Run the tests with many seeds; by hand."""
    session.run(
        sys.executable, "-m", "pytest", "-n", "2", "-m", "long", "--timeout", "3600", *session.posargs
    )


@nox.session
def browser(session: nox.Session) -> None:
    """Open the pages of the HTML format in the Chromium of this computer; by hand."""
    session.install("--quiet", "--editable", ".[test,browser]")
    session.run("python", "-m", "pytest", "-m", "browser", "tests/browser", *session.posargs)


@nox.session
def pictures(session: nox.Session) -> None:
    """Take the pictures of docs/images anew, with the Chromium of this computer; by hand."""
    session.install("--quiet", "--editable", ".[test,browser]")
    session.run("python", "tests/browser/pictures.py", env={"PYTHONPATH": os.pathsep.join(("src", "tests"))})


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site of docs/ into .nox/site; a link that leads nowhere fails it; by hand."""
    session.install("--quiet", "zensical>=0.0.73,<0.2")
    session.run("zensical", "build", "--strict", "--clean")


@nox.session(venv_backend="none")
def coverage(session: nox.Session) -> None:
    """Run the tests and fail when less than the share set in pyproject.toml is covered."""
    run = (sys.executable, "-m", "coverage")
    session.run(*run, "erase")
    # Measuring loads modules into every process, which one test counts.
    but = ("--deselect", "tests/cli/test_help.py::test_help_loads_nothing_but_typer")
    session.run(
        *run, "run", "-m", "pytest", "-n", "2", "-m", "not long and not browser", *but, *session.posargs
    )
    session.run(*run, "combine", "--quiet")
    session.run(*run, "report")
