"""Which messages the filters of a search mean (core.telegram.org/type/MessagesFilter)."""

from collections.abc import Callable
from typing import Any

from telethon.tl import types

_PLACES = (types.MessageMediaGeo, types.MessageMediaGeoLive, types.MessageMediaVenue)
_LINKS = (types.MessageEntityUrl, types.MessageEntityTextUrl)


def _media(message: Any) -> Any:
    return getattr(message, "media", None)


def _is_photo(message: Any) -> bool:
    return isinstance(getattr(_media(message), "photo", None), types.Photo)


def _attribute(message: Any, kind: Any) -> Any:
    """Return the attribute of that type of the file in a message, or None."""
    document = getattr(_media(message), "document", None)
    attributes = getattr(document, "attributes", [])
    return next((each for each in attributes if isinstance(each, kind)), None)


def _is_gif(message: Any) -> bool:
    return _attribute(message, types.DocumentAttributeAnimated) is not None


def _is_round(message: Any) -> bool:
    video = _attribute(message, types.DocumentAttributeVideo)
    return video is not None and bool(video.round_message)


def _is_video(message: Any) -> bool:
    video = _attribute(message, types.DocumentAttributeVideo)
    is_sticker = _attribute(message, types.DocumentAttributeSticker) is not None
    return video is not None and not video.round_message and not is_sticker and not _is_gif(message)


def _is_voice(message: Any) -> bool:
    audio = _attribute(message, types.DocumentAttributeAudio)
    return audio is not None and bool(audio.voice)


def _is_music(message: Any) -> bool:
    audio = _attribute(message, types.DocumentAttributeAudio)
    return audio is not None and not audio.voice


def _is_document(message: Any) -> bool:
    if not isinstance(getattr(_media(message), "document", None), types.Document):
        return False
    special = (
        types.DocumentAttributeVideo,
        types.DocumentAttributeAudio,
        types.DocumentAttributeAnimated,
        types.DocumentAttributeSticker,
    )
    return _attribute(message, special) is None


def _has_link(message: Any) -> bool:
    entities = getattr(message, "entities", None) or []
    return isinstance(_media(message), types.MessageMediaWebPage) or any(
        isinstance(each, _LINKS) for each in entities
    )


def _of_media(*kinds: Any) -> Callable[[Any], bool]:
    return lambda message: isinstance(_media(message), kinds)


def _of_action(kind: Any) -> Callable[[Any], bool]:
    return lambda message: isinstance(getattr(message, "action", None), kind)


FILTERS: dict[Any, Callable[[Any], bool]] = {
    types.InputMessagesFilterEmpty: lambda _message: True,
    types.InputMessagesFilterPhotos: _is_photo,
    types.InputMessagesFilterVideo: _is_video,
    types.InputMessagesFilterPhotoVideo: lambda message: _is_photo(message) or _is_video(message),
    types.InputMessagesFilterDocument: _is_document,
    types.InputMessagesFilterUrl: _has_link,
    types.InputMessagesFilterGif: _is_gif,
    types.InputMessagesFilterVoice: _is_voice,
    types.InputMessagesFilterMusic: _is_music,
    types.InputMessagesFilterChatPhotos: _of_action(types.MessageActionChatEditPhoto),
    types.InputMessagesFilterRoundVideo: _is_round,
    types.InputMessagesFilterRoundVoice: lambda message: _is_round(message) or _is_voice(message),
    types.InputMessagesFilterGeo: _of_media(*_PLACES),
    types.InputMessagesFilterContacts: _of_media(types.MessageMediaContact),
    types.InputMessagesFilterPinned: lambda message: bool(getattr(message, "pinned", None)),
    types.InputMessagesFilterPhoneCalls: _of_action(types.MessageActionPhoneCall),
    types.InputMessagesFilterMyMentions: lambda message: bool(message.mentioned),
    types.InputMessagesFilterPoll: _of_media(types.MessageMediaPoll),
}
"""By the filter's type: whether it finds a message."""
