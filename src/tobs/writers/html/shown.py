"""What of a message a page shows."""

from __future__ import annotations

from tobs.writers.shown import SCENE, Shown

_STYLES = (
    "{blockquote,bold,code,diff_delete,diff_insert,email,italic,marked,math,mention_name,pre,spoiler,strike,subscript,"
    "superscript,text_url,underline,url}"
)

PAGES = Shown(
    SCENE,
    f"""
    {{entities,reply.entities,counters.fact_check.entities}}.{_STYLES}
    media.*.{{entities,tasks.entities,poll.entities,poll.answers.entities,poll.solution_entities}}.{_STYLES}
    page.blocks.*.entities.{_STYLES} page.blocks.*.{{title,caption,credit}}.**.entities.{_STYLES}
    !page.blocks.details.title.*.entities.** !page.blocks.preformatted.entities.** !page.blocks.anchor
    {{entities,**.entities}}.{{mention_name,text_url}}.value entities.blockquote.collapsed
    page.blocks.cell.rows
    """,
)
