"""Tables and indexes of the SQLite file, as steps from one version to the next.

`PRAGMA user_version` counts the steps taken. A step that has shipped is never edited: a change is a new step.
Times are whole microseconds since 1970.
"""

_FIRST = (
    # deleted  0 or 1; a tombstone frees its claim
    """CREATE TABLE pipelines (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, claim TEXT NOT NULL, revision INTEGER NOT NULL,
        deleted INTEGER NOT NULL, body TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX pipelines_claim ON pipelines (claim) WHERE deleted = 0",
    "CREATE INDEX pipelines_owner ON pipelines (owner, id) WHERE deleted = 0",
    """CREATE TABLE definitions (
        pipeline_id TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (pipeline_id, version))""",
    """CREATE TABLE states (
        pipeline_id TEXT PRIMARY KEY, version INTEGER NOT NULL, wake_at INTEGER, payload BLOB NOT NULL)""",
    "CREATE INDEX states_wake ON states (wake_at, pipeline_id) WHERE wake_at IS NOT NULL",
    """CREATE TABLE history (
        pipeline_id TEXT NOT NULL, id TEXT NOT NULL, scheduled INTEGER NOT NULL, actual INTEGER NOT NULL,
        expires_at INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (pipeline_id, id))""",
    "CREATE INDEX history_scheduled ON history (pipeline_id, scheduled, id)",
    "CREATE INDEX history_actual ON history (pipeline_id, actual, id)",
    "CREATE INDEX history_expiry ON history (expires_at)",
    """CREATE TABLE tasks (
        id TEXT PRIMARY KEY, pipeline_id TEXT NOT NULL, worker_group TEXT NOT NULL, body TEXT NOT NULL,
        offered_at INTEGER NOT NULL, hand_out INTEGER NOT NULL, acknowledged INTEGER NOT NULL,
        canceled INTEGER NOT NULL, ended INTEGER NOT NULL, progress_at INTEGER, told_at INTEGER,
        visible_at INTEGER NOT NULL)""",
    """CREATE INDEX tasks_waiting ON tasks (worker_group, offered_at, id)
        WHERE acknowledged = 0 AND canceled = 0 AND ended = 0""",
    "CREATE TABLE runners (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX runners_expiry ON runners (expires_at)",
    """CREATE TABLE fanouts (
        key TEXT PRIMARY KEY, total INTEGER NOT NULL, done INTEGER NOT NULL, note TEXT NOT NULL)""",
    """CREATE TABLE chunks (
        key TEXT NOT NULL, chunk INTEGER NOT NULL, result TEXT NOT NULL, PRIMARY KEY (key, chunk)) WITHOUT ROWID""",
    # grp      NULL on standard queues
    # count    deliveries so far; with seq it makes the receipt
    """CREATE TABLE messages (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, grp TEXT, body TEXT NOT NULL,
        visible_at INTEGER NOT NULL, count INTEGER NOT NULL)""",
    "CREATE INDEX messages_standard ON messages (queue, visible_at) WHERE grp IS NULL",
    "CREATE INDEX messages_fifo ON messages (queue) WHERE grp IS NOT NULL",
    "CREATE INDEX messages_group ON messages (queue, grp, visible_at) WHERE grp IS NOT NULL",
    "CREATE INDEX messages_tired ON messages (queue, visible_at) WHERE count >= 5",
    "CREATE TABLE sent (grp TEXT NOT NULL, id TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (grp, id))",
    "CREATE INDEX sent_until ON sent (until)",
)

_EVENTS = (
    "CREATE TABLE subscriptions (pipeline_id TEXT NOT NULL, source TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX subscriptions_source ON subscriptions (source)",
    "CREATE INDEX subscriptions_pipeline ON subscriptions (pipeline_id)",
    """CREATE TABLE events (
        pipeline_id TEXT NOT NULL, key TEXT NOT NULL, standing TEXT NOT NULL, arrived INTEGER NOT NULL,
        run TEXT NOT NULL, error TEXT NOT NULL, expires_at INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (pipeline_id, key))""",
    "CREATE INDEX events_pending ON events (pipeline_id, arrived, key) WHERE standing = 'pending'",
    "CREATE INDEX events_dead ON events (pipeline_id, arrived, key) WHERE standing = 'dead'",
    "CREATE INDEX events_arrived ON events (pipeline_id, arrived, key)",
    "CREATE INDEX events_expiry ON events (expires_at)",
    """CREATE TABLE batches (
        pipeline_id TEXT NOT NULL, run TEXT NOT NULL, expires_at INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (pipeline_id, run))""",
    "CREATE INDEX batches_expiry ON batches (expires_at)",
    """CREATE TABLE newest (
        pipeline_id TEXT NOT NULL, subject TEXT NOT NULL, sequence TEXT NOT NULL, expires_at INTEGER NOT NULL,
        PRIMARY KEY (pipeline_id, subject))""",
    "CREATE INDEX newest_expiry ON newest (expires_at)",
)

_EXPIRY = ("CREATE INDEX tasks_age ON tasks (COALESCE(progress_at, offered_at))",)

_REST = (
    """CREATE TABLE versions (
        pipeline_id TEXT NOT NULL, version INTEGER NOT NULL, saved_at INTEGER NOT NULL, saved_by TEXT NOT NULL,
        activated INTEGER NOT NULL, PRIMARY KEY (pipeline_id, version)) WITHOUT ROWID""",
    """CREATE TABLE keys (
        key TEXT PRIMARY KEY, digest TEXT NOT NULL, answer TEXT, expires_at INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX keys_expiry ON keys (expires_at)",
)

_TRAIL = (
    "ALTER TABLE messages ADD COLUMN correlation TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE messages ADD COLUMN trace TEXT NOT NULL DEFAULT ''",
)

_WAITING = (
    "CREATE TABLE waiting (job TEXT PRIMARY KEY, expires_at INTEGER NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX waiting_expiry ON waiting (expires_at)",
)

STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _EVENTS, _EXPIRY, _REST, _TRAIL, _WAITING)
