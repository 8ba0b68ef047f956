"""The service's bounds on clients and messages.

Source  AWS General Reference, AWS IoT Core endpoints and quotas, "message broker and protocol limits"
"""

LARGEST_PAYLOAD_BYTES = 128 * 1024
LARGEST_PACKET_BYTES = 146 * 1024
LONGEST_KEEP_ALIVE_SECONDS = 1200
MOST_IN_FLIGHT = 100
"""QoS 1 messages that wait for an acknowledgement, of a client in each direction."""
SESSION_SECONDS = 3600
"""How long a session that should persist outlives its connection."""
MOST_TOPIC_ALIASES = 8
MOST_FILTERS = 8
"""Of one Subscribe."""
MOST_QUEUED = 10_000
"""Messages kept for a client that is away, or slow; the embedded run's own bound, the oldest goes first."""
