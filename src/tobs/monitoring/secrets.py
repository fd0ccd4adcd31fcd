"""Log lines without secrets, one line each: by their value where it is known, by how they look where it is not."""

from __future__ import annotations

import copy
import logging
import re
import time
import unicodedata
from collections.abc import Iterable

HIDDEN = "•••"
"""Stands in a line where a secret was."""

_SHORTEST = 4
"""Shorter values would also be hidden where they mean something else."""

_NAMES = (
    "access_hash|api_hash|auth_?key|bot_?token|code|cloud_password|file_reference|key|pass|passphrase|passwd|password"
    "|phone|phone_code|phone_code_hash|phone_number|proxy|secret|session|session_key|srp_id|token"
)

_QUOTED = r"b?'(?:[^'\\]|\\.)*'|b?\"(?:[^\"\\]|\\.)*\""

# Strangers write what is searched here: no pattern may take longer than in proportion to a line.
_PATTERNS = [
    re.compile(
        rf"(?i)(\b(?:\w+_)?(?:{_NAMES})['\"]?\s*[=:]\s*)({_QUOTED}|\[[^\]]{{0,500}}\]|\([^)]{{0,500}}\)|[^\s,;)}}\]]+)"
    ),
    # A user and a password in front of a host; a password may have an @ of its own.
    re.compile(r"(://)([^/\s]+)(?=@)"),
    # Keys, hashes and references, as Python or hex shows bytes.
    re.compile(r"()(\bb'(?:[^'\\]|\\.)*'|\bb\"(?:[^\"\\]|\\.)*\")"),
    re.compile(r"()(\b[0-9a-fA-F]{32,}\b)"),
    # A session as one long word, the token of a bot, and a phone number.
    re.compile(r"()(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])([A-Za-z0-9_-]{200,}={0,2})"),
    re.compile(r"()(\b\d{6,12}:[A-Za-z0-9_-]{30,}\b)"),
    re.compile(r"()(\+\d[\d \-]{6,17}\d\b)"),
]


class SafeFormatter(logging.Formatter):
    """Formats a record without secrets and without anything that moves a cursor; the message stays one line.

    Times are UTC. It works on the finished text, so that it does not matter who wrote a line, and how.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, form: str, secrets: Iterable[str] = ()) -> None:
        """`secrets` are those whose values are known."""
        super().__init__(form)
        # A secret that is part of a longer one must not break it up.
        self._secrets = sorted({each for each in secrets if len(each) >= _SHORTEST}, key=len, reverse=True)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line, whatever a stranger's title in it looks like."""
        record.message = " ".join(map(_clean, record.message.splitlines()))
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the whole text; lines of a traceback follow, set in, so that none of them looks like another record."""
        try:
            text = super().format(record)
        except Exception:  # noqa: BLE001 - one that cannot be filled in must neither end the run nor be lost
            record = copy.copy(record)
            record.msg, record.args = f"{record.msg} (cannot be filled in)", None
            text = super().format(record)
        head, *rest = text.splitlines() or [""]
        return "\n".join([self.hide(head), *(f"    {self.hide(each)}" for each in rest)])

    def hide(self, line: str) -> str:
        """Return a line without its secrets."""
        line = _clean(line)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        for pattern in _PATTERNS:
            line = pattern.sub(rf"\g<1>{HIDDEN}", line)
        return line


def _clean(line: str) -> str:
    return "".join(char for char in line if unicodedata.category(char)[0] != "C" or char == "\u200d")
