"""What can be known of the image without building it: the Dockerfile, what is kept out, and the commands of the page."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pytest

from tobs.settings import list_keys, read_settings

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGES = (ROOT / "docs" / "docker.md", ROOT / "docs" / "VAAPI_GUIDE.md")


@dataclass
class Stage:
    """One FROM and what follows it."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [words for each, words in self.steps if each == instruction]

    def variables(self) -> dict[str, str]:
        pairs = (pair.partition("=") for words in self.all("ENV") for pair in shlex.split(words))
        return {name: value for name, _, value in pairs}


def read_stages() -> list[Stage]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    stages: list[Stage] = []
    for instruction, words in (line.split(maxsplit=1) for line in lines if line.strip()):
        if instruction == "FROM":
            base, _, name = words.partition(" AS ")
            stages.append(Stage(base, name))
        else:
            stages[-1].steps.append((instruction, words))
    return stages


STAGES = read_stages()
IMAGE = STAGES[-1]


def copies(stage: Stage) -> list[str]:
    """Return what a stage takes from the folder of the repository."""
    return [
        source
        for words in stage.all("COPY")
        if not words.startswith("--from")
        for source in words.split()[:-1]
    ]


def test_the_image_holds_what_was_built_and_nothing_of_the_repository() -> None:
    build, image = STAGES
    assert image.all("COPY") == [f"--from={build.name} /opt/tobs /opt/tobs"]
    assert image.base == build.base  # a virtual environment works only with the Python that it was made with


def test_a_python_that_tobs_runs_on_is_under_it() -> None:
    version = re.match(r"python:(\d+\.\d+)-slim", IMAGE.base)
    assert version
    assert f"Programming Language :: Python :: {version[1]}" in PROJECT["project"]["classifiers"]


def test_the_build_gets_all_that_it_needs_and_dockerignore_lets_it_through() -> None:
    sources = {PurePosixPath(each).as_posix() for each in copies(STAGES[0])}
    assert all((ROOT / each).exists() for each in sources)
    project = PROJECT["project"]
    needed = {project["readme"], *project["license-files"], "pyproject.toml", "src"}
    assert sources == needed
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignore[1] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == sources


def test_extras_that_are_asked_for_exist() -> None:
    asked = re.findall(r"\[([\w,]+)\]'", " ".join(STAGES[0].all("RUN")))
    assert set(asked[0].split(",")) <= set(PROJECT["project"]["optional-dependencies"])


def test_nobody_is_root_when_tobs_starts() -> None:
    at = {instruction: place for place, (instruction, _) in enumerate(IMAGE.steps)}
    assert IMAGE.all("USER") == ["tobs"]
    assert "useradd" in " ".join(IMAGE.all("RUN"))
    assert max(at["RUN"], at["COPY"]) < at["USER"] < at["ENTRYPOINT"]


def test_it_starts_tobs_and_gets_signals_itself() -> None:
    assert json.loads(IMAGE.all("ENTRYPOINT")[0]) == ["tobs"]  # the form with brackets: no shell between
    assert "tobs" in PROJECT["project"]["scripts"]


def test_what_encodes_and_what_asks_a_card_are_inside() -> None:
    assert {"ffmpeg", "vainfo"} <= set(" ".join(IMAGE.all("RUN")).split())


def test_its_settings_are_understood_and_lie_in_the_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {name: value for name, value in IMAGE.variables().items() if name != "PATH"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = read_settings().settings
    (volume,) = json.loads(IMAGE.all("VOLUME")[0])
    assert {str(settings.home), str(settings.export_path)} == set(variables.values())
    assert settings.home.is_relative_to(volume)
    assert settings.export_path.is_relative_to(volume)


def test_no_secret_is_built_in() -> None:
    private = {name for key in list_keys() if key.is_private for name in (key.name, key.field.upper())}
    for stage in STAGES:
        assert not stage.all("ARG")
        assert not private & set(stage.variables())
    assert not {"ADD"} & {instruction for stage in STAGES for instruction, _ in stage.steps}


def docker_runs() -> list[list[str]]:
    """Return the words of each `docker run` on the pages."""
    lines = "\n".join(page.read_text(encoding="utf-8") for page in PAGES).splitlines()
    found = [line[line.index("docker run") :] for line in lines if "docker run --" in line]
    return [shlex.split(line.partition(" >>")[0]) for line in found]


@pytest.mark.parametrize("words", docker_runs(), ids=" ".join)
def test_every_docker_run_of_the_pages_keeps_what_it_makes(words: list[str]) -> None:
    options, command = words[2 : words.index("tobs")], words[words.index("tobs") + 1 :]
    values = dict(zip(options, [*options[1:], ""], strict=True))
    known = {name for key in list_keys() for name in (key.name, key.field.upper())}
    given = [options[at + 1].partition("=")[0] for at, each in enumerate(options) if each == "-e"]
    assert set(given) <= known
    is_at_a_terminal = "-it" in options
    asks_or_draws = not command or command[0] in {"login", "chats", "export"}
    assert is_at_a_terminal == (asks_or_draws and "-q" not in command)
    if asks_or_draws or command[0] == "demo":
        (volume,) = json.loads(IMAGE.all("VOLUME")[0])
        assert values["-v"].partition(":")[2].startswith(volume)
