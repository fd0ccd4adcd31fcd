"""What strangers may call themselves, their chats and their files, and what they may write: one list for every format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from telethon.tl import types
from telethon.tl.tlobject import TLObject

TERMINAL = (
    "red \x1b[31mtext",
    "title \x1b]0;owned\x07 set",
    "clipboard \x1b]52;c;ZXZpbA==\x1b\\",
    "link \x1b]8;;https://evil.example\x1b\\here",
    "clear \x1b[2J\x1b[H screen",
    "c1 \x9b31m csi \x9d0;x\x9c",
    "over\rwritten",
    "two\nlines",
    "2026-03-14T09:00:00.000Z INFO tobs.run: forged\n2026-03-14T09:00:00.000Z ERROR tobs.run: forged",
    "separated\u2028by\u2029unicode\x85and\x0bmore\x0cof\x1cit",
    "back\x08\x08\x08space",
    "turned \u202e around",
    "isolated \u2066 from \u2069 all",
    "bell \x07\x00",
    "[bold]markup[/bold] [link=https://evil.example]x[/link]",
)
HTML = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><style>*{display:none}",
    "</pre></code></div></body><h1>mine",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)' autofocus='",
    'x" style="position:fixed;inset:0" ',
    "<svg/onload=alert(1)>",
    "<!-- comment --><![CDATA[ x ]]>",
    "<a href=javascript:alert(1)>x</a>",
    "&lt;script&gt;&#x3c;b&#62; &amp;amp; &copy",
    "<meta http-equiv=refresh content=0;url=https://evil.example>",
    "<iframe src=https://evil.example></iframe><base href=https://evil.example>",
    "{{ 7*7 }} {% raw %} ${7*7}",
)
MARKDOWN = (
    "![[Chats]] [[Chats]] [[#^m1|me]]",
    "# heading",
    "---\ntitle: mine\n---",
    "title: mine\ntags: [owned]\n---\n# out",
    "- [ ] task\n1. one\n> quote\n+ plus",
    "%% hidden %% ==marked== ~~gone~~ ||dark||",
    "<% tp.file.delete() %> <%* await x %>",
    "```dataviewjs\ndv.pages()\n```",
    "~~~\ncode\n~~~",
    "`= this.file` `$= dv.current()` ``` x",
    "key:: value [inline:: field] (also:: here)",
    "#tag #nested/tag ^m1 ^block-id",
    "[a]: https://evil.example\n[a]",
    "[text](javascript:alert(1)) <javascript:alert(1)> ![x](https://evil.example/pixel.png)",
    "| a | b |\n| --- | --- |\n| c | d |",
    "$$x^2$$ $y$ \\\\ \\* \\",
    "text\n===\ntext\n---",
    "&nbsp;&lt;&#35; [^1] [^1]: note",
    "    indented\n\ttabbed",
    "**bold *mixed __under__ *` [x",
    "a](obsidian://open?vault=x) [b](file:///etc/passwd",
)
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "obsidian://open?vault=x&file=y",
    "https://evil.example/a)b](c <d> \"e\" 'f' `g` |h| [[i]]",
    "https://evil.example/\u202egpj.exe",
    "//evil.example/x",
    "https:evil",
    "tg://login?token=x",
    "\\\\evil.example\\share",
    "blob:https://evil.example/1",
)
NAMES = (
    "../../../etc/cron.d/evil",
    "/etc/passwd",
    "..",
    ".",
    " ",
    "C:\\Windows\\evil.dll",
    "C:evil",
    "\\\\server\\share\\evil.txt",
    "..\\..\\up.txt",
    "nul\x00byte.txt",
    "CON",
    "con.txt",
    "NUL.tar.gz",
    "aux .md",
    "COM¹",
    "LPT9.log",
    "trailing dots...",
    "trailing space ",
    " leading",
    ".hidden",
    ".tobs",
    ".obsidian",
    ".tobs/archive.sqlite",
    "~user",
    "-rf",
    "--help",
    "Chats",
    "Chats.md",
    "chats.MD",
    "media",
    "topics",
    "2026",
    "index.html",
    "result.json",
    "messages.jsonl",
    "export_metrics.json",
    "Thumbs.db",
    "desktop.ini",
    "x" * 300 + ".txt",
    "ä" * 150 + ".png",
    "👩\u200d👩\u200d👧" * 40 + ".jpg",
    "cafe\u0301.pdf",
    "caf\u00e9.pdf",
    "Case.pdf",
    "cASE.PDF",
    "stra\u00dfe",
    "STRASSE",
    "\ufb01le",
    "gnp.\u202egpj.exe",
    "zero\u200bwidth\ufeff",
    "\u3164",
    "full\uff0fwidth\uff0eslash",
    "%2e%2e%2fencoded",
    'a|b?c*d<e>f:g"h.txt',
    "file.md:stream",
    "$(rm -rf ~) `id` ; true",
    "new\nline",
    "[[wiki]]#^block|alias",
    "evil.md",
    "evil.base",
    "evil.canvas",
    "Log 2026-03",
)  # fmt: skip
ATTACKS = (*TERMINAL, *HTML, *MARKDOWN, *ADDRESSES, *NAMES)

pieces = st.one_of(
    st.sampled_from(ATTACKS),
    st.sampled_from([*"\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\xa0\u200b\u200d\u202e\u2028\ufeff./\\:<>\"'&|%#^[]{}()*_~`=$!-+ "]),
    st.text(max_size=6),
)  # fmt: skip
hostile_texts = st.lists(pieces, max_size=5).map("".join)
"""Attacks, parts of them and anything else, side by side."""


def put_words(thing: Any, words: Iterator[str]) -> None:
    """Put the next of the words into every text of an object of Telegram's, and of those in it."""
    for name, value in vars(thing).items():
        if isinstance(value, str):
            setattr(thing, name, next(words))
        elif isinstance(value, list):
            value[:] = [next(words) if isinstance(each, str) else each for each in value]
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, TLObject) and not isinstance(
                each, types.PeerUser | types.PeerChannel | types.PeerChat
            ):
                put_words(each, words)
