"""Paths below an export folder lead to files in it, or to an error that says why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs._util.inside import find_inside, is_plain
from tobs.errors import Damaged, ForeignFolder

parts = st.sampled_from(["a", "..", ".", "", "media", "2026-03", "..."])


@given(st.lists(parts, max_size=6).map("/".join))
def test_a_path_leads_to_a_place_in_the_folder_or_nowhere(path: str) -> None:
    root = Path("/vault")
    if path.startswith("/") or ".." in path.split("/") or not {*path.split("/")} - {"", "."}:
        with pytest.raises(Damaged, match="names a file outside of the folder"):
            find_inside(root, path)
    else:
        assert Path(os.path.normpath(find_inside(root, path))).relative_to(root) != Path()


def test_a_link_on_the_way_is_named_wherever_it_leads(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    for target in ("real", "nowhere", "/"):
        (tmp_path / "link").symlink_to(target)
        with pytest.raises(
            ForeignFolder, match=f"^{tmp_path}/link is a link, and tobs follows none"
        ) as caught:
            find_inside(tmp_path, "link/deeper/note.md")
        assert caught.value.exit_code == 2
        (tmp_path / "link").unlink()
    assert find_inside(tmp_path, "real/note.md") == tmp_path / "real/note.md"


def test_only_a_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    assert [is_plain(tmp_path / each) for each in ("file", "link", "pipe", "nothing", "file/below")] == [
        True, False, False, False, False,
    ]  # fmt: skip
