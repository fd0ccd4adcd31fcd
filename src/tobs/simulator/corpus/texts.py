"""A gallery of texts: every entity, alone and combined, and whatever may break a writer of Markdown or HTML."""

from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator.corpus import files, people
from tobs.simulator.markup import utf16

CUSTOM_EMOJI = files.file_id("document/emoji/fire")
_MOMENT = datetime(2026, 6, 21, 18, 30, tzinfo=UTC)

MARKED_UP = (
    "<b>Bold</b>, <i>italic</i>, <u>underlined</u>, <s>struck</s>, <code>code</code>, <sp>spoiler</sp>.",
    "<b>bold <i>and italic <u>and underlined <s>and struck <sp>and hidden</sp></s></u></i></b>",
    "<b>one</b><b>two</b><i>three</i><code>four</code><s>five</s>",
    "<b>bold with space </b>after and<i> italic with space</i> before",
    "in<b>word</b>bold and in<i>word</i>italic",
    "<b>bold\nover\n\nthree lines and a blank one</b>",
    "<b><a https://example.org/a_(b)?x=1&y=[2]>link in bold</a></b>",
    "<a https://example.org><b>bold in link</b> | with ] and [ and \\ in its words</a>",
    "<a https://example.org/with space/“quotes”/%20/ü>url with odd characters</a>",
    "<a javascript:alert(1)>a javascript link</a> and <a data:text/html;base64,PHNjcmlwdD4=>a data link</a>",
    "<a tg://user?id=5100000011>tg link</a> and <a https://t.me/harbour_news_demo/5>post link</a>",
    "<code>a `b` ``c`` d</code> and <code> </code> and <code>|</code>",
    "<pre python>def f():\n    return '```'\n</pre>",
    "<pre>no language\n\n\ttab</pre>text right after",
    "<pre c++>int main() { return 0; }</pre><pre weird lang`~>x</pre>",
    "<q>quoted</q>\nanswer",
    "<q>quoted\n\nwith a blank line and <b>bold</b></q><qq>collapsed\nlong\nquotation</qq>",
    "<q># not a heading\n- not a list</q>",
    "<id 5100000013>Chiara</id> has no username; <id 5100000031>someone</id> is deleted; <id 999>nobody</id>",
    "<emoji 12345>🔥</emoji><emoji 12346>👍🏽</emoji> custom emoji",
    "@anna_kw #tag #tag_2 #日本語 #123abc $EUR /start /help@weather_demo_bot mail@example.org https://example.org/x.",
    "http://example.org/~user/a*b*c_d_e and https://example.org/[x](y) and https://example.org/a|b",
    "<sp>a spoiler || with bars</sp> and <sp><code>code in spoiler</code></sp>",
    "<s>~~struck with tildes~~</s> <i>_under_</i> <b>**stars**</b>",
)

# Emoji and other astral characters count twice in Telegram's offsets.
UNICODE = (
    "🥖🥖 <b>bold after two emoji</b> 👨‍👩‍👧‍👦 <i>italic after a family</i>",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 <b>𝔟𝔬𝔩𝔡</b> 𠜎 <code>𠜱</code>",
    "<b>🇩🇪</b>🇫🇷<i>🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f</i>",
    "مرحبا <b>بالعالم</b> abc <i>שלום</i> 123",
    "e\u0301 <b>e\u0301</b> Z\u0351\u036e\u0346a\u0328l\u0330go\u0321 n\u0303",
    "zero\u200bwidth\u200cnon\u200djoiner\ufeff <b>\u2060</b> word joiner",
    "not\u00a0breaking, thin\u2009space, ideographic\u3000space, soft\u00adhyphen, line\u2028separator, paragraph\u2029separator",
    "\u202eevissergga si txet sihT\u202c and \u2066isolated\u2069",
    "日本語の<b>太字</b>、한국어 <i>기울임</i>, ไทย<u>ขีดเส้นใต้</u>",
    "ﷺ ½ Ⅷ ﬁ Å Å Ω Ω",
)

