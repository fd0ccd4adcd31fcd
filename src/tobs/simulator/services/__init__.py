"""What the simulated Telegram can answer, one module a namespace; importing the package registers all services."""

from tobs.simulator.services import (
    account,
    auth,
    channels,
    contacts,
    dialogs,
    folders,
    forums,
    groups,
    help,  # noqa: A004 - named after Telegram's namespace
    history,
    invites,
    members,
    saved,
    search,
    takeout,
    threads,
    updates,
    users,
)

__all__ = [
    "account",
    "auth",
    "channels",
    "contacts",
    "dialogs",
    "folders",
    "forums",
    "groups",
    "help",
    "history",
    "invites",
    "members",
    "saved",
    "search",
    "takeout",
    "threads",
    "updates",
    "users",
]
