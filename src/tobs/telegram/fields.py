"""Which fields of Telegram's objects are not part of what a message says, and which change without an edit.

Everything that is not named here is content: a field of a typed record (core/media.py, core/model.py), or kept under
Telegram's own name in `other`. A field may stand here only with its reason.

The rule for what moves: it goes to the counters when the service or other people change it again and again, or when
it is about the reader rather than the message, and its older states are worth nothing. What may vanish for good (the
preview of a link, a story, a bought medium) is content although nobody edits it: as a version it outlives that.
"""

from __future__ import annotations

TRANSPORT = {
    "access_hash": "a key that is good for one account only",
    "file_reference": "a key that expires within hours",
    "dc_id": "where Telegram's servers keep the bytes",
    "stripped_thumb": "a blur of some pixels to show while the picture loads",
    "webpage_id": "the number of a preview on Telegram's servers",
    "min": "the answer left out what is the reader's own",
    "BotApp.hash": "a key of the client's cache",
    "Document.thumbs": "smaller pictures made by Telegram of the same medium",
    "DocumentAttributeVideo.preload_prefix_size": "how to stream the bytes",
    "DocumentAttributeVideo.supports_streaming": "how to stream the bytes",
    "FactCheck.hash": "a key of the client's cache",
    "Message.out": "the sender tells it; where the sender is not one's own account, it stands in the counters",
    "Message.peer_id": "the chat in whose rows the message stands",
    "Message.post": "a channel is its own sender; where it is not, the flag is kept",
    "MessageReplies.replies_pts": "a position in the stream of updates",
    "MessageService.out": "the sender tells it; where the sender is not one's own account, it stands in the counters",
    "MessageService.peer_id": "the chat in whose rows the message stands",
    "MessageService.post": "a channel is its own sender; where it is not, the flag is kept",
    "Photo.sizes": "the largest size is kept as width, height and bytes; the others are made of it",
    "Poll.hash": "a key of the client's cache",
    "WebPage.hash": "a key of the client's cache",
    "WebPage.id": "the number of a preview on Telegram's servers",
    "WebPageEmpty.id": "the number of a preview on Telegram's servers",
    "WebPagePending.id": "the number of a preview on Telegram's servers",
}
"""Fields that are left out, by name or `Constructor.name`, and why."""

TRANSPORT_TYPES = {
    **dict.fromkeys(
        ("PhotoSizeEmpty", "PhotoSize", "PhotoCachedSize", "PhotoStrippedSize", "PhotoSizeProgressive", "PhotoPathSize"),
        "a smaller picture made by Telegram; of photos the largest is kept as width, height and bytes",
    ),
    "VideoSize": "an animated picture made by Telegram of the same medium",
}  # fmt: skip
"""Objects that are left out wherever they stand, and why."""

KEPT_FIELDS = {
    **dict.fromkeys(
        ("Chat", "ChatForbidden", "ChatEmpty", "Channel", "ChannelForbidden", "Community", "CommunityForbidden"),
        ("id", "title", "username"),
    ),
}  # fmt: skip
"""Objects of which only these fields are kept: the rest describes a chat, not the message that names it."""

_GIFT = {
    "sold_out": "changes as others buy", "availability_remains": "changes as others buy",
    "availability_resale": "changes as others sell", "first_sale_date": "changes as others sell",
    "last_sale_date": "changes as others sell", "resell_min_stars": "changes as others sell",
    "per_user_remains": "is about the reader", "locked_until_date": "is about the reader",
    "upgrade_variants": "changes as gifts are made",
}  # fmt: skip

_UNIQUE_GIFT = {
    **dict.fromkeys(
        (
            "owner_id", "owner_name", "owner_address", "gift_address", "resell_amount", "resale_ton_only", "host_id",
            "offer_min_stars", "burned", "theme_peer",
        ),
        "changes as the gift goes from hand to hand",
    ),
    **dict.fromkeys(
        ("availability_issued", "value_amount", "value_currency", "value_usd_amount", "craft_chance_permille"),
        "changes with the market",
    ),
}  # fmt: skip

