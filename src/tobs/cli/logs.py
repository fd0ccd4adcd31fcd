"""Logging to stderr, without secrets."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable

from pydantic import SecretStr

from tobs.cli.options import Manner
from tobs.cli.tables import clean_text
from tobs.settings import Settings


class Redaction(logging.Filter):
    """Takes known secrets out of every line, whoever wrote it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        # A secret that is part of a longer one must not break it up.
        self._secrets = sorted({each for each in secrets if len(each) > 3}, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, redacted."""
        text = clean_text(record.getMessage())
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        record.msg, record.args = text, None
        return True


class ScreenHandler(logging.Handler):
    """Writes to whatever stderr is at that moment, so that lines do not tear a progress bar apart."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line."""
        # Titles are written by strangers: none of their escape sequences may reach the terminal.
        print("\n".join(map(clean_text, self.format(record).split("\n"))), file=sys.stderr)


def set_up_logs(settings: Settings, manner: Manner) -> None:
    """Log to stderr from LOG_LEVEL on; -q leaves errors, -v shows everything of ours."""
    level = "ERROR" if manner.quiet else "DEBUG" if manner.verbose else settings.log_level
    handler = ScreenHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Redaction(_list_secrets(settings)))
    # These the summary shows as a table.
    handler.addFilter(lambda record: record.name != "tobs.metrics")
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("tobs").setLevel(level)
    # What a library left unlooked at when a connection died is no news for a person.
    logging.getLogger("asyncio").setLevel(logging.WARNING if manner.debug else logging.CRITICAL)
    # Telethon's own log tells of every packet, messages included; what matters reaches a person as an event.
    logging.getLogger("telethon").setLevel(logging.WARNING if manner.verbose else logging.CRITICAL)


def _list_secrets(settings: Settings) -> list[str]:
    values = [settings.api_hash, settings.export_tg_code, settings.password, settings.phone_number]
    texts = [each.get_secret_value() if isinstance(each, SecretStr) else each for each in values]
    return [each for each in texts if each]
