"""Pages for a browser, opened from disk: a page for at most a thousand messages, and nothing asked from outside.

shape.py     how chats are cut into pages, and what those are called
text.py      rich text to HTML: the only place, beside the templates, that makes HTML
media.py     what a message carries, as pieces that a template shows
message.py   one message or album, made ready for its template
page.py      the messages of one page, and the words of it for a search
site.py      the pages about a chat and about all chats, and what they share
templates/   Jinja, with autoescape on; assets/ is copied as it is
"""
