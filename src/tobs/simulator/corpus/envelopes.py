"""What may stand around a text: replies, forwards, senders, albums, edits, reactions, counters, buttons, posts."""

from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.core.ids import mark_channel
from tobs.simulator.corpus import chats, files, people
from tobs.simulator.corpus.small import NEWS_ID
from tobs.simulator.corpus.texts import CUSTOM_EMOJI
from tobs.simulator.marks import peer_of
from tobs.simulator.script import Draft, Script
from tobs.simulator.stage import Stage

ENVELOPES_ID, POSTS_ID, COMMENTS_ID, PROTECTED_ID = 2_000_000_031, 2_000_000_032, 2_000_000_033, 2_000_000_034
_BEGIN = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)
_EARLIER = datetime(2025, 12, 24, 17, 0, tzinfo=UTC)


def put_on_envelopes(stage: Stage) -> None:
    """Put on a supergroup, a channel with its discussion group, and a protected channel."""
    script = stage.channel(
        chats.supergroup(ENVELOPES_ID, "Gallery of envelopes", "gallery_envelopes"), _BEGIN
    )
    for scene in (_replies, _forwards, _senders, _albums, _edits, _reactions, _buttons, _flags):
        scene(script)
        script.later(days=9)
    _posts(stage)
    protected = stage.channel(
        chats.broadcast(PROTECTED_ID, "Protected", "protected_demo", noforwards=True), _BEGIN
    )
    protected.say(
        None, "Do not pass this on.", post=True, views=3, forwards=0, media=files.photo_media("protected")
    )


def _replies(script: Script) -> None:
    first = script.say(people.ANNA, "The <b>first</b> thing that was said, with | and [[x]]")
    script.say(people.BEN, "A plain reply", reply=first)
    script.say(people.BEN, "With a quote", reply=first, quote="first thing")
    script.gap(1)
    gone = types.MessageReplyHeader(reply_to_msg_id=4)
    script.say(people.GRETA, "A reply to a deleted message", reply_to=gone)
    script.say(people.GRETA, "A reply to a reply", reply=script.drafts[1])
    for text, header in _foreign_replies():
        script.say(people.HUGO, text, reply_to=header)


def _foreign_replies() -> list[tuple[str, Any]]:
    news = peer_of(mark_channel(NEWS_ID))
    closed = types.MessageFwdHeader(_EARLIER, from_name="Hidden Person")
    return [
        (
            "A reply to a message of another chat",
            types.MessageReplyHeader(
                reply_to_msg_id=5,
                reply_to_peer_id=news,
                reply_from=types.MessageFwdHeader(_EARLIER, from_id=news, channel_post=5),
            ),
        ),
        (
            "A reply to a chat that nobody here can see",
            types.MessageReplyHeader(
                quote=True,
                quote_text="words from elsewhere",
                reply_from=closed,
                reply_media=files.photo_media("elsewhere"),
            ),
        ),
        ("A reply to a story", types.MessageReplyStoryHeader(peer_of(people.ANNA), 8)),
        ("A reply to a task", types.MessageReplyHeader(reply_to_msg_id=1, todo_item_id=2)),
        ("A reply to an answer of a poll", types.MessageReplyHeader(reply_to_msg_id=1, poll_option=b"1")),
        (
            "A quote with entities, not from the start",
            types.MessageReplyHeader(
                reply_to_msg_id=1,
                quote=True,
                quote_text="first thing",
                quote_entities=[types.MessageEntityBold(0, 5)],
                quote_offset=4,
            ),
        ),
    ]


def _forwards(script: Script) -> None:
    news = peer_of(mark_channel(NEWS_ID))
    anna = peer_of(people.ANNA)
    for text, header in (
        ("From a user", types.MessageFwdHeader(_EARLIER, from_id=anna)),
        ("From somebody who hides", types.MessageFwdHeader(_EARLIER, from_name="Hidden [[Person]] | #1")),
        ("From a deleted account", types.MessageFwdHeader(_EARLIER, from_id=peer_of(people.DELETED))),
        (
            "A channel post",
            types.MessageFwdHeader(_EARLIER, from_id=news, channel_post=5, post_author="Ed. *M*"),
        ),
        (
            "From a channel nobody knows",
            types.MessageFwdHeader(_EARLIER, from_id=types.PeerChannel(2_999_999_999), channel_post=1),
        ),
        (
            "Imported from another app",
            types.MessageFwdHeader(_EARLIER, from_name="Old Friend", imported=True),
        ),
        (
            "Saved from a chat",
            types.MessageFwdHeader(
                _EARLIER, from_id=anna, saved_from_peer=anna, saved_from_msg_id=3, saved_out=True
            ),
        ),
        ("A public notice", types.MessageFwdHeader(_EARLIER, from_id=news, psa_type="covid")),
        (
            "Saved, sender hidden",
            types.MessageFwdHeader(_EARLIER, from_name="X", saved_from_name="Y", saved_date=_EARLIER),
        ),
    ):
        script.say(people.BEN, text, fwd_from=header)


