"""The keys of this computer's part of the work."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from tobs.settings.fields import Level, UserPath, setting


class WorkKeys(BaseModel):
    """What is logged, and how much is done at once."""

    log_level: Level = setting(
        "INFO",
        "What is logged into the export folder: this level and above. The screen shows warnings, with -v everything.",
        "DEBUG, INFO, WARNING or ERROR",
    )
    log_batch_interval: float = setting(
        5,
        "For how long log lines of one kind are counted instead of written; 0 writes them all. Warnings are never held back.",
        "a number of seconds from 0 to 3600",
        unit="seconds",
        ge=0,
        le=3600,
    )
    tty_mode: Literal["auto", "force-tty", "force-non-tty"] = setting(
        "auto",
        "Whether a run is drawn for a person or told in lines for a program; auto looks at where it is shown.",
        "auto, force-tty or force-non-tty",
    )
    force_tty_mode: bool | None = setting(
        None, "The same in one word: true is force-tty, false force-non-tty. TTY_MODE wins.", "true or false"
    )
    metrics_enabled: bool = setting(
        True,
        "Whether an export measures itself and writes export_metrics.json.",
        "true or false",
    )
    metrics_interval: float = setting(
        5,
        "How often processor, memory and disk are looked at meanwhile.",
        "a number of seconds from 0.1 to 3600",
        unit="seconds",
        ge=0.1,
        le=3600,
    )
    prometheus_file: UserPath | None = setting(
        None,
        "Where an export also writes its metrics as text for Prometheus' node exporter.",
        "the path of a file that ends in .prom",
        bare=False,
    )
    max_threads: int = setting(
        0,
        "The size of the worker pool; 0 means 1.5 for each processor core.",
        "a whole number from 0 to 256",
        unit="threads",
        ge=0,
        le=256,
    )
    decode_processes: Annotated[str, StringConstraints(pattern=r"^(auto|[0-9]|[1-5][0-9]|6[0-4])$")] = (
        setting(
            "auto",
            "How many processes decode pages and draw notes beside the main one; auto is one for each processor core, and none with a single one.",
            "auto or a whole number from 0 to 64",
            unit="processes",
            bare=False,
        )
    )
    fetch_queue: int = setting(
        16,
        "How many fetched pages may wait to be decoded.",
        "a whole number from 1 to 1000",
        unit="pages",
        bare=False,
        ge=1,
        le=1000,
    )
    write_queue: int = setting(
        16,
        "How many decoded pages may wait to be committed.",
        "a whole number from 1 to 1000",
        unit="pages",
        bare=False,
        ge=1,
        le=1000,
    )