# Everything below is literal: no entity belongs to it but those that the service finds by itself.
LITERAL = (
    "* not a list\n- not a list\n+ not a list\n1. not a list\n2) not a list\n- [ ] not a task",
    "# not a heading\n## nor this\nnot a heading\n===\nnor this\n---",
    "***\n---\n___\n* * *",
    "*a* **b** _c_ __d__ ~~e~~ ==f== ||g|| `h` $i$ $$j$$ %%k%% ^l^ ~m~",
    "[[Wiki link]] ![[Embed]] [[a#^b|c]] [text](url) ![image](url) [^1] [ref]: x",
    "> not a quotation\n> [!note] not a callout\n>> nor nested\n    not code",
    "---\ntitle: not front matter\ntags: [x]\n---\nbody",
    "some text ^abc123\n^m5",
    "| a | b |\n|---|---|\n| c | d |",
    "```\nnot a fence\n```\n~~~\nnor this\n~~~",
    "<script>alert('x')</script><img src=x onerror=alert(1)><iframe src=\"https://example.org\"></iframe>",
    "<!-- comment --> <b> not bold </b> &amp; &lt; &#42; &nbsp;",
    "a < b && c > d, 5 < 6 > 4, <user@example.org>",
    "{{template}} {% raw %} <%= erb %> ${shell} $(cmd) `cmd` ;rm -rf / #",
    "ends with a backslash\\",
    "ends with two\\\\\nand a line break\\\nmiddle",
    "  leading spaces\n\ttab\n   three\n\n\n\n\nmany blank lines\n\n",
    "trailing spaces  \nhard break?   \n",
    "windows\r\nline\r\nends and a lone\rreturn",
    "terminal \x1b[31mred\x1b[0m \x1b]0;title\x07 \x08\x08 bell \x07 \x7f \x01\x02\x1f",
    "\ufffd\ufffe\uffff and private use \ue000 \U000f0000",
    "word #1 #a #-b C# F#m #️⃣ 100% 50%% %%hidden%%",
    "2026-03-14 12:30 :smile: ::: 1.5e10 +49 170 1234567 1234 5678 9012 3456",
    "https://example.org/very/" + "long/" * 120,
    "oneword" * 500,
    "word " * 800,
    "a",
    "0",
    ".",
    "\u200b",
    "null",
    "=1+1",
    "@everyone @here",
    "![](../../../etc/passwd) [x](file:///etc/passwd) \\\\server\\share",
    "1986. A great year.\n-1 is less than 0\n+1 to that",
    "Setext\n-",
    "a\n\n    indented after blank",
    "term\n: definition",
    "[x] done\n[ ] open\n- [x] done",
    "Table without bars\n:-:|:-:",
    "<details><summary>x</summary>y</details>",
    "``` `` ` unbalanced",
    "**unbalanced *stars _here",
)


def exact() -> list[tuple[str, list[Any]]]:
    """Return texts whose entities no notation can give: overlapping, out of order, empty, beyond the end."""
    text = "overlapping bold and italic words"
    emoji = "👍👍 date, phone, card"
    return [
        (text, [types.MessageEntityBold(0, 16), types.MessageEntityItalic(12, 14)]),
        (
            text,
            [
                types.MessageEntityItalic(12, 14),
                types.MessageEntityBold(0, 16),
                types.MessageEntitySpoiler(5, 20),
            ],
        ),
        (
            text,
            [
                types.MessageEntityBold(0, 11),
                types.MessageEntityBold(0, 11),
                types.MessageEntityItalic(0, 11),
            ],
        ),
        (text, [types.MessageEntityCode(4, 14), types.MessageEntityBold(0, 11)]),
        (text, [types.MessageEntityBold(5, 0), types.MessageEntityItalic(0, 4)]),
        (text, [types.MessageEntityBold(20, 400)]),
        (text, [types.MessageEntityBold(400, 4)]),
        (text, [types.MessageEntityUnknown(0, 11), types.MessageEntityUnderline(12, 4)]),
        (text, [types.MessageEntityBlockquote(0, utf16(text)), types.MessageEntityPre(12, 4, "x")]),
        # The offset stands in the middle of the second emoji.
        ("👍👍 split", [types.MessageEntityBold(1, 4)]),
        (emoji, [types.MessageEntityFormattedDate(5, 4, _MOMENT, relative=True)]),
        (
            emoji,
            [
                types.MessageEntityFormattedDate(
                    5, 4, _MOMENT, long_date=True, short_time=True, day_of_week=True
                )
            ],
        ),
        ("call +4930123456 now", [types.MessageEntityPhone(5, 11)]),
        ("card 4242 4242 4242 4242", [types.MessageEntityBankCard(5, 19)]),
        ("💥 boom", [types.MessageEntityCustomEmoji(0, 2, CUSTOM_EMOJI), types.MessageEntityBold(0, 7)]),
        ("old new kept", [types.MessageEntityDiffDelete(0, 3), types.MessageEntityDiffInsert(4, 3)]),
        ("changed kept", [types.MessageEntityDiffReplace(0, 7, "original")]),
        ("Chiara", [types.MessageEntityMentionName(0, 6, people.CHIARA)]),
        ("x y", [types.MessageEntityTextUrl(0, 1, ""), types.MessageEntityTextUrl(2, 1, "not a url")]),
    ]
