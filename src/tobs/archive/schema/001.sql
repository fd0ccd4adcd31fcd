-- The archive as tobs 0.1 writes it. Dates are UTC seconds, ids of chats and people are marked ids
-- (user n, group -n, channel -100n), `account` is 0 for channels, whose ids are the same for everybody.

CREATE TABLE chats (
    account       INTEGER NOT NULL,
    id            INTEGER NOT NULL,
    position      INTEGER NOT NULL UNIQUE,     -- in the order in which they were first exported
    kind          TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    username      TEXT    NOT NULL,
    basename      TEXT    UNIQUE,              -- given once, names folder and notes for ever; NULL with migrated_to
    migrated_from INTEGER,                     -- the basic group that a supergroup was, 0 for none, NULL: not asked yet
    migrated_to   INTEGER NOT NULL DEFAULT 0,  -- the supergroup in whose notes a basic group stands, or 0
    pts           INTEGER,                     -- a channel's state: changes before it are in the archive; else NULL
    known_from    INTEGER,                     -- ... of all messages from this id on; NULL: of no message
    discussion_id INTEGER NOT NULL DEFAULT 0,  -- of a channel: the group of its comments, 0 while none is known
    parent        TEXT    NOT NULL DEFAULT '', -- of such a group: the basename of the channel it is drawn below
    topics_at     REAL,                        -- when the list of topics was read; NULL never
    whole_to      INTEGER,                     -- the top when all of it was last asked for, 0: it was empty; NULL never
    seen_by       INTEGER,                     -- of a supergroup: the account that was told last how far back it sees
    hidden_to     INTEGER NOT NULL DEFAULT 0,  -- ... and up to which id it sees nothing
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- The id ranges ever asked for, kept merged: what is asked for must be accounted for. scope: 0 the chat,
-- else a thread's id: only what is in the thread was asked for.
CREATE TABLE asked (
    account INTEGER NOT NULL,
    chat_id INTEGER NOT NULL,
    scope   INTEGER NOT NULL,
    low     INTEGER NOT NULL,
    high    INTEGER NOT NULL CHECK (high >= low),
    PRIMARY KEY (account, chat_id, scope, low),
    FOREIGN KEY (account, chat_id) REFERENCES chats (account, id)
) STRICT, WITHOUT ROWID;

-- The ids that need not be asked for again, kept merged per chat, scope and proof; `at` is when
-- the range last grew. scope: 0 the chat, else a thread's id. proof: listed | looked_up.
CREATE TABLE covered (
    account INTEGER NOT NULL,
    chat_id INTEGER NOT NULL,
    scope   INTEGER NOT NULL,
    proof   TEXT    NOT NULL,
    low     INTEGER NOT NULL,
    high    INTEGER NOT NULL CHECK (high >= low),
    at      REAL    NOT NULL,
    PRIMARY KEY (account, chat_id, scope, proof, low),
    FOREIGN KEY (account, chat_id) REFERENCES chats (account, id)
) STRICT, WITHOUT ROWID;

-- Which client library knew a layer's constructors when its bytes were first stored: the version to
-- install where a later one cannot read them any more.
CREATE TABLE layers (
    layer   INTEGER PRIMARY KEY,
    library TEXT NOT NULL
) STRICT;

-- Answers of the server that brought something new, as they came off the wire. raw is zstd of the
-- result object's TL bytes, size_bytes their length; low and high the ids listed, NULL for none.
CREATE TABLE responses (
    id          INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL,
    chat_id     INTEGER NOT NULL,
    method      TEXT    NOT NULL,
    layer       INTEGER NOT NULL REFERENCES layers (layer),
    low         INTEGER,
    high        INTEGER,
    received_at REAL    NOT NULL,
    size_bytes  INTEGER NOT NULL,
    raw         BLOB    NOT NULL,
    FOREIGN KEY (account, chat_id) REFERENCES chats (account, id)
) STRICT;

-- Those that a repair could not read: their bytes are gone, what rests on them stands as it was read.
CREATE INDEX responses_quarantined ON responses (id) WHERE method = 'quarantined';

-- content and counters are JSON without default values (core/model.py); response is the answer whose
-- content the row holds. Newest pages come first, so a rowid table appends where a clustered one
-- would split its leftmost page again and again. number is in the order of storing, for the index of words.
CREATE TABLE messages (
    number      INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL,
    chat_id     INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    date        INTEGER NOT NULL,
    edit_date   INTEGER,
    sender_id   INTEGER,
    topic_id    INTEGER,
    reply_to_id INTEGER,
    album_id    INTEGER,
    kind        TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    content     TEXT    NOT NULL,
    counters    TEXT    NOT NULL,
    response    INTEGER NOT NULL REFERENCES responses (id),
    UNIQUE (account, chat_id, id)
) STRICT;

-- Serves every question about dates and all counts without touching the texts.
CREATE INDEX messages_by_date ON messages (account, chat_id, topic_id, date, id, kind, sender_id);
CREATE INDEX messages_by_target ON messages (account, chat_id, reply_to_id) WHERE reply_to_id IS NOT NULL;
CREATE INDEX messages_by_album ON messages (account, chat_id, album_id, id) WHERE album_id IS NOT NULL;

-- The texts by their words, and by every three characters in a row: for scripts without blanks, and for parts of words.
-- The latter only says which messages hold the three (detail=none), which halves it; the text itself decides.
CREATE VIRTUAL TABLE message_words USING fts5 (
    text, content='messages', content_rowid='number',
    tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
);
CREATE VIRTUAL TABLE message_parts USING fts5 (
    text, content='messages', content_rowid='number', tokenize='trigram', detail=none, columnsize=0
);

-- Every message with a number up to this one is in both, none with a higher one is (archive/index.py).
CREATE TABLE indexed (
    up_to INTEGER NOT NULL
) STRICT;

INSERT INTO indexed VALUES (0);

-- An index of texts that stand elsewhere must be told the old one. Nothing else may change a text or take a row away.
CREATE TRIGGER messages_reworded AFTER UPDATE OF text ON messages
WHEN old.text <> new.text AND old.number <= (SELECT up_to FROM indexed)
BEGIN
    INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.number, old.text);
    INSERT INTO message_parts (message_parts, rowid, text) VALUES ('delete', old.number, old.text);
    INSERT INTO message_words (rowid, text) VALUES (new.number, new.text);
    INSERT INTO message_parts (rowid, text) VALUES (new.number, new.text);
