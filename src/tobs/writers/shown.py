"""What of a message a format shows, declared as patterns of paths (core/patterns.py); a test draws each to prove it.

A pattern behind `!` takes back what others say. Words that show by themselves, a hashtag or a phone number, are shown
as words; that they are one is declared apart.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from functools import cached_property

from tobs.core.actions import KINDS, list_said
from tobs.core.census import Census, Verdict
from tobs.core.model import Message
from tobs.core.patterns import make_pattern, merge_blocks


class Shown:
    """What a format shows; made of lines of patterns. Can be pickled, and is cheap until it is asked."""

    def __init__(self, *patterns: str) -> None:
        self.patterns = tuple(each for text in patterns for each in text.split())

    def holds(self, path: str) -> bool:
        """Tell whether the format shows what stands at a path."""
        path = merge_blocks(path)
        return bool(self._shown.fullmatch(path)) and not self._denied.fullmatch(path)

    def list_hidden(self, message: Message) -> AbstractSet[str]:
        """Return the paths of what occurs and is not shown: of what lies within another, only the outermost."""
        return self._census.list_paths(message)

    def _judge(self, path: str) -> Verdict:
        return Verdict.ENTER if self.holds(path) else Verdict.STOP

    @cached_property
    def _shown(self) -> re.Pattern[str]:
        return make_pattern([each for each in self.patterns if each[0] != "!"])

    @cached_property
    def _denied(self) -> re.Pattern[str]:
        return make_pattern([each[1:] for each in self.patterns if each[0] == "!"])

    @cached_property
    def _census(self) -> Census:
        return Census(self._judge)


EVERYTHING = Shown("**")
"""What formats show that have the records themselves."""

_FILES = "{animation,audio,document,photo,round,sticker,video,voice}"

_SENTENCES = " ".join(
    f"action.{kind}.values.{{{','.join(said)}}}" for kind in sorted(KINDS) if (said := list_said(kind))
)

SCENE = f"""
    author is_edit_hidden unsupported via_bot_id via_business_bot_id buttons{{,.url}}
    forward{{,.author,.from_id,.is_imported,.name,.post_id,.psa}}
    reply{{,.chat_id,.is_topic,.poll_option,.quote,.story_id,.task_id,.to_id,.top_id,.origin{{,.from_id,.name}}}}

    counters.{{forwards,is_pinned,replies,views,voters}}
    counters.{{poll{{,.is_correct,.is_own}},reactions{{,.is_own}}}}
    counters.fact_check{{,.country,.text}}
    counters.suggestion{{,.amount,.currency,.date,.is_accepted,.is_rejected}}

    action.{{{",".join(sorted(KINDS))}}} {_SENTENCES}
    action.*.values.answer.PollAnswer{{,.text.TextWithEntities{{,.text}}}}
    action.*.values.birthday.Birthday{{,.day,.month,.year}}
    action.*.values.gift.{{StarGift,StarGiftUnique}}{{,.title}}
    action.*.values.list.TodoItem{{,.title.TextWithEntities{{,.text}}}}
    action.*.values.message.TextWithEntities{{,.text}}
    action.*.values.price.*{{,.amount}}
    action.*.values.theme.ChatTheme{{,.emoticon}}
    action.requested_peer_sent_me.values.peers.*{{,.user_id,.chat_id,.channel_id}}

    {{media,media.*.items,media.photo.clip,page.media}}.{_FILES}{{,.duration_s,.height,.is_spoiler,.ttl_seconds,.width}}
    {{media,media.*.items,media.photo.clip,page.media}}.{_FILES}.file.*{{,.name,.size_bytes}}
    media.audio.{{performer,title}} {{media,media.photo.clip}}.sticker.emoji
    {{media,media.*.items}}.dice{{,.amount,.currency,.emoji,.value}}
    media.contact{{,.contact{{,.first_name,.last_name}}}}
    media.expired{{,.title}}
    media.game{{,.description,.title}}
    media.{{geo,live_geo,venue}}{{,.place{{,.address,.live_seconds,.title}}}}
    media.giveaway{{,.amount,.countries,.currency,.description,.peer_ids,.until,.value}}
    media.giveaway_results{{,.description,.peer_ids,.value}}
    media.invoice{{,.amount,.currency,.description,.receipt_id,.title}}
    media.paid{{,.amount}}
    media.poll{{,.poll{{,.answers,.is_closed,.is_multiple,.is_open,.is_public,.is_quiz,.close_date,.solution}}}}
    media.story{{,.date,.description,.peer_id,.state}}
    media.todo{{,.tasks{{,.done_at,.done_by}},.title}}
    media.unsupported{{,.title}}
    media.video_stream
    media.webpage{{,.description,.site,.title,.url}}

    page{{,.is_part}} page.blocks.*{{,.text}}
    page.blocks.{{article,embed,embed_post,photo}}.value page.blocks.*.title.title{{,.text}} page.blocks.*.{{caption,credit}}.*{{,.text}}
    page.blocks.*.caption.*.credit.credit{{,.text}}
    page.blocks.{{author_date,embed_post}}.date
    page.blocks.{{audio,document,embed,map,photo,video}}.media.*{{,.file.*,.place}}
    page.blocks.blockquote.is_folded page.blocks.button_row.buttons{{,.url}}
    page.blocks.cell.{{columns,is_header}} page.blocks.item.{{has_box,is_done}}
"""
"""What formats for people show alike."""
