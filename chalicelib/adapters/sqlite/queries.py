"""Every statement that the SQLite store and queues run, by name."""

CREATE_PIPELINE = """
    INSERT INTO pipelines (id, owner, claim, revision, deleted, body) VALUES (?, ?, ?, ?, 0, ?)
    ON CONFLICT DO NOTHING"""
PIPELINE_BY_CLAIM = "SELECT body FROM pipelines WHERE claim = ? AND deleted = 0"
PIPELINE_BY_ID = "SELECT body FROM pipelines WHERE id = ?"
PIPELINES_OF_OWNER = """
    SELECT body FROM pipelines WHERE owner = ? AND deleted = 0 AND id > ? ORDER BY id LIMIT ?"""
PIPELINES_COUNTED = "SELECT COUNT(*) FROM (SELECT 1 FROM pipelines WHERE owner = ? AND deleted = 0 LIMIT ?)"
REPLACE_PIPELINE = "UPDATE pipelines SET revision = ?, deleted = ?, body = ? WHERE id = ? AND revision = ?"

PUT_DEFINITION = "INSERT OR REPLACE INTO definitions (pipeline_id, version, body) VALUES (?, ?, ?)"
DEFINITION = "SELECT body FROM definitions WHERE pipeline_id = ? AND version = ?"
DELETE_DEFINITION = "DELETE FROM definitions WHERE pipeline_id = ? AND version = ?"
PUT_VERSION = """
    INSERT OR REPLACE INTO versions (pipeline_id, version, saved_at, saved_by, activated) VALUES (?, ?, ?, ?, ?)"""
VERSIONS = """
    SELECT version, saved_at, saved_by, activated FROM versions
    WHERE pipeline_id = ? AND version < ? ORDER BY version DESC LIMIT ?"""
DELETE_VERSION = "DELETE FROM versions WHERE pipeline_id = ? AND version = ?"

CLAIM_KEY = "INSERT INTO keys (key, digest, answer, expires_at) VALUES (?, ?, NULL, ?) ON CONFLICT DO NOTHING"
KEY = "SELECT digest, answer FROM keys WHERE key = ?"
ANSWER_KEY = "UPDATE keys SET answer = ? WHERE key = ?"
EXPIRE_KEYS = "DELETE FROM keys WHERE expires_at <= ?"

LOAD_STATE = "SELECT payload, version, wake_at FROM states WHERE pipeline_id = ?"
STATE_VERSION = "SELECT version FROM states WHERE pipeline_id = ?"
FIRST_STATE = """
    INSERT INTO states (pipeline_id, version, wake_at, payload) VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING"""
NEXT_STATE = "UPDATE states SET version = ?, wake_at = ?, payload = ? WHERE pipeline_id = ? AND version = ?"
DUE_STATES = "SELECT pipeline_id, wake_at FROM states WHERE wake_at <= ? ORDER BY wake_at, pipeline_id LIMIT ?"
DELETE_STATE = "DELETE FROM states WHERE pipeline_id = ?"

PUT_HISTORY = """
    INSERT OR REPLACE INTO history (pipeline_id, id, scheduled, actual, expires_at, body) VALUES (?, ?, ?, ?, ?, ?)"""
HISTORY_BY_ID = "SELECT body FROM history WHERE pipeline_id = ? AND id = ? AND expires_at > ?"
HISTORY_BY_SCHEDULED = """
    SELECT scheduled, id, body FROM history
    WHERE pipeline_id = ? AND scheduled <= ? AND (scheduled, id) > (?, ?) AND expires_at > ?
    ORDER BY scheduled, id LIMIT ?"""
HISTORY_BY_ACTUAL = """
    SELECT actual, id, body FROM history
    WHERE pipeline_id = ? AND actual <= ? AND (actual, id) > (?, ?) AND expires_at > ?
    ORDER BY actual, id LIMIT ?"""
HISTORY_BY_SCHEDULED_NEWEST = """
    SELECT scheduled, id, body FROM history
    WHERE pipeline_id = ? AND scheduled >= ? AND (scheduled, id) < (?, ?) AND expires_at > ?
    ORDER BY scheduled DESC, id DESC LIMIT ?"""
