"""Detecting hardware: what real drivers print, from a vainfo that is run, and an encode that proves it or does not."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from cli.program import run_tobs
from media.stubs import VAINFO, Stubs
from tobs.media.advice import advise
from tobs.media.vaapi import VAAPICapabilities, VAAPIDetector, VAAPIStatus, get_vaapi_capabilities
from tobs.media.vainfo import read_vainfo

I965 = "Intel i965 driver for Intel(R) CherryView - 1.8.3"
IHD = "Intel iHD driver for Intel(R) Gen Graphics - 25.3.4 (192fe0f)"
LOW = "Intel iHD driver for Intel(R) Gen Graphics - 24.1.0 ()"
AMD = (
    "Mesa Gallium driver 24.2.8 for AMD Radeon RX 6600 "
    "(radeonsi, navi23, LLVM 19.1.1, DRM 3.57, PCI: 0000:03:00.0, 6.8.0-49)"
)


def is_dead(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().split()[2] == "Z"


@pytest.mark.parametrize(
    ("name", "driver", "encoders", "low_power", "decoders"),
    [
        ("i965", I965, "mpeg2 h264 vp8", "", "mpeg2 h264 vc1 mjpeg vp8 hevc"),
        ("ihd", IHD, "mpeg2 h264 vp8 hevc vp9", "vp9", "mpeg2 h264 vc1 mjpeg vp8 hevc vp9 av1"),
        ("ihd_low_power", LOW, "h264 hevc vp9", "h264 hevc vp9", "mpeg2 h264 mjpeg vp8 hevc vp9"),
        ("radeonsi", AMD, "h264 hevc", "", "mpeg2 vc1 h264 hevc mjpeg vp9 av1"),
    ],
)
async def test_a_driver_is_understood_and_confirmed_by_an_encode(
    name: str, driver: str, encoders: str, low_power: str, decoders: str, device: Path, stubs: Stubs
) -> None:
    stubs.add_hardware()
    stubs.add_driver(name)
    assert await VAAPIDetector(device).detect() == VAAPICapabilities(
        status=VAAPIStatus.AVAILABLE,
        driver=driver,
        encoders=tuple(f"{each}_vaapi" for each in encoders.split()),
        decoders=tuple(decoders.split()),
        device_path=device,
        encoder="h264_vaapi",
        low_power=tuple(f"{each}_vaapi" for each in low_power.split()),
        confirmed=True,
    )
    assert stubs.calls("vainfo") == [f"--display drm --device {device}"]
    [encode] = stubs.calls("ffmpeg")
    assert f"-vaapi_device {device}" in encode
    assert ("-low_power 1" in encode) is ("h264" in low_power)
    assert "-preset" not in encode


async def test_a_driver_that_only_changes_pictures_is_available_and_not_used(
    device: Path, stubs: Stubs
) -> None:
    stubs.add_driver("video_processing")
    found = await VAAPIDetector(device).detect()
    assert (found.status, found.encoders, found.decoders) == (VAAPIStatus.AVAILABLE, (), ())
    assert (found.confirmed, found.reason) == (False, "the driver has no h264 encoder")
    assert "intel-media-va-driver-non-free" in advise(found)


async def test_a_codec_that_the_hardware_lacks_is_not_tried(device: Path, stubs: Stubs) -> None:
    stubs.add_hardware()
    stubs.add_driver("i965")
    found = await VAAPIDetector(device, "hevc").detect()
    assert (found.confirmed, found.reason) == (False, "the driver has no hevc encoder")
    assert stubs.calls("ffmpeg") == []


async def test_a_driver_whose_encode_fails_is_lying(device: Path, stubs: Stubs) -> None:
    stubs.add_driver("radeonsi")
    stubs.add(
        "ffmpeg", "echo 'Failed to initialise VAAPI connection: -1 (unknown libva error).' >&2; exit 187"
    )
    found = await VAAPIDetector(device).detect()
    assert (found.status, found.confirmed) == (VAAPIStatus.AVAILABLE, False)
    assert found.reason == (
        "a test encode failed: Failed to initialise VAAPI connection: -1 (unknown libva error)."
    )
    assert advise(found).startswith("Update the driver")


async def test_an_encode_without_a_picture_is_no_proof(device: Path, stubs: Stubs) -> None:
    stubs.add_driver("radeonsi")
    stubs.add("ffmpeg", "echo '#software: Lavf61.7.100'")
    found = await VAAPIDetector(device).detect()
    assert (found.confirmed, found.reason) == (False, "a test encode made no picture")


async def test_a_real_ffmpeg_does_not_confirm_a_card_that_is_none(device: Path, stubs: Stubs) -> None:
    stubs.add_driver("ihd")
    found = await VAAPIDetector(device).detect()
    assert (found.status, found.confirmed) == (VAAPIStatus.AVAILABLE, False)
    assert found.reason.startswith("a test encode failed: ")


async def test_without_a_device_there_is_nothing_to_ask(tmp_path: Path, only_stubs: Stubs) -> None:
    only_stubs.add_driver("ihd")
    found = await VAAPIDetector(tmp_path / "renderD200").detect()
    assert (found.status, found.confirmed) == (VAAPIStatus.UNAVAILABLE, False)
    assert only_stubs.calls("vainfo") == []
    assert "--device /dev/dri" in advise(found)
    (tmp_path / "renderD129").touch()
    assert advise(found) == f"There is {tmp_path}/renderD129: set VAAPI_DEVICE_PATH."


async def test_without_vainfo_it_is_named_as_what_to_install(device: Path, only_stubs: Stubs) -> None:
    found = await VAAPIDetector(device).detect()
    assert (found.status, found.reason) == (VAAPIStatus.UNAVAILABLE, "the program vainfo is not installed")
    assert advise(found) == "Install vainfo (Debian, Ubuntu) or libva-utils (Fedora, Arch)."


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "echo 'vaInitialize failed with error code -1 (unknown libva error),exit' >&2; exit 3",
            "vainfo failed: it ended with exit code 3 (vaInitialize failed with error code -1 (unknown libva error),exit)",
        ),
        ("kill -SEGV $$", "vainfo failed: it was ended by SIGSEGV"),
        ("exec /nowhere", None),
    ],
)
async def test_a_vainfo_that_fails_is_an_error_and_no_crash(
    body: str, reason: str | None, device: Path, stubs: Stubs
) -> None:
    stubs.add("vainfo", body)
    found = await VAAPIDetector(device).detect()
    assert (found.status, found.encoders) == (VAAPIStatus.ERROR, ())
    assert found.reason.startswith("vainfo failed: ")
    assert reason in {None, found.reason}
    assert advise(found).startswith("Install the full driver")


async def test_a_vainfo_that_hangs_is_ended_with_all_that_it_started(
    device: Path, stubs: Stubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tobs.media.vaapi.VAINFO_SECONDS", 0.3)
    stubs.add("vainfo", "sleep 600 &\necho $! > $0.pid\nwait")
    found = await VAAPIDetector(device).detect()
    assert (found.status, found.reason) == (VAAPIStatus.ERROR, "vainfo failed: it took longer than 0.3 s")
    pid = int((stubs.folder / "vainfo.pid").read_text())
    assert is_dead(pid)


async def test_a_vainfo_that_is_no_program_is_an_error(device: Path, stubs: Stubs) -> None:
    path = stubs.folder / "vainfo"
    path.write_bytes(b"\x7fELF\x00")
    path.chmod(0o755)
    found = await VAAPIDetector(device).detect()
    assert (found.status, found.confirmed) == (VAAPIStatus.ERROR, False)


def test_output_that_is_none_is_read_as_nothing() -> None:
    report = read_vainfo("\x00VAProfile : VAEntrypoint\n: VAEntrypointVLD\nVAProfileX: VAEntrypointVLD\n")
    assert (report.driver, report.encodes, report.decodes) == ("", (), ())


@pytest.mark.parametrize("path", sorted(VAINFO.glob("*.txt")), ids=lambda path: path.stem)
def test_tabs_spaces_and_nothing_part_profiles_from_entry_points(path: Path) -> None:
    text = path.read_text()
    plain = text.replace(":\t", ": ")
    forms = [
        plain,
        plain.replace(": VAE", ":VAE"),
        plain.replace(": VAE", ":\t VAE").replace("      VA", "\tVA"),
    ]
    assert {read_vainfo(each) for each in forms} == {read_vainfo(text)}


async def test_a_card_is_asked_once_in_the_life_of_a_process(
    device: Path, stubs: Stubs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tobs.media")
    stubs.add_hardware()
    stubs.add_driver("ihd")
    first = await get_vaapi_capabilities(device)
    assert await get_vaapi_capabilities(device) is first
    assert len(stubs.calls("vainfo")) == 1
    assert caplog.messages == [f"VA-API available: {IHD} (5 encoders)"]


async def test_the_log_says_when_the_processor_does_it(
    device: Path, stubs: Stubs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tobs.media")
    stubs.add_driver("video_processing")
    await get_vaapi_capabilities(device)
    assert caplog.messages == ["CPU transcoding mode: the driver has no h264 encoder"]


def test_the_command_shows_what_was_found(
    device: Path, stubs: Stubs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAAPI_DEVICE_PATH", str(device))
    stubs.add_hardware()
    stubs.add_driver("ihd_low_power")
    done = run_tobs("detect-vaapi")
    assert done.code == 0
    assert f"driver          {LOW}\n" in done.out
    assert "low power only  h264_vaapi, hevc_vaapi, vp9_vaapi\n" in done.out
    assert done.out.endswith("\nVideos are encoded by hardware.\n")
    monkeypatch.setenv("FORCE_CPU_TRANSCODE", "true")
    assert run_tobs("detect-vaapi").out.endswith("by the processor, since FORCE_CPU_TRANSCODE is set.\n")
    document = json.loads(run_tobs("detect-vaapi", "--json").out)
    assert (document["status"], document["confirmed"], document["used"]) == ("available", True, False)


def test_the_command_ends_well_where_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOBS_VAAPI_DEVICE_PATH", str(tmp_path / "nothing"))
    done = run_tobs("detect-vaapi", "--json", "-v")
    document = json.loads(done.out)
    assert (done.code, document["status"], document["encoders"]) == (0, "unavailable", [])
    assert document["reason"] == f"there is no device {tmp_path}/nothing"
    assert document["advice"]
    assert "CPU transcoding mode" in done.err
