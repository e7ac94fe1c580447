"""Names in Redis. {n} is a hash tag: all keys of one lane lie in one slot of a cluster."""

PREFIX = "stadtbote"
MEMORY_OF_UPDATES = 8 * 24 * 3600  # seconds; WhatsApp repeats for seven days (PLATFORMS)
CHANGES = f"{PREFIX}:changes"  # published, not kept


def lane_of(conversation: str, lanes: int) -> int:
    """The lane of a conversation: its id is uniform, so a remainder spreads evenly."""
    return int(conversation[:8], 16) % lanes


def key(lane: int, *names: str) -> str:
    """stadtbote:{7}:conv:ab12…"""
    return ":".join((PREFIX, f"{{{lane}}}", *names))
