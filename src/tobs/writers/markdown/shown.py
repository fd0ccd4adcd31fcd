"""What of a message a note shows."""

from __future__ import annotations

from tobs.writers.shown import SCENE, Shown

_STYLES = "{blockquote,bold,code,diff_delete,diff_insert,italic,mention_name,pre,spoiler,strike,text_url,underline,url}"

NOTES = Shown(
    SCENE,
    f"""
    {{entities,reply.entities,counters.fact_check.entities}}.{_STYLES}
    media.*.{{entities,tasks.entities,poll.entities,poll.answers.entities,poll.solution_entities}}.{_STYLES}
    page.blocks.*.entities.{_STYLES}
    !page.blocks.preformatted.entities.** !page.blocks.title.entities.bold !**.sticker.{{height,width}}
    {{entities,**.entities}}.{{mention_name,text_url}}.value entities.pre.value entities.blockquote.collapsed entities.hashtag
    page.blocks.preformatted.value
    """,
)