_MESSAGE = {
    "mentioned": "is about the reader",
    "media_unread": "is about the reader, and changes when the medium is opened",
    "legacy": "is about the client: it should ask again with a newer layer",
    "from_boosts_applied": "changes as the sender gives boosts to the chat",
    "restriction_reason": "changes with the laws of a country, and differs by client",
    "video_processing_pending": "changes when Telegram has made the copies of a video",
    "summary_from_language": "is about the reader: Telegram would sum the message up in another language",
    "report_delivery_until_date": "is about the client: it should report that it showed the message",
    "reactions_are_possible": "changes with the settings of the chat",
    "views": "changes as people look",
    "forwards": "changes as people forward",
    "replies": "changes as people answer",
    "reactions": "changes as people react",
    "pinned": "changes without an edit",
    "from_rank": "is the sender's title in the chat now, and changes on all messages at once",
    "factcheck": "is added by others, differs by country, and changes without an edit",
    "suggested_post": "changes as both sides agree or refuse",
}

_GIFT_ACTION = dict.fromkeys(
    ("saved", "converted", "upgraded", "refunded", "can_upgrade", "upgrade_msg_id"),
    "changes with what its receiver does with the gift",
)

_UNIQUE_GIFT_ACTION = dict.fromkeys(
    (
        "saved", "refunded", "can_export_at", "transfer_stars", "can_transfer_at", "can_resell_at",
        "drop_original_details_stars", "can_craft_at",
    ),
    "changes with what its receiver does with the gift",
)  # fmt: skip

_VOTES = dict.fromkeys(("results", "total_voters", "recent_voters"), "changes as people vote")

MOVING: dict[str, dict[str, str]] = {
    "Message": _MESSAGE,
    "MessageService": _MESSAGE,
    "MessageReplies": dict.fromkeys(
        ("replies", "comments", "recent_repliers", "channel_id", "max_id", "read_max_id"), "changes as people answer"
    ),
    "MessageReactions": dict.fromkeys(
        ("results", "can_see_list", "reactions_as_tags", "recent_reactions", "top_reactors"), "changes as people react"
    ),
    "MessageMediaDocument": {"alt_documents": "changes when Telegram has made the copies of a video"},
    "Poll": {"creator": "is about the reader"},
    "PollResults": {
        **_VOTES, "has_unread_votes": "is about the reader", "can_view_stats": "is about the reader",
    },
    "StoryItem": {
        "views": "changes as people look", "sent_reaction": "is about the reader", "out": "is about the reader",
        "pinned": "changes when the story is put on its owner's page",
    },
    "Page": {"views": "changes as people look"},
    "WebPageNotModified": {"cached_page_views": "changes as people look"},
    "StarGift": _GIFT,
    "StarGiftUnique": _UNIQUE_GIFT,
    "MessageActionStarGift": _GIFT_ACTION,
    "MessageActionStarGiftUnique": _UNIQUE_GIFT_ACTION,
}  # fmt: skip
"""Fields that go to the counters, by constructor, and why."""

WAYS: dict[str, tuple[str, ...]] = {
    "Message": ("media", "reply_to"),
    "MessageService": ("action", "reply_to"),
    "MessageReplyHeader": ("reply_media",),
    "MessageMediaPoll": ("poll", "results", "attached_media"),
    "Poll": ("answers",),
    "PollAnswer": ("media",),
    "PollResults": ("solution_media",),
    "MessageMediaStory": ("story",),
    "StoryItem": ("media",),
    "MessageMediaWebPage": ("webpage",),
    "WebPage": ("cached_page", "attributes"),
    "WebPageAttributeStory": ("story",),
    "WebPageAttributeUniqueStarGift": ("gift",),
    "WebPageAttributeStarGiftAuction": ("gift",),
    "MessageMediaPaidMedia": ("extended_media",),
    "MessageMediaInvoice": ("extended_media",),
    "MessageExtendedMedia": ("media",),
    "MessageActionStarGift": ("gift",),
    "MessageActionStarGiftUnique": ("gift",),
    "MessageActionStarGiftPurchaseOffer": ("gift",),
    "MessageActionStarGiftPurchaseOfferDeclined": ("gift",),
    "MessageActionSetChatTheme": ("theme",),
    "ChatThemeUniqueGift": ("gift",),
    "MessageActionPollAppendAnswer": ("answer",),
    "MessageActionPollDeleteAnswer": ("answer",),
}
"""Fields in which an object with a moving field may stand, by constructor; a test knows when one is missing."""