END;

-- Earlier states of edited messages, 1 the oldest; replaced_at is when the next state was received.
CREATE TABLE versions (
    account     INTEGER NOT NULL,
    chat_id     INTEGER NOT NULL,
    id          INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    date        INTEGER NOT NULL,
    edit_date   INTEGER,
    sender_id   INTEGER,
    topic_id    INTEGER,
    reply_to_id INTEGER,
    album_id    INTEGER,
    kind        TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    content     TEXT    NOT NULL,
    counters    TEXT    NOT NULL,
    response    INTEGER NOT NULL REFERENCES responses (id),
    replaced_at REAL    NOT NULL,
    PRIMARY KEY (account, chat_id, id, number),
    FOREIGN KEY (account, chat_id, id) REFERENCES messages (account, chat_id, id)
) STRICT;

-- Messages that are gone: the row stays in messages. noticed_at is when a look by id found nothing,
-- response the answer that said so.
CREATE TABLE deletions (
    account    INTEGER NOT NULL,
    chat_id    INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    noticed_at REAL    NOT NULL,
    response   INTEGER NOT NULL REFERENCES responses (id),
    PRIMARY KEY (account, chat_id, id),
    FOREIGN KEY (account, chat_id, id) REFERENCES messages (account, chat_id, id)
) STRICT, WITHOUT ROWID;

