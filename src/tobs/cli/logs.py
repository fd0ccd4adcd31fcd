"""What of the log stands on the screen: warnings and errors, with `-v` everything; the rest is in the folder's file."""

from __future__ import annotations

import logging
import sys

from tobs.cli.options import Manner
from tobs.monitoring.secrets import SafeFormatter
from tobs.settings import Settings, list_secrets


class ScreenHandler(logging.Handler):
    """Writes to whatever stderr is at that moment, so that lines do not tear a progress bar apart."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line."""
        print(self.format(record), file=sys.stderr)


def hide_secrets(text: str) -> str:
    """Return text as a log line shows it; of the values those are hidden that `set_up_logs` was told."""
    known = (each.formatter for each in logging.getLogger().handlers if isinstance(each, ScreenHandler))
    formatter = next((each for each in known if isinstance(each, SafeFormatter)), SafeFormatter(""))
    return "\n".join(map(formatter.hide, text.splitlines()))


def flush_logs() -> None:
    """Write what was counted so far."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def set_up_logs(settings: Settings, manner: Manner) -> None:
    """Log from LOG_LEVEL on, and show warnings; -q leaves errors, -v shows everything of ours."""
    handler = ScreenHandler()
    handler.setFormatter(SafeFormatter("%(levelname)s %(name)s: %(message)s", list_secrets(settings)))
    handler.setLevel("ERROR" if manner.quiet else "DEBUG" if manner.verbose else "WARNING")
    # What a library left unlooked at when a connection died is no news for a person.
    silent = set() if manner.debug else {"asyncio"}
    # Telethon's warnings are of packets and sockets; what matters reaches a person as an event.
    silent |= set() if manner.verbose else {"telethon"}
    handler.addFilter(lambda record: record.name.partition(".")[0] not in silent)
    # These a person sees anyway: as events, and as a table.
    handler.addFilter(lambda record: record.name not in {"tobs.run", "tobs.waits", "tobs.metrics"})
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("tobs").setLevel(settings.log_level)