HISTORY_BY_ACTUAL_NEWEST = """
    SELECT actual, id, body FROM history
    WHERE pipeline_id = ? AND actual >= ? AND (actual, id) < (?, ?) AND expires_at > ?
    ORDER BY actual DESC, id DESC LIMIT ?"""
DELETE_HISTORY = "DELETE FROM history WHERE pipeline_id = ?"
EXPIRE_HISTORY = "DELETE FROM history WHERE expires_at <= ?"

OFFER_TASK = """
    INSERT INTO tasks (id, pipeline_id, worker_group, body, offered_at, hand_out, acknowledged, canceled, ended,
                       progress_at, told_at, visible_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
TASK_COLUMNS = """id, pipeline_id, worker_group, body, offered_at, hand_out, acknowledged, canceled, ended,
    progress_at, told_at"""
_WAITING = "worker_group = ? AND acknowledged = 0 AND canceled = 0 AND ended = 0 AND visible_at <= ?"
CLAIM_TASK = f"""
    UPDATE tasks SET hand_out = hand_out + 1, visible_at = ? WHERE id =
        (SELECT id FROM tasks WHERE {_WAITING} ORDER BY offered_at, id LIMIT 1)
    RETURNING {TASK_COLUMNS}"""
WAITING_TASK = f"SELECT 1 FROM tasks WHERE {_WAITING} LIMIT 1"
TASK = f"SELECT {TASK_COLUMNS} FROM tasks WHERE id = ?"
REPLACE_TASK = """
    UPDATE tasks
    SET acknowledged = acknowledged OR ?, canceled = canceled OR ?, ended = ended OR ?, progress_at = ?, told_at = ?
    WHERE id = ? AND hand_out = ?"""
DELETE_TASK = "DELETE FROM tasks WHERE id = ?"
EXPIRE_TASKS = "DELETE FROM tasks WHERE COALESCE(progress_at, offered_at) <= ?"

PUT_RUNNER = "INSERT OR REPLACE INTO runners (id, expires_at, body) VALUES (?, ?, ?)"
RUNNER = "SELECT body FROM runners WHERE id = ? AND expires_at > ?"
RUNNERS = "SELECT id, body FROM runners WHERE id > ? AND id < ? AND expires_at > ? ORDER BY id LIMIT ?"
EXPIRE_RUNNERS = "DELETE FROM runners WHERE expires_at <= ?"

BEGIN_CHUNKS = "INSERT INTO fanouts (key, total, done, note) VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING"
MARK_CHUNK = "INSERT INTO chunks (key, chunk, result) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
COUNT_CHUNK = "UPDATE fanouts SET done = done + ? WHERE key = ? RETURNING total - done"
FANOUT = "SELECT total, note FROM fanouts WHERE key = ?"
CHUNKS_DONE = "SELECT chunk, result FROM chunks WHERE key = ? ORDER BY chunk"
DELETE_FANOUT = "DELETE FROM fanouts WHERE key = ?"
DELETE_CHUNKS = "DELETE FROM chunks WHERE key = ?"

PUT_WAITING = "INSERT OR REPLACE INTO waiting (job, expires_at, body) VALUES (?, ?, ?)"
WAITING = "SELECT body FROM waiting WHERE job = ? AND expires_at > ?"
DROP_WAITING = "DELETE FROM waiting WHERE job = ?"
EXPIRE_WAITING = "DELETE FROM waiting WHERE expires_at <= ?"

SEND = """
    INSERT INTO messages (queue, grp, body, visible_at, count, correlation, trace) VALUES (?, ?, ?, ?, 0, ?, ?)"""
REMEMBER_SENT = """
    INSERT INTO sent (grp, id, until) VALUES (?, ?, ?)
    ON CONFLICT (grp, id) DO UPDATE SET until = excluded.until WHERE until <= ?"""
FORGET_SENT = "DELETE FROM sent WHERE until <= ?"
BURY = "UPDATE messages SET queue = ? WHERE queue = ? AND count >= 5 AND visible_at <= ?"
_DELIVERED = "RETURNING seq, grp, body, count, correlation, trace"
RECEIVE_STANDARD = f"""
    UPDATE messages SET visible_at = ?, count = count + 1 WHERE seq IN
        (SELECT seq FROM messages WHERE queue = ? AND grp IS NULL AND visible_at <= ? ORDER BY visible_at, seq LIMIT ?)
    {_DELIVERED}"""
RECEIVE_FIFO = f"""
    UPDATE messages SET visible_at = ?, count = count + 1 WHERE seq IN
        (SELECT seq FROM messages AS head WHERE queue = ? AND grp IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM messages AS held WHERE held.queue = head.queue AND held.grp IS NOT NULL
                AND held.grp = head.grp AND held.visible_at > ?)
        ORDER BY seq LIMIT ?)
    {_DELIVERED}"""
DELETE_MESSAGE = "DELETE FROM messages WHERE queue = ? AND seq = ? AND count = ?"
RELEASE_MESSAGE = "UPDATE messages SET visible_at = ? WHERE queue = ? AND seq = ? AND count = ? AND visible_at > ?"
COUNT_MESSAGES = "SELECT COUNT(*) FROM messages WHERE queue = ?"

DISARM = "DELETE FROM subscriptions WHERE pipeline_id = ?"
SUBSCRIBE = "INSERT INTO subscriptions (pipeline_id, source, body) VALUES (?, ?, ?)"
LISTENING = "SELECT body FROM subscriptions WHERE source = ? ORDER BY rowid"
PUT_EVENT = """
    INSERT INTO events (pipeline_id, key, standing, arrived, run, error, expires_at, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
EVENT_COLUMNS = "pipeline_id, key, standing, arrived, run, error, body"
EVENT = f"SELECT {EVENT_COLUMNS} FROM events WHERE pipeline_id = ? AND key = ? AND expires_at > ?"
PENDING_EVENTS = """
    SELECT key, arrived, length(body) FROM events
    WHERE pipeline_id = ? AND standing = 'pending' AND expires_at > ?
    ORDER BY arrived, key LIMIT ?"""
MARK_EVENT = "UPDATE events SET standing = ?, run = ?, error = ? WHERE pipeline_id = ? AND key = ? AND standing IN "
BURY_EVENT = """
    UPDATE events SET standing = 'dead', run = ?1, error = ?2
    WHERE pipeline_id = ?3 AND key = ?4 AND run IN ('', ?1)"""
RECLAIM_EVENT = """
    UPDATE events SET standing = 'taken', error = ''
    WHERE pipeline_id = ? AND key = ? AND standing = 'dead' AND run = ?"""
QUERY_EVENTS = f"""
    SELECT {EVENT_COLUMNS} FROM events
    WHERE pipeline_id = ? AND arrived <= ? AND (arrived, key) > (?, ?) AND expires_at > ? AND standing IN (%s)
    ORDER BY arrived, key LIMIT ?"""
EXPIRE_EVENTS = "DELETE FROM events WHERE expires_at <= ?"
PUT_BATCH = "INSERT OR REPLACE INTO batches (pipeline_id, run, expires_at, body) VALUES (?, ?, ?, ?)"
BATCH = "SELECT body FROM batches WHERE pipeline_id = ? AND run = ? AND expires_at > ?"
EXPIRE_BATCHES = "DELETE FROM batches WHERE expires_at <= ?"
NEWEST = """
    INSERT INTO newest (pipeline_id, subject, sequence, expires_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (pipeline_id, subject) DO UPDATE SET sequence = excluded.sequence, expires_at = excluded.expires_at
    WHERE newest.sequence <= excluded.sequence OR newest.expires_at <= ?"""
LATEST = "SELECT sequence FROM newest WHERE pipeline_id = ? AND subject = ? AND expires_at > ?"
EXPIRE_NEWEST = "DELETE FROM newest WHERE expires_at <= ?"
DELETE_EVENTS = ("subscriptions", "events", "batches", "newest")
