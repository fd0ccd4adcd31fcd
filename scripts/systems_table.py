"""The table of four systems in README.md, with the numbers of a release's results."""

from __future__ import annotations

import json

from between import fill
from performance_page import RESULTS


def fill_systems_table(page: str) -> str:
    """Return the page with the table in its place."""
    found = json.loads(RESULTS.read_bytes())["scenarios"]
    slots, cache, metrics = found["memory"]["lowest_saved_pct"], found["cache"]["figures"], found["metrics"]
    first, again = (f"{cache[f'resolved_by_{run}_run']:g}" for run in ("first", "second"))
    measured = (
        "not yet: no such card where it is tested",
        f"{slots:.0f} % less at least, of the records alone; `tobs bench memory`",
        f"look-ups in a first run: {first}, in the next: {again}; `tobs bench cache`",
        f"{metrics['share_of_cpu_pct']} % of an export's processor time; `tobs bench metrics`",
    )
    rows = [f"| {' | '.join([*row, number])} |" for row, number in zip(_SYSTEMS, measured, strict=True)]
    head = ["| system | what it does | look at it | switch it off | measured |", "|---|---|---|---|---|"]
    return fill(page, f"docs/benchmarks/{RESULTS.name}", [*head, *rows])


_SYSTEMS = (
    (
        "[graphics card](docs/VAAPI_GUIDE.md) (VA-API)",
        "`--process video` encodes on the card where a test encode worked, and on the processor where none did, or the card fails",
        "`tobs detect-vaapi`",
        "`FORCE_CPU_TRANSCODE=true`",
    ),
    (
        "[slim records](docs/performance.md#tobs-bench-memory) (slots)",
        "what exists once for each message or more (message, reaction, file, cache entry) takes less memory",
        "`tobs bench memory`",
        "never: nothing is lost by it",
    ),
    (
        "[address cache](docs/caches.md) (input peers)",
        "a chat or person that was found once is not looked up again, until Telegram rejects the address",
        "`tobs cache stats`",
        "`INPUT_PEER_CACHE_SIZE=0`",
    ),
    (
        "[metrics](docs/METRICS_GUIDE.md)",
        "each run measures its stages, requests, caches and memory, and says what held it back",
        "`tobs metrics show`",
        "`METRICS_ENABLED=false`",
    ),
)
