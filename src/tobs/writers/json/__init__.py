"""One file a chat in the form of Telegram Desktop's result.json: for the programs that read that.

ids.py      how Desktop names chats, people and messages by number
text.py     a text as a list of parts
media.py    what a message carries beside its text
actions.py  service messages: the table of Desktop's names and keys
own.py      what Desktop has no keys for
entry.py    one message, key by key
format.py   from messages to a file
"""
