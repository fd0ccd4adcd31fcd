"""messages.search and getSearchCounters: messages of one chat by words, sender, date and kind."""

from collections.abc import Callable
from typing import Any

from telethon.tl import functions, types

from tobs.simulator.access import account_id, find_speaker, find_user, mark_input, open_chat
from tobs.simulator.dispatch import Context, RpcError, serves
from tobs.simulator.kinds import FILTERS
from tobs.simulator.logs import Log
from tobs.simulator.marks import marked_of
from tobs.simulator.model import Chat, Kind
from tobs.simulator.overlay import PickedLog
from tobs.simulator.reading import read_page, seconds_of
from tobs.simulator.services.saved import saved_list
from tobs.simulator.topics import thread_of, topic_of


@serves(functions.messages.SearchRequest)
def search(context: Context, request: Any) -> Any:
    """Answer one page of what is found; dates are exclusive, and the count is that of all that is found."""
    chat = open_chat(context, request.peer)
    log = _part(context, chat, request)
    log = PickedLog(log, log.matching(_test_of(context, chat, request)))
    return read_page(context, chat, _between_dates(log, request), request)


@serves(functions.messages.GetSearchCountersRequest)
def get_search_counters(context: Context, request: Any) -> list[Any]:
    """Answer how many messages of each kind there are."""
    chat = open_chat(context, request.peer)
    log = _part(context, chat, request)
    return [
        types.messages.SearchCounter(kind, len(log.matching(_find_filter(kind)))) for kind in request.filters
    ]


def _part(context: Context, chat: Chat, request: Any) -> Log:
    """Return the messages of the topic or saved list that the request names, else all."""
    if request.top_msg_id:
        home = topic_of if chat.kind is Kind.FORUM else thread_of
        return PickedLog(chat.log, chat.log.matching(lambda message: home(message) == request.top_msg_id))
    if request.saved_peer_id is not None:
        viewer = account_id(context)
        return saved_list(chat, viewer, mark_input(request.saved_peer_id, viewer))
    return chat.log


def _between_dates(log: Log, request: Any) -> Log:
    newer, older = seconds_of(request.min_date), seconds_of(request.max_date)
    low = log.rank_of_date(newer + 1) if newer else 0
    high = log.rank_of_date(older) if older else len(log)
    return PickedLog(log, range(low, max(low, high)))


def _find_filter(kind: Any) -> Callable[[Any], bool]:
    test = FILTERS.get(type(kind))
    if test is None:
        raise RpcError(400, "INPUT_FILTER_INVALID")
    return test


def _test_of(context: Context, chat: Chat, request: Any) -> Callable[[Any], bool]:
    is_kind = _find_filter(request.filter)
    words = request.q.casefold()
    viewer = account_id(context)
    sender = _find_author(context, request.from_id) if request.from_id is not None else 0

    def is_found(message: Any) -> bool:
        if sender and _sender(message, chat, viewer) != sender:
            return False
        return is_kind(message) and words in (message.message or "").casefold()

    return is_found


def _find_author(context: Context, peer: Any) -> int:
    """Return the marked id of a sender, refused with FROM_PEER_INVALID when the access hash is not right."""
    match peer:
        case types.InputPeerUser() | types.InputPeerUserFromMessage():
            return find_user(context, peer, "FROM_PEER_INVALID")
        case types.InputPeerChannel() | types.InputPeerChannelFromMessage():
            return find_speaker(context, peer)
    return mark_input(peer, account_id(context))


def _sender(message: Any, chat: Chat, viewer: int) -> int:
    if message.from_id is not None:
        return marked_of(message.from_id)
    return viewer if message.out else chat.marked