def _senders(script: Script) -> None:
    script.say(script.chat, "The group itself speaks: an anonymous admin", post_author="Guardian")
    script.say(mark_channel(NEWS_ID), "A channel as sender")
    script.say(None, "No sender at all")
    script.say(people.DELETED, "I am deleted")
    script.say(people.NAMELESS, "I have no visible name")
    script.say(999_999, "A user that the answer does not describe")
    script.say(people.HOSTILE, "My name is the attack")
    script.say(people.EMI, "名前は漢字です")
    script.say(people.POLL_BOT, "A bot")
    script.say(people.ANNA, "By way of a bot", via_bot_id=people.POLL_BOT)
    script.say(people.ANNA, "By way of a business bot", via_business_bot_id=people.POLL_BOT)
    script.say(people.ANNA, "With a rank", from_rank="captain", from_boosts_applied=3)


def _albums(script: Script) -> None:
    def pictures(count: int) -> list[Any]:
        return [files.photo_media(f"envelope/{len(script.drafts)}/{number}") for number in range(count)]

    script.album(people.ANNA, pictures(2), {0: "Words on the first"})
    script.album(people.ANNA, pictures(3), {1: "Words on the <b>second</b>"})
    script.album(people.ANNA, pictures(10), {})
    script.album(people.BEN, pictures(4), {0: "One", 1: "Two", 3: "Four"}, reply=script.drafts[0])
    script.album(people.BEN, [files.video("a"), files.photo_media("b"), files.video("c")], {2: "Mixed"})
    script.album(
        people.BEN,
        [files.named("a.txt", "text/plain", 3), files.named("b.txt", "text/plain", 4)],
        {1: "Files"},
    )
    # A member was deleted, and an album of one is all that is left of another.
    script.gap(1)
    script.album(people.GRETA, pictures(1), {0: "The last of an album"})


def _edits(script: Script) -> None:
    script.edit(script.say(people.ANNA, "Edited after a minute"), 60)
    script.edit(script.say(people.ANNA, "Edited after a month"), 30 * 86_400)
    script.edit(script.say(people.ANNA, "Changed only by a reaction"), 5, edit_hide=True)
    script.edit(script.say(people.ANNA, "Edited media", media=files.photo_media("edited")), 600)


def _reactions(script: Script) -> None:
    def count(reaction: Any, number: int, chosen: int | None = None) -> types.ReactionCount:
        return types.ReactionCount(reaction, number, chosen_order=chosen)

    thumb, heart, paid = types.ReactionEmoji("👍"), types.ReactionEmoji("❤"), types.ReactionPaid()
    recent = [types.MessagePeerReaction(peer_of(people.BEN), _BEGIN, thumb, big=True)]
    for text, reactions in (
        ("One", types.MessageReactions([count(thumb, 1)])),
        (
            "Several, one of mine",
            types.MessageReactions(
                [count(thumb, 3, 0), count(heart, 12)], can_see_list=True, recent_reactions=recent
            ),
        ),
        ("Custom emoji", types.MessageReactions([count(types.ReactionCustomEmoji(CUSTOM_EMOJI), 2)])),
        (
            "Paid",
            types.MessageReactions(
                [count(paid, 250), count(thumb, 1)],
                top_reactors=[types.MessageReactor(250, top=True, anonymous=True)],
            ),
        ),
        ("A million", types.MessageReactions([count(thumb, 1_234_567)], min=True)),
        ("None left", types.MessageReactions([])),
        ("Tags of saved messages", types.MessageReactions([count(heart, 1, 0)], reactions_as_tags=True)),
    ):
        script.say(people.ANNA, text, reactions=reactions)


def _buttons(script: Script) -> None:
    inline = [
        types.KeyboardInlineButton("Open [[x]]", types.InlineButtonTypeUrl("https://example.org/?a=1&b=2")),
        types.KeyboardInlineButton("Press", types.InlineButtonTypeCallback(b"\x00\xff")),
        types.KeyboardInlineButton("Copy", types.InlineButtonTypeCopy("text")),
        types.KeyboardInlineButton("Person", types.InlineButtonTypeUserProfile(people.ANNA)),
        types.KeyboardInlineButton("Pay", types.InlineButtonTypeBuy()),
    ]
    script.say(
        people.POLL_BOT,
        "Buttons",
        reply_markup=types.ReplyInlineMarkup([types.KeyboardInlineButtonRow(inline)]),
    )
    keys = types.KeyboardButtonRow([types.KeyboardButton("Yes", types.ButtonTypeDefault())])
    script.say(
        people.POLL_BOT, "A keyboard", reply_markup=types.ReplyKeyboardMarkup([keys], placeholder="Choose")
    )
    script.say(people.POLL_BOT, "Keyboard gone", reply_markup=types.ReplyKeyboardHide())
    script.say(people.POLL_BOT, "Answer me", reply_markup=types.ReplyKeyboardForceReply())