-- Messages that Telegram listed and tobs could not read, since a constructor in them is unknown in its layer: response
-- is the answer that breaks off for tobs at this message. Where messages has the id too, that is an earlier state.
CREATE TABLE unreadable (
    account    INTEGER NOT NULL,
    chat_id    INTEGER NOT NULL,
    id         INTEGER NOT NULL,
    noticed_at REAL    NOT NULL,
    response   INTEGER NOT NULL REFERENCES responses (id),
    PRIMARY KEY (account, chat_id, id),
    FOREIGN KEY (account, chat_id) REFERENCES chats (account, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE peers (
    id           INTEGER PRIMARY KEY,
    kind         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    username     TEXT    NOT NULL,
    is_min       INTEGER NOT NULL,
    is_deleted   INTEGER NOT NULL,
    is_bot       INTEGER NOT NULL,
    is_protected INTEGER NOT NULL
) STRICT;

-- basename stays NULL until the topic is first rendered (archive/basenames.py). Each as_of is the message up
-- to which what it goes with is known: the one that said it, or the topic's newest one when it was told beside
-- messages; 0 when nothing was said. Pages bring them in any order.
-- is_missing: Telegram, asked for this topic by its id, has none (any more).
CREATE TABLE topics (
    account      INTEGER NOT NULL,
    chat_id      INTEGER NOT NULL,
    id           INTEGER NOT NULL,
    title        TEXT    NOT NULL DEFAULT '',
    as_of        INTEGER NOT NULL DEFAULT 0,
    is_closed    INTEGER NOT NULL DEFAULT 0,
    closed_as_of INTEGER NOT NULL DEFAULT 0,
    is_hidden    INTEGER NOT NULL DEFAULT 0,
    hidden_as_of INTEGER NOT NULL DEFAULT 0,
    is_missing   INTEGER NOT NULL DEFAULT 0,
    basename     TEXT UNIQUE,
    PRIMARY KEY (account, chat_id, id),
    FOREIGN KEY (account, chat_id) REFERENCES chats (account, id)
) STRICT, WITHOUT ROWID;

-- Messages of a discussion group that repeat a post of its channel: the post's comments stand below them.
CREATE TABLE roots (
    account    INTEGER NOT NULL,
    chat_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    post_id    INTEGER NOT NULL,
    PRIMARY KEY (account, chat_id, message_id),
    FOREIGN KEY (account, chat_id, message_id) REFERENCES messages (account, chat_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX roots_by_post ON roots (channel_id, post_id);

-- Messages that answer another than the first one of their thread, outside of forums.
CREATE TABLE threads (
    account    INTEGER NOT NULL,
    chat_id    INTEGER NOT NULL,
    root_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (account, chat_id, root_id, message_id),
    FOREIGN KEY (account, chat_id, message_id) REFERENCES messages (account, chat_id, id)
) STRICT, WITHOUT ROWID;

-- Media by identity: the same id names the same bytes in every chat. state: wanted | done | failed | withheld; sha256 and
-- stored_bytes are of what was downloaded, proof by what that was found to be right: size | hashes. retry_at is from
-- when on one that failed is asked for again.
CREATE TABLE files (
    kind         TEXT    NOT NULL,
    id           INTEGER NOT NULL,
    size_bytes   INTEGER NOT NULL,
    mime         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    state        TEXT    NOT NULL DEFAULT 'wanted',
    reason       TEXT    NOT NULL DEFAULT '',
    sha256       TEXT    NOT NULL DEFAULT '',
    stored_bytes INTEGER NOT NULL DEFAULT 0,
    proof        TEXT    NOT NULL DEFAULT '',
    tries        INTEGER NOT NULL DEFAULT 0,
    tried_at     REAL    NOT NULL DEFAULT 0,
    retry_at     REAL    NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX files_to_get ON files (kind, id) WHERE state IN ('wanted', 'failed');
CREATE INDEX files_by_size ON files (size_bytes) WHERE state IN ('wanted', 'failed');
CREATE INDEX files_by_content ON files (sha256) WHERE sha256 <> '';
CREATE INDEX files_by_length ON files (stored_bytes) WHERE sha256 <> '';

CREATE TABLE wants (
    account    INTEGER NOT NULL,
    chat_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    file_kind  TEXT    NOT NULL,
    file_id    INTEGER NOT NULL,
    media_kind TEXT    NOT NULL,
    PRIMARY KEY (account, chat_id, message_id, file_kind, file_id),
    FOREIGN KEY (file_kind, file_id) REFERENCES files (kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX wants_by_file ON wants (file_kind, file_id);

-- Where the bytes of files stand in the export folder, once for each chat that shows them (chat_id 0: for all).
-- folded is the form under which two paths collide on any filesystem. A copy that is not placed is about to be, from
-- `previous` if that is not empty; is_fixed: no lower message can turn up any more that would give it its name.
CREATE TABLE copies (
    path      TEXT PRIMARY KEY,
    folded    TEXT    NOT NULL UNIQUE,
    account   INTEGER NOT NULL,
    chat_id   INTEGER NOT NULL,
    sha256    TEXT    NOT NULL,
    is_placed INTEGER NOT NULL,
    is_fixed  INTEGER NOT NULL,
    previous  TEXT    NOT NULL DEFAULT '',
    UNIQUE (sha256, account, chat_id)
) STRICT, WITHOUT ROWID;

-- Contents that have no final place yet in the folder of a chat whose messages carry them.
CREATE TABLE unshelved (
    account INTEGER NOT NULL,
    chat_id INTEGER NOT NULL,
    sha256  TEXT    NOT NULL,
    PRIMARY KEY (account, chat_id, sha256)
) STRICT, WITHOUT ROWID;

-- What came of contents that were processed, by the SHA-256 of the original and the options: made, with the SHA-256 and
-- the size of the result; or kept or failed, with the reason.
CREATE TABLE processed (
    sha256     TEXT    NOT NULL,
    options    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    reason     TEXT    NOT NULL DEFAULT '',
    result     TEXT    NOT NULL DEFAULT '',
    size_bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (sha256, options)
) STRICT, WITHOUT ROWID;

-- Where results stand, each beside a copy of its original (account, chat_id and sha256 as there) and named after it: its
-- path was `original`, and `ending` follows. No path is folded like one in copies. is_placed and previous as there.
CREATE TABLE processed_copies (
    path      TEXT PRIMARY KEY,
    folded    TEXT    NOT NULL UNIQUE,
    original  TEXT    NOT NULL,
    account   INTEGER NOT NULL,
    chat_id   INTEGER NOT NULL,
    sha256    TEXT    NOT NULL,
    options   TEXT    NOT NULL,
    ending    TEXT    NOT NULL,
    is_placed INTEGER NOT NULL,
    previous  TEXT    NOT NULL DEFAULT '',
    UNIQUE (sha256, options, account, chat_id),
    FOREIGN KEY (sha256, options) REFERENCES processed (sha256, options)
) STRICT, WITHOUT ROWID;

-- Files that tobs wrote into the export folder: the hash on disk, and the one about to be written.
-- chat_id 0: the file belongs to no chat.
CREATE TABLE rendered (
    path      TEXT PRIMARY KEY,
    format    TEXT    NOT NULL,
    account   INTEGER NOT NULL,
    chat_id   INTEGER NOT NULL,
    partition TEXT    NOT NULL,
    on_disk   TEXT    NOT NULL,
    pending   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX rendered_by_chat ON rendered (account, chat_id);

-- Whose names a file shows: a changed name redraws it.
CREATE TABLE shown (
    peer_id INTEGER NOT NULL,
    path    TEXT    NOT NULL REFERENCES rendered (path) ON DELETE CASCADE,
    PRIMARY KEY (peer_id, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX shown_by_path ON shown (path);

-- How many messages of a partition have something that the format does not show, as JSON (core/fidelity.py).
CREATE TABLE omissions (
    account   INTEGER NOT NULL,
    chat_id   INTEGER NOT NULL,
    format    TEXT    NOT NULL,
    partition TEXT    NOT NULL,
    counts    TEXT    NOT NULL,
    PRIMARY KEY (account, chat_id, format, partition)
) STRICT, WITHOUT ROWID;

-- UTC days (date / 86400) whose messages changed since they were rendered; topic_id 0: no topic. mark
-- grows, so that a day that changes again while it is rendered is not forgotten.
CREATE TABLE stale (
    account  INTEGER NOT NULL,
    chat_id  INTEGER NOT NULL,
    topic_id INTEGER NOT NULL,
    day      INTEGER NOT NULL,
    mark     INTEGER NOT NULL,
    PRIMARY KEY (account, chat_id, topic_id, day)
) STRICT, WITHOUT ROWID;

-- Partitions that show a name which changed since they were rendered; chat_id 0: of no chat.
CREATE TABLE stale_partitions (
    account   INTEGER NOT NULL,
    chat_id   INTEGER NOT NULL,
    partition TEXT    NOT NULL,
    mark      INTEGER NOT NULL,
    PRIMARY KEY (account, chat_id, partition)
) STRICT, WITHOUT ROWID;

-- Basenames given, in the form under which two collide on any filesystem. Those of the index are taken from the start:
-- its note's, as links have it, and its files' and folder's, since a chat's name is that of a folder beside them; and
-- those of the folder of media and of the metrics.
CREATE TABLE names (
    folded TEXT PRIMARY KEY,
    name   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO names (folded, name) VALUES
    ('chats', 'Chats'),
    ('chats.md', 'Chats.md'),
    ('chats (new).md', 'Chats (new).md'),
    ('chats.html', 'Chats.html'),
    ('chats (new).html', 'Chats (new).html'),
    ('tobs-assets', 'tobs-assets'),
    ('media', 'media'),
    ('export_metrics.json', 'export_metrics.json');

-- Values as JSON; account 0 for those of the folder.
CREATE TABLE state (
    account INTEGER NOT NULL,
    name    TEXT    NOT NULL,
    value   TEXT    NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    start_time TEXT PRIMARY KEY,
    report     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- For people who open this file in datasette, DuckDB or sqlite3.
CREATE VIEW message_list AS
SELECT
    chats.title AS chat,
    messages.id AS message_id,
    datetime(messages.date, 'unixepoch') AS date_utc,
    datetime(messages.edit_date, 'unixepoch') AS edited_utc,
    datetime(deletions.noticed_at, 'unixepoch') AS gone_utc,
    coalesce(nullif(peers.name, ''), nullif(peers.username, '')) AS sender,
    messages.sender_id,
    coalesce(nullif(origins.name, ''), topics.title) AS topic,
    messages.kind,
    messages.text,
    messages.reply_to_id AS reply_to,
    json_extract(messages.counters, '$.views') AS views,
    (
        SELECT group_concat(json_extract(value, '$.emoji') || ' ' || json_extract(value, '$.count'), ', ')
        FROM json_each(messages.counters, '$.reactions')
    ) AS reactions,
    CASE
        WHEN chats.id > -1000000000000 THEN NULL
        WHEN chats.username <> '' THEN 'https://t.me/' || chats.username || '/' || messages.id
        ELSE 'https://t.me/c/' || (-chats.id - 1000000000000) || '/' || messages.id
    END AS link,
    messages.chat_id
FROM messages
JOIN chats ON chats.account = messages.account AND chats.id = messages.chat_id
LEFT JOIN deletions ON deletions.account = messages.account AND deletions.chat_id = messages.chat_id
    AND deletions.id = messages.id
LEFT JOIN peers ON peers.id = messages.sender_id
LEFT JOIN topics ON topics.account = messages.account AND topics.chat_id = messages.chat_id
    AND topics.id = messages.topic_id
LEFT JOIN peers AS origins ON messages.chat_id = messages.account AND origins.id = messages.topic_id;

CREATE VIEW chat_list AS
SELECT
    chats.title || CASE chats.migrated_to WHEN 0 THEN '' ELSE ' (before it became a supergroup)' END AS title,
    chats.id AS chat_id,
    chats.kind,
    chats.username,
    count(messages.id) AS messages,
    datetime(min(messages.date), 'unixepoch') AS first_utc,
    datetime(max(messages.date), 'unixepoch') AS last_utc
FROM chats
LEFT JOIN messages ON messages.account = chats.account AND messages.chat_id = chats.id
GROUP BY chats.account, chats.id
ORDER BY chats.position;

CREATE VIEW people AS
SELECT id AS person_id, name, username, is_bot, is_deleted
FROM peers
WHERE kind NOT IN ('group', 'supergroup', 'channel', 'forum');
