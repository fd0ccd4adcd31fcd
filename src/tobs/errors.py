"""Every way in which tobs can fail, with the exit code that a script sees.

* TobsError (1)
  + UsageError (2)
    - SettingError (2)
    - ForeignFolder (2)
    - NewerArchive (2)
  + ChatNotFound (4)
    - NoAccess (4)
  + LoginError (10)
    - LoginNeeded (10)
    - WrongCode (10)
    - WrongPassphrase (10)
    - SessionRevoked (10)
  + Busy (11)
  + Damaged (12)
  + GaveUpWaiting (13)
  + NetworkError (14)
    - Unanswered (14)
  + DiskFull (15)
  + ServerError (1)
  + FileUnavailable (1)
    - StaleReference (1)
  + Skipped (1)
  + Stopped (130)

0 is done, 3 is done with something missing; no class carries those, since nothing failed. DESIGN section 7 has the list that users see.
"""

from __future__ import annotations

from typing import ClassVar

EXIT_DONE = 0
EXIT_INCOMPLETE = 3
EXIT_INTERRUPTED = 130


class TobsError(Exception):
    """Something that ends the command, said to a person: what happened, and what to do next.

    `str(error)` is one sentence; `hint` is the next step, or empty.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(TobsError):
    """The command line asks for something that does not exist or not yet."""

    exit_code = 2


class SettingError(UsageError):
    """A setting has no name or no value that tobs knows."""


class ForeignFolder(UsageError):
    """The output folder cannot be written, or holds an archive of something else."""


class NewerArchive(UsageError):
    """The archive was written by a newer version of tobs."""


class ChatNotFound(TobsError):
    """No chat goes by the name given."""

    exit_code = 4


class NoAccess(ChatNotFound):
    """The chat exists, but this account may not read it."""


class LoginError(TobsError):
    """The account cannot be used as it is."""

    exit_code = 10


class LoginNeeded(LoginError):
    """Nobody is logged in, or what a login needs is missing."""


class WrongCode(LoginError):
    """Telegram did not accept the code or the password."""


class WrongPassphrase(LoginError):
    """The passphrase does not open the stored session."""


class SessionRevoked(LoginError):
    """Telegram ended this session, or the account is banned or frozen."""


class Busy(TobsError):
    """Another tobs works with this archive or account."""

    exit_code = 11


class Damaged(TobsError):
    """The archive, its raw pages or a stored file cannot be read."""

    exit_code = 12


class GaveUpWaiting(TobsError):
    """Telegram asked for a longer wait than MAX_FLOOD_WAIT allows."""

    exit_code = 13


class NetworkError(TobsError):
    """The server cannot be reached, or stopped answering."""

    exit_code = 14


class Unanswered(NetworkError):
    """The server can be reached, but each connection breaks or stalls over one request."""


class DiskFull(TobsError):
    """No space is left where the export is written."""

    exit_code = 15


class ServerError(TobsError):
    """Telegram refused one request for a reason of its own."""


class FileUnavailable(TobsError):
    """One file cannot be had: the message is its reason, in a few words that a note can show.

    `is_lasting`: Telegram said so itself, so that asking again soon is of no use.
    """

    def __init__(self, message: str, *, hint: str = "", is_lasting: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.is_lasting = is_lasting


class StaleReference(FileUnavailable):
    """The address of a file has expired: it is to be located anew."""


class Skipped(TobsError):
    """A call that an export can do without was left out: Telegram asked to wait for it."""


class Stopped(TobsError):
    """The run was told to stop before it had this answer; nothing has failed."""

    exit_code = EXIT_INTERRUPTED