def _flags(script: Script) -> None:
    words = types.TextWithEntities("This is not quite so.", [])
    blocks = [
        types.PageBlockHeader(types.TextPlain("Rich")),
        types.PageBlockParagraph(types.TextItalic(types.TextPlain("words"))),
    ]
    for text, fields in (
        ("Pinned", {"pinned": True}),
        ("Silent", {"silent": True}),
        ("Scheduled", {"from_scheduled": True}),
        ("Protected", {"noforwards": True}),
        ("Mentioned and unheard", {"mentioned": True, "media_unread": True, "media": files.voice("unheard")}),
        ("Disappears", {"ttl_period": 86_400}),
        ("Away message", {"offline": True}),
        ("With an effect", {"effect": 5_104_841_245_755_180_586}),
        ("Paid for", {"paid_message_stars": 10}),
        ("Checked", {"factcheck": types.FactCheck(1, country="DE", text=words)}),
        ("Restricted", {"restriction_reason": [types.RestrictionReason("all", "copyright", "Not here")]}),
        ("Caption above", {"invert_media": True, "media": files.photo_media("inverted")}),
        ("Suggested", {"suggested_post": types.SuggestedPost(accepted=True, price=types.StarsAmount(5, 0))}),
        ("Repeats", {"schedule_repeat_period": 604_800}),
        ("Summed up", {"summary_from_language": "de"}),
        ("", {"rich_message": types.RichMessage(blocks, photos=[], documents=[])}),
        ("Half of it", {"rich_message": types.RichMessage(blocks[:1], photos=[], documents=[], part=True)}),
        ("Until then", {"report_delivery_until_date": _BEGIN}),
    ):
        script.say(people.ANNA, text, **fields)


def _posts(stage: Stage) -> None:
    """Write a channel with comments: each post is forwarded by the service into the discussion group."""
    posts_id = mark_channel(POSTS_ID)
    channel = chats.broadcast(POSTS_ID, "Gallery of posts", "gallery_posts", signatures=True, has_link=True)
    group = chats.supergroup(COMMENTS_ID, "Gallery of posts Chat", has_link=True)
    posts = stage.channel(
        channel, _BEGIN, full={"linked_chat_id": COMMENTS_ID, "about": "Posts with comments"}
    )
    talk = stage.channel(group, _BEGIN, full={"linked_chat_id": POSTS_ID})
    posts.act(posts_id, types.MessageActionChannelCreate("Gallery of posts"), post=True)
    talk.act(people.ANNA, types.MessageActionChannelCreate("Gallery of posts Chat"))
    for number in range(6):
        replies = types.MessageReplies(number, 10, comments=True, channel_id=COMMENTS_ID, recent_repliers=[])
        post = posts.say(
            None,
            f"<b>Post {number}</b>\nWith #news",
            post=True,
            views=10**number,
            forwards=number * 3,
            replies=replies,
            post_author="Anna K.",
        )
        root = _auto_forward(talk, posts_id, post)
        for comment in range(number):
            _comment(talk, root, comment, f"Comment {comment} on post {number}")
        posts.later(days=5)
        talk.clock = max(talk.clock, posts.clock)


def _auto_forward(talk: Script, channel: int, post: Draft) -> Draft:
    origin = types.MessageFwdHeader(
        post.date,
        from_id=peer_of(channel),
        channel_post=0,
        saved_from_peer=peer_of(channel),
        saved_from_msg_id=0,
    )
    root = talk.say(
        channel, message=post.message.message, entities=post.message.entities, fwd_from=origin, pinned=True
    )
    root.links += [(origin, "channel_post", post), (origin, "saved_from_msg_id", post)]
    return root


def _comment(talk: Script, root: Draft, number: int, text: str) -> None:
    """Write a comment; one that answers another comment names the root of the thread as well."""
    answered = talk.drafts[-1] if number % 3 == 2 else root
    written = talk.say((people.BEN, people.GRETA)[number % 2], text, reply=answered)
    if answered is not root:
        written.links.append((written.message.reply_to, "reply_to_top_id", root))
