"""A gallery of service messages: every action that the layer knows."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator.corpus import files, people

_MOMENT = datetime(2026, 6, 1, 17, 0, tzinfo=UTC)
_CALL = types.InputGroupCall(7_700_001, 7_700_002)
_TEXT = types.TextWithEntities("Happy birthday!", [types.MessageEntityBold(0, 5)])
_ANNA = types.PeerUser(people.ANNA)
_BEN = types.PeerUser(people.BEN)
_CHANNEL_ID = 2_000_000_011
_CHANNEL = types.PeerChannel(_CHANNEL_ID)
_STARS = types.StarsAmount(250, 0)


def everything() -> list[Any]:
    """Return every action at least once, the frequent ones in their variants."""
    parts: tuple[Callable[[], list[Any]], ...] = (
        _groups,
        _calls,
        _topics,
        _money,
        _gifts,
        _privacy,
        _bots,
        _lists,
    )
    return [action for part in parts for action in part()]


def _groups() -> list[Any]:
    return [
        types.MessageActionEmpty(),
        types.MessageActionChatCreate("A [[group]] | name", [people.OWNER, people.ANNA]),
        types.MessageActionChannelCreate("A channel"),
        types.MessageActionChatEditTitle("**New** title #1"),
        types.MessageActionChatEditPhoto(files.photo("group-photo", 640, 640)),
        types.MessageActionChatDeletePhoto(),
        types.MessageActionChatAddUser([people.ANNA]),
        types.MessageActionChatAddUser([people.BEN, people.GRETA, people.DELETED]),
        types.MessageActionChatDeleteUser(people.BEN),
        types.MessageActionChatJoinedByLink(people.ANNA),
        types.MessageActionChatJoinedByRequest(),
        types.MessageActionChatJoinedViaCommunity(2_000_000_019),
        types.MessageActionChangeCommunity(2_000_000_019),
        types.MessageActionChatMigrateTo(_CHANNEL_ID),
        types.MessageActionChannelMigrateFrom("Old name", 412_345_678),
        types.MessageActionPinMessage(),
        types.MessageActionHistoryClear(),
        types.MessageActionChangeCreator(people.GRETA),
        types.MessageActionNewCreatorPending(people.GRETA),
        types.MessageActionBoostApply(4),
        types.MessageActionCustomAction("Something **custom** happened"),
        types.MessageActionContactSignUp(),
        types.MessageActionGeoProximityReached(_ANNA, _BEN, 120),
        types.MessageActionScreenshotTaken(),
    ]


def _calls() -> list[Any]:
    return [
        types.MessageActionPhoneCall(1, reason=types.PhoneCallDiscardReasonMissed()),
        types.MessageActionPhoneCall(2, reason=types.PhoneCallDiscardReasonBusy(), video=True),
        types.MessageActionPhoneCall(3, reason=types.PhoneCallDiscardReasonHangup(), duration=754),
        types.MessageActionPhoneCall(4, reason=types.PhoneCallDiscardReasonDisconnect(), duration=3),
        types.MessageActionPhoneCall(5),
        types.MessageActionConferenceCall(6, active=True, other_participants=[_ANNA, _BEN]),
        types.MessageActionConferenceCall(7, missed=True, video=True),
        types.MessageActionConferenceCall(8, duration=3_661),
        types.MessageActionGroupCall(_CALL),
        types.MessageActionGroupCall(_CALL, duration=5_400),
        types.MessageActionGroupCallScheduled(_CALL, _MOMENT),
        types.MessageActionInviteToGroupCall(_CALL, [people.ANNA, people.BEN]),
    ]


def _topics() -> list[Any]:
    return [
        types.MessageActionTopicCreate("Ideas", 0x6FB9F0),
        types.MessageActionTopicCreate(
            "", 0xFFD67E, title_missing=True, icon_emoji_id=5_312_016_608_254_762_256
        ),
        types.MessageActionTopicEdit(title="Better ideas"),
        types.MessageActionTopicEdit(closed=True),
        types.MessageActionTopicEdit(closed=False),
        types.MessageActionTopicEdit(hidden=True),
        types.MessageActionTopicEdit(icon_emoji_id=0),
    ]


def _money() -> list[Any]:
    charge = types.PaymentCharge("charge-1", "provider-1")
    address = types.PostAddress("Hafenstraße 1", "", "Kiel", "SH", "DE", "24103")
    info = types.PaymentRequestedInfo("Mira", "+15550100001", "mira@example.org", address)
    return [
        types.MessageActionPaymentSent("EUR", 1250, invoice_slug="mug"),
        types.MessageActionPaymentSent("XTR", 50, recurring_init=True, subscription_until_date=_MOMENT),
        types.MessageActionPaymentSentMe(
            "EUR", 1250, b"payload", charge, info=info, shipping_option_id="post"
        ),
        types.MessageActionPaymentRefunded(_BEN, "XTR", 50, charge, payload=b"\x00\xff"),
        types.MessageActionPaidMessagesRefunded(3, 30),
        types.MessageActionPaidMessagesPrice(10, broadcast_messages_allowed=True),
        types.MessageActionSuggestedPostApproval(schedule_date=_MOMENT, price=_STARS),
        types.MessageActionSuggestedPostApproval(rejected=True, reject_comment="Not | now"),
        types.MessageActionSuggestedPostApproval(balance_too_low=True),
        types.MessageActionSuggestedPostSuccess(types.StarsTonAmount(2_500_000_000)),
        types.MessageActionSuggestedPostRefund(payer_initiated=True),
    ]


def _gifts() -> list[Any]:
    picture = files.sticker("gift", "🎁", "animated").document
    gift = types.StarGift(
        5_170_145_012_310_081_615,
        picture,
        50,
        42,
        limited=True,
        availability_remains=91,
        availability_total=100,
        title="Rose",
    )
    unique = types.StarGiftUnique(
        91,
        5_170_145_012_310_081_615,
        "Rose",
        "Rose-7",
        7,
        [],
        availability_issued=9,
        availability_total=100,
        owner_id=_ANNA,
    )
    return [
        types.MessageActionGiftPremium("EUR", 1199, 90, message=_TEXT),
        types.MessageActionGiftPremium("XTR", 1000, 180, crypto_currency="TON", crypto_amount=5),
        types.MessageActionGiftCode(180, "slug-1", via_giveaway=True, boost_peer=_CHANNEL),
        types.MessageActionGiftCode(30, "slug-2", unclaimed=True, message=_TEXT),
        types.MessageActionGiftStars("EUR", 500, 250, transaction_id="t-1"),
        types.MessageActionGiftTon("EUR", 500, "TON", 2_000_000_000),
        types.MessageActionPrizeStars(500, "t-2", _CHANNEL, 5),
        types.MessageActionStarGift(gift, message=_TEXT, saved=True, convert_stars=42),
        types.MessageActionStarGift(gift, name_hidden=True, converted=True),
        types.MessageActionStarGiftUnique(unique, transferred=True, from_id=_ANNA),
        types.MessageActionStarGiftPurchaseOffer(unique, _STARS, _MOMENT),
        types.MessageActionStarGiftPurchaseOfferDeclined(unique, _STARS, expired=True),
        types.MessageActionGiveawayLaunch(),
        types.MessageActionGiveawayLaunch(500),
        types.MessageActionGiveawayResults(10, 2, stars=True),
    ]


def _privacy() -> list[Any]:
    encrypted = types.SecureCredentialsEncrypted(b"data", b"hash", b"secret")
    value = types.SecureValue(
        types.SecureValueTypeEmail(), b"hash", plain_data=types.SecurePlainEmail("mira@example.org")
    )
    colours = types.WallPaperSettings(background_color=0x88AACC, emoticon="🏖")
    return [
        types.MessageActionSetMessagesTTL(604_800),
        types.MessageActionSetMessagesTTL(86_400, auto_setting_from=people.ANNA),
        types.MessageActionSetMessagesTTL(0),
        types.MessageActionNoForwardsToggle(prev_value=False, new_value=True),
        types.MessageActionNoForwardsRequest(prev_value=True, new_value=False, expired=True),
        types.MessageActionSetChatTheme(types.ChatTheme("🐥")),
        types.MessageActionSetChatTheme(types.ChatTheme("")),
        types.MessageActionSetChatWallPaper(types.WallPaperNoFile(1, settings=colours), for_both=True),
        types.MessageActionSetChatWallPaper(
            types.WallPaper(
                2, 3, "waves", files.named("waves.tgv", "application/x-tgwallpattern", 9_000).document
            ),
            same=True,
        ),
        types.MessageActionSuggestProfilePhoto(files.photo("suggested", 640, 640)),
        types.MessageActionSuggestBirthday(types.Birthday(29, 2, 1996)),
        types.MessageActionSecureValuesSent([types.SecureValueTypePassport(), types.SecureValueTypePhone()]),
        types.MessageActionSecureValuesSentMe([value], encrypted),
    ]


def _bots() -> list[Any]:
    app = types.BotApp(1, 2, "tide", "Tide table", "When to swim", files.photo("app"), 0)
    return [
        types.MessageActionBotAllowed(domain="example.org"),
        types.MessageActionBotAllowed(app=app, from_request=True),
        types.MessageActionBotAllowed(attach_menu=True),
        types.MessageActionManagedBotCreated(people.POLL_BOT),
        types.MessageActionGameScore(files.file_id("game"), 4_711),
        types.MessageActionWebViewDataSent("Open the form"),
        types.MessageActionWebViewDataSentMe("Open the form", '{"a": "<b>"}'),
        types.MessageActionRequestedPeer(1, [_ANNA, _CHANNEL, types.PeerChat(412_345_679)]),
        types.MessageActionRequestedPeerSentMe(
            1,
            [
                types.RequestedPeerUser(people.ANNA, "Anna", "Kowalska", "anna_kw"),
                types.RequestedPeerChat(412_345_679, "Kitchen"),
                types.RequestedPeerChannel(_CHANNEL_ID, "Harbour News", "harbour_news_demo"),
            ],
        ),
    ]


def _lists() -> list[Any]:
    answer = types.PollAnswer(types.TextWithEntities("Sunday", []), b"3", added_by=_BEN, date=_MOMENT)
    return [
        types.MessageActionTodoCompletions(completed=[1, 3], incompleted=[2]),
        types.MessageActionTodoAppendTasks(
            [types.TodoItem(4, types.TextWithEntities("Water the **beans**", []))]
        ),
        types.MessageActionPollAppendAnswer(answer),
        types.MessageActionPollDeleteAnswer(answer),
    ]
