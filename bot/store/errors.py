"""What a store refuses, and why."""


class Conflict(Exception):
    """Somebody else changed the conversation since it was loaded: load again and judge again."""


class AlreadyDone(Exception):
    """This arrival was handled before: write nothing."""


class Fenced(Exception):
    """Another worker holds this lane now: drop the work, it is theirs."""


class StoreUnavailable(Exception):
    """The store cannot be reached or cannot write: answer 503, keep nothing, try again."""
