"""`tobs export --process videos` on a graphics card that works, is switched off, lies, or breaks down in a film."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from e2e.film_club import CLUB, FILMS, build_films
from e2e.stage import open_stage
from media.stubs import Stubs
from tobs.core.choice import MediaChoice
from tobs.core.events import Said

CARD: dict[str, tuple[str, dict[str, Any], dict[str, bool] | None]] = {
    "on": ("ihd_low_power", {}, {}),
    "off": ("ihd", {"force_cpu_transcode": True}, {}),
    "lying": ("radeonsi", {}, None),
    "breaking": ("radeonsi", {}, {"fails_in_films": True}),
}
"""By the card: what vainfo prints, the settings, and how an encoder behaves behind it; None: there is none."""


@pytest.mark.parametrize("card", CARD)
async def test_videos_are_made_whatever_the_card_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: str
) -> None:
    driver, keys, hardware = CARD[card]
    device = tmp_path / "renderD128"
    device.touch()
    stubs = Stubs(tmp_path / "bin", monkeypatch, alone=False)
    stubs.add_driver(driver)
    if hardware is not None:
        stubs.add_hardware(**hardware)
    async with open_stage(build_films(), tmp_path) as stage:
        report = await stage.export(
            CLUB,
            output=tmp_path / "out",
            media=MediaChoice(),
            process=("video",),
            vaapi_device_path=device,
            **keys,
        )
        said = [each.text for each in stage.events if isinstance(each, Said) and "graphics card" in each.text]
    assert (report.exit_code, report.processed and report.processed.made) == (0, FILMS)
    assert len([*(tmp_path / "out").rglob("*.h264.mp4")]) == FILMS
    films = [each for each in stubs.calls("ffmpeg") if "h264_vaapi" in each and "lavfi" not in each]
    assert len(films) == {"on": FILMS, "off": 0, "lying": 0, "breaking": 1}[card]
    assert len(said) == (card == "breaking")
    assert bool(stubs.calls("vainfo")) == (card != "off")
