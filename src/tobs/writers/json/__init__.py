"""One file a chat in the form of Telegram Desktop's result.json: for the programs that read that.

ids.py      how Desktop names chats, people and messages by number
text.py     a text as a list of parts
media.py    what a message carries beside its text
keys.py     what the keys of a service message are made of
actions.py  service messages: the table of Desktop's names and keys
own.py      what Desktop has no keys for
extras.py   buttons and reactions
entry.py    one message, key by key
format.py   from messages to a file
"""
