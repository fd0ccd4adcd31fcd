"""Rich messages: their blocks as blocks of a note.

Headings are lines in bold, since a note's own headings are its days; a rule is a line of its own sign, and what is
folded in Telegram is a folded callout. Cells of tables hold their words without styles, for a bar would end them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tobs.core.media import Block, Entity, Media, Page
from tobs.writers.cards import CARDS
from tobs.writers.clean import clean_text
from tobs.writers.markdown.addresses import make_link
from tobs.writers.markdown.cards import render_card
from tobs.writers.markdown.code import make_block
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.markdown.footer import render_buttons
from tobs.writers.markdown.media import render_file
from tobs.writers.markdown.spans import quote_block, render_line, render_text
from tobs.writers.pages import CUT, find_level, list_captions, list_loose, read_block, title_folded
from tobs.writers.scene import Scene

_RULE = "\u2e3b"


def render_page(scene: Scene, page: Page) -> Iterator[str]:
    """Yield the blocks of a rich message, its loose media, and whether there is more of it."""
    yield from _render_blocks(scene, page.blocks)
    for media in list_loose(page):
        yield render_file(scene, media)
    if page.is_part:
        yield f"*{CUT}*"


def _render_blocks(scene: Scene, blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        yield from filter(None, _render_block(scene, block))


def _render_block(scene: Scene, block: Block) -> Iterator[str]:
    render = _RENDERERS.get(block.kind)
    if find_level(block):
        yield _render_bold(scene, block)
    elif render:
        yield from render(scene, block)
    else:
        yield from _render_plain(scene, block)


def _render_plain(scene: Scene, block: Block) -> Iterator[str]:
    """Yield whatever a block consists of; its kind, when that is nothing."""
    if block.title:
        yield _render_bold(scene, block.title)
    said = _render_text(scene, block)
    yield said
    if block.media:
        yield _render_media(scene, block.media)
    yield from _render_blocks(scene, block.blocks)
    if block.buttons:
        yield render_buttons([block.buttons])
    if block.value.startswith("http"):
        yield make_link(escape_name(block.value), block.value)
    yield from _render_caption(scene, block)
    if not any((said, block.title, block.media, block.blocks, block.buttons, block.value)):
        yield f"*Not understood by this version of tobs: {escape_name(block.kind)}*"


def _render_media(scene: Scene, media: Media) -> str:
    card = CARDS.get(media.kind)
    return render_card(scene, card(scene, media)) if card else render_file(scene, media)


def _render_text(scene: Scene, block: Block) -> str:
    return render_text(read_block(block), block.entities, flavor_of(scene).kinds)


def _render_bold(scene: Scene, block: Block) -> str:
    units = len(block.text.encode("utf-16-le", "surrogatepass")) // 2
    bold = [Entity("bold", 0, units), *(each for each in block.entities if each.kind != "bold")]
    return render_line(read_block(block), bold, flavor_of(scene).kinds)


def _render_caption(scene: Scene, block: Block) -> Iterator[str]:
    for part in list_captions(block):
        if said := _render_text(scene, part):
            yield said


def _render_nothing(_scene: Scene, _block: Block) -> Iterator[str]:
    yield from ()


def _render_rule(_scene: Scene, _block: Block) -> Iterator[str]:
    yield _RULE


def _render_code(_scene: Scene, block: Block) -> Iterator[str]:
    code = clean_text(block.text)
    if code.strip():
        yield make_block(code, "tex" if block.kind == "math" else block.value)


def _render_list(scene: Scene, block: Block) -> Iterator[str]:
    items = [
        _render_item(scene, item, f"{number}." if block.kind == "ordered_list" else "-")
        for number, item in enumerate(block.blocks, start=1)
    ]
    yield ("\n\n" if any("\n\n" in each for each in items) else "\n").join(items)


def _render_item(scene: Scene, item: Block, mark: str) -> str:
    box = ("[x] " if item.is_done else "[ ] ") if item.has_box else ""
    parts = [_render_text(scene, item), *_render_blocks(scene, item.blocks)]
    body = "\n\n".join(filter(None, parts)) or "&nbsp;"
    room = " " * (len(mark) + 1)
    return f"{mark} {box}" + body.replace("\n", f"\n{room}").replace(f"\n{room}\n", "\n\n")


def _render_quote(scene: Scene, block: Block) -> Iterator[str]:
    parts = [_render_text(scene, block), *_render_blocks(scene, block.blocks), *_render_caption(scene, block)]
    if body := "\n\n".join(filter(None, parts)):
        yield flavor_of(scene).call_out(body, "[!quote]-") if block.is_folded else quote_block(body)


def _render_details(scene: Scene, block: Block) -> Iterator[str]:
    body = "\n\n".join(filter(None, [_render_text(scene, block), *_render_blocks(scene, block.blocks)]))
    yield flavor_of(scene).call_out(body, "[!info]-", escape_name(title_folded(block)))


def _render_table(scene: Scene, block: Block) -> Iterator[str]:
    if block.title:
        yield _render_bold(scene, block.title)
    rows = [[cell for each in row.blocks for cell in _spread_cell(each)] for row in block.blocks]
    width = max(map(len, rows), default=0)
    if not width:
        return
    has_header = any(each.is_header for each in block.blocks[0].blocks)
    head, body = (rows[0], rows[1:]) if has_header else ([], rows)
    yield flavor_of(scene).draw_table(*([*each, *[""] * (width - len(each))] for each in (head, *body)))


def _spread_cell(cell: Block) -> list[str]:
    """Return a cell and the empty ones over which it spreads; no table of a person is wider than this."""
    return [escape_name(read_block(cell)), *[""] * (min(cell.columns, 100) - 1)]


def _render_post(scene: Scene, block: Block) -> Iterator[str]:
    date = scene.calendar.moment(block.date) if block.date else ""
    author = escape_name(block.credit.text) if block.credit else ""
    link = make_link("Post", block.value) if block.value else "Post"
    parts = [" · ".join(filter(None, [link, author, date])), *_render_blocks(scene, block.blocks)]
    if block.caption:
        parts += list(_render_caption(scene, Block("caption", caption=block.caption)))
    yield quote_block("\n\n".join(filter(None, parts)))


def _render_articles(scene: Scene, block: Block) -> Iterator[str]:
    if block.title:
        yield _render_bold(scene, block.title)
    lines = [_render_article(each) for each in block.blocks]
    if lines:
        yield "\n".join(f"- {line}" for line in lines)


def _render_article(article: Block) -> str:
    title = escape_name(article.title.text if article.title else article.value) or "Article"
    words = [make_link(title, article.value) if article.value else title]
    words += [escape_name(part.text) for part in (article.credit, article.caption) if part]
    return " · ".join(filter(None, words))


def _render_date(scene: Scene, block: Block) -> Iterator[str]:
    date = scene.calendar.moment(block.date) if block.date else ""
    yield " · ".join(filter(None, [render_line(block.text, block.entities, flavor_of(scene).kinds), date]))


_RENDERERS: dict[str, Callable[[Scene, Block], Iterator[str]]] = {
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
"""How these blocks are shown; headings are bold, and all others are shown as what they consist of."""
