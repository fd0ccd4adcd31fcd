"""`tobs detect-vaapi`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tobs.cli.options import AsJson, add_command

if TYPE_CHECKING:
    from tobs.media.vaapi import VAAPICapabilities


def register(app: typer.Typer) -> None:
    """Add the command."""
    add_command(app, "detect-vaapi", detect, example="tobs detect-vaapi --json")


def detect(as_json: AsJson = False) -> None:
    """Say whether hardware encodes videos here, and what to install when it does not.

    Asks the driver by `vainfo`, then encodes a few frames. The exit code is 0 whatever is found.
    """
    from tobs.app.processing import detect_hardware
    from tobs.cli.start import open_settings, run_async
    from tobs.cli.tables import print_json
    from tobs.media.advice import advise

    settings = open_settings()
    found = run_async(detect_hardware(settings))
    is_used = found.confirmed and not settings.force_cpu_transcode
    advice = advise(found)
    if as_json:
        print_json(_as_document(found, is_used=is_used, advice=advice))
    else:
        _print_found(found, is_used=is_used, advice=advice)


def _as_document(found: VAAPICapabilities, *, is_used: bool, advice: str) -> dict[str, object]:
    import dataclasses

    return {**dataclasses.asdict(found), "used": is_used, "advice": advice}


def _print_found(found: VAAPICapabilities, *, is_used: bool, advice: str) -> None:
    from tobs.cli.tables import clean_text

    rows = {
        "status": found.status.value,
        "device": found.device_path,
        "driver": found.driver or "-",
        "encoders": ", ".join(found.encoders) or "-",
        "low power only": ", ".join(found.low_power) or "-",
        "decoders": ", ".join(found.decoders) or "-",
        "confirmed": f"yes, by an encode with {found.encoder}" if found.confirmed else f"no: {found.reason}",
    }
    for name, value in rows.items():
        print(f"{name:<14}  {clean_text(str(value))}")
    print()
    if is_used:
        print("Videos are encoded by hardware.")
    elif found.confirmed:
        print("Videos are encoded by the processor, since FORCE_CPU_TRANSCODE is set.")
    else:
        print("Videos are encoded by the processor.")
    if advice:
        print(advice)
