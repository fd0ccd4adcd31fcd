"""Rich messages: their blocks as elements of a page, whose own headings are of the levels above."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from markupsafe import Markup, escape

from tobs.core.media import Block, Page
from tobs.writers.clean import clean_line
from tobs.writers.html.media import Note, Piece, list_buttons, show_media
from tobs.writers.html.templates import load_macros
from tobs.writers.html.text import EMPTY, make_link, make_quote, render_code, render_line, render_text
from tobs.writers.pages import CUT, find_level, list_captions, list_loose, read_block, title_folded
from tobs.writers.scene import Scene

_SEPARATOR = Markup(" · ")
_HEADINGS = [Markup(f'<h{level} dir="auto">{{}}</h{level}>') for level in (3, 4, 5, 6, 6, 6)]  # noqa: S704 - constants
_PARAGRAPH = Markup('<p class="lines" dir="auto">{}</p>')
_TITLE = Markup('<p dir="auto"><b>{}</b></p>')
_CAPTION = Markup('<p class="note" dir="auto">{}</p>')
_DETAILS = Markup("<details><summary><bdi>{}</bdi></summary>{}</details>")
_TABLE = Markup('<div class="table"><table><tbody>{}</tbody></table></div>')
_WIDEST = 100
"""So many cells one spreads over at most; no table of a person is wider."""


def render_page(scene: Scene, page: Page) -> Markup:
    """Return the blocks of a rich message, its loose media, and whether there is more of it."""
    loose = (_draw_piece(show_media(scene, each)) for each in list_loose(page))
    cut = _draw_piece(Note(CUT)) if page.is_part else EMPTY
    return EMPTY.join([_join_blocks(scene, page.blocks), *loose, cut])


def _draw_piece(piece: Piece) -> Markup:
    drawn: Markup = load_macros("message.html").piece(piece)
    return drawn


def _join_blocks(scene: Scene, blocks: Iterable[Block]) -> Markup:
    return EMPTY.join(_render_block(scene, each) for each in blocks)


def _render_block(scene: Scene, block: Block) -> Markup:
    if level := find_level(block):
        return _HEADINGS[level - 1].format(_render_line(block))
    return _RENDERERS.get(block.kind, _render_plain)(scene, block)


def _render_plain(scene: Scene, block: Block) -> Markup:
    """Return whatever a block consists of; its kind, when that is nothing."""
    parts = [
        _render_title(block),
        _render_words(block),
        _draw_piece(show_media(scene, block.media)) if block.media else EMPTY,
        _join_blocks(scene, block.blocks),
        load_macros("message.html").buttons(list_buttons([block.buttons])) if block.buttons else EMPTY,
        _PARAGRAPH.format(make_link(block.value, block.value)) if block.value.startswith("http") else EMPTY,
        _render_captions(block),
    ]
    if not any(parts) and not block.value:
        return _draw_piece(Note(f"Not understood by this version of tobs: {clean_line(block.kind)}"))
    return EMPTY.join(parts)


def _render_line(block: Block) -> Markup:
    return render_line(read_block(block), block.entities)


def _render_title(block: Block) -> Markup:
    return _TITLE.format(_render_line(block.title)) if block.title else EMPTY


def _render_words(block: Block) -> Markup:
    said = render_text(read_block(block), block.entities)
    # A quote or code cannot stand in a paragraph.
    return Markup('<div class="lines" dir="auto">{}</div>').format(said) if said else EMPTY


def _render_captions(block: Block) -> Markup:
    return EMPTY.join(_CAPTION.format(_render_line(each)) for each in list_captions(block) if each.text)


def _render_nothing(_scene: Scene, _block: Block) -> Markup:
    return EMPTY


def _render_rule(_scene: Scene, _block: Block) -> Markup:
    return Markup("<hr>")


def _render_code(_scene: Scene, block: Block) -> Markup:
    return render_code(block.text) if block.text.strip() else EMPTY


def _render_list(scene: Scene, block: Block) -> Markup:
    items = EMPTY.join(_render_item(scene, each) for each in block.blocks)
    listed = Markup("<ol>{}</ol>") if block.kind == "ordered_list" else Markup("<ul>{}</ul>")
    return listed.format(items)


def _render_item(scene: Scene, item: Block) -> Markup:
    macros = load_macros("message.html")
    box = macros.box(item.is_done) if item.has_box else EMPTY
    said = render_text(read_block(item), item.entities)
    return Markup('<li dir="auto">{}{}{}</li>').format(box, said, _join_blocks(scene, item.blocks))


def _render_quote(scene: Scene, block: Block) -> Markup:
    parts = [_render_words(block), _join_blocks(scene, block.blocks), _render_captions(block)]
    return make_quote(EMPTY.join(parts), is_folded=block.is_folded) if any(parts) else EMPTY


def _render_details(scene: Scene, block: Block) -> Markup:
    inner = EMPTY.join([_render_words(block), _join_blocks(scene, block.blocks)])
    return _DETAILS.format(clean_line(title_folded(block)), inner)


def _render_table(_scene: Scene, block: Block) -> Markup:
    rows = (EMPTY.join(map(_render_cell, row.blocks)) for row in block.blocks)
    body = EMPTY.join(Markup("<tr>{}</tr>").format(each) for each in rows)
    return _render_title(block) + (_TABLE.format(body) if body else EMPTY)


def _render_cell(cell: Block) -> Markup:
    spread = EMPTY.join(
        Markup(' {}="{}"').format(name, min(count, _WIDEST))
        for name, count in (("colspan", cell.columns), ("rowspan", cell.rows))
        if count > 1
    )
    shape = Markup("<th{}>{}</th>") if cell.is_header else Markup("<td{}>{}</td>")
    return shape.format(spread, _render_line(cell))


def _render_post(scene: Scene, block: Block) -> Markup:
    words = [
        make_link("Post", block.value) if block.value else "Post",
        clean_line(block.credit.text) if block.credit else "",
        scene.calendar.moment(block.date) if block.date else "",
    ]
    head = _PARAGRAPH.format(_SEPARATOR.join(filter(None, words)))
    said = Block("caption", caption=block.caption)
    return make_quote(EMPTY.join([head, _join_blocks(scene, block.blocks), _render_captions(said)]))


def _render_articles(_scene: Scene, block: Block) -> Markup:
    items = EMPTY.join(Markup("<li>{}</li>").format(_render_article(each)) for each in block.blocks)
    return _render_title(block) + (Markup("<ul>{}</ul>").format(items) if items else EMPTY)


def _render_article(article: Block) -> Markup:
    title = clean_line(article.title.text if article.title else article.value) or "Article"
    words: Iterator[str] = (clean_line(each.text) for each in (article.credit, article.caption) if each)
    link = make_link(title, article.value) if article.value else escape(title)
    return _SEPARATOR.join(filter(None, [link, *words]))


def _render_date(scene: Scene, block: Block) -> Markup:
    date = scene.calendar.moment(block.date) if block.date else ""
    return _CAPTION.format(_SEPARATOR.join(filter(None, [_render_line(block), date])))


_RENDERERS: dict[str, Callable[[Scene, Block], Markup]] = {
    "anchor": _render_nothing,
    "author_date": _render_date,
    "blockquote": _render_quote,
    "blockquote_blocks": _render_quote,
    "details": _render_details,
    "divider": _render_rule,
    "embed_post": _render_post,
    "list": _render_list,
    "math": _render_code,
    "ordered_list": _render_list,
    "preformatted": _render_code,
    "pullquote": _render_quote,
    "related_articles": _render_articles,
    "table": _render_table,
    "thinking": _render_details,
}
"""How these blocks are shown; headings are headings, and all others are shown as what they consist of."""
