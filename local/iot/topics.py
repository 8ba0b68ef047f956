"""Topics and topic filters as AWS IoT Core has them, which is not quite as MQTT has them.

- `a/#` does not match `a` itself (MQTT: it does); it does match `a/`.
- A filter that starts with a wildcard matches no topic that starts with `$`.
- A topic has at most 7 slashes and 256 bytes of UTF-8, a Basic Ingest prefix `$aws/rules/NAME/` not counted.
Source  AWS IoT Core developer guide, "MQTT", differences from the specifications; MQTT 3.1.1, 4.7.2 for `$`
"""

LONGEST_TOPIC = 256
MOST_SLASHES = 7


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a message on `topic` goes to a subscriber of `topic_filter`. Both are valid."""
    if topic_filter == topic:
        return True
    if topic.startswith("$") and topic_filter[:1] in ("+", "#"):
        return False
    wanted, levels = topic_filter.split("/"), topic.split("/")
    if wanted[-1] == "#":
        return len(levels) >= len(wanted) and _level_by_level(wanted[:-1], levels)
    return len(levels) == len(wanted) and _level_by_level(wanted, levels)


def _level_by_level(wanted: list[str], levels: list[str]) -> bool:
    return all(one in ("+", level) for one, level in zip(wanted, levels, strict=False))


def is_topic(topic: str) -> bool:
    """Whether one may publish on it."""
    return _fits(topic) and not any(sign in topic for sign in "+#\0")


def is_filter(topic_filter: str) -> bool:
    """Whether one may subscribe to it: `+` a whole level, `#` the last one."""
    levels = topic_filter.split("/")
    whole = all(level in ("+", "#") or ("+" not in level and "#" not in level) for level in levels)
    return _fits(topic_filter) and whole and "#" not in levels[:-1] and "\0" not in topic_filter


def _fits(text: str) -> bool:
    counted = text
    if text.startswith("$aws/rules/"):
        counted = text.removeprefix("$aws/rules/").partition("/")[2] or text
    return 0 < len(counted.encode()) <= LONGEST_TOPIC and counted.count("/") <= MOST_SLASHES
