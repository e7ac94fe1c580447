"""A circuit breaker: a part that fails is left alone until whoever watches it finds that it answers again."""

from collections.abc import Callable
from enum import Enum


class _State(Enum):
    CLOSED = "asked by everyone"
    OPEN = "left alone"
    PROBING = "left alone, and being looked at"


class Breaker:
    """Decides who may be asked. No caller ever tries a part that is left alone: `look` and its outcome do.

    `failures` in a row open it, and then for at least `pause` seconds of `clock`: a part that answers the watch but
    not its callers would otherwise be asked again at once.
    """

    def __init__(self, clock: Callable[[], float], failures: int = 3, pause: float = 5.0) -> None:
        self._clock = clock
        self._limit = failures
        self._pause = pause
        self._failed = 0
        self._until = 0.0
        self._state = _State.CLOSED

    @property
    def closed(self) -> bool:
        """Whether the part answered when it was last asked, or is still believed to."""
        return self._state is _State.CLOSED

    @property
    def state(self) -> str:
        """closed, open or probing."""
        return self._state.name.lower()

    def went_well(self) -> None:
        """The part answered a caller."""
        self._failed = 0
        self._state = _State.CLOSED

    def failed(self) -> None:
        """The part did not answer a caller, answered too late, or nonsense."""
        self._failed += 1
        if self._failed >= self._limit and self.closed:
            self._state = _State.OPEN
            self._until = self._clock() + self._pause

    def look(self) -> None:
        """The watch begins to ask; `saw` or `missed` follows."""
        if self._state is _State.OPEN:
            self._state = _State.PROBING

    def saw(self) -> None:
        """The part answered the watch."""
        if self.closed:
            return  # failures of callers go on counting: the watch asks about nothing in particular
        if self._clock() >= self._until:
            self.went_well()
        else:
            self._state = _State.OPEN

    def missed(self) -> None:
        """The part did not answer the watch: it is away, whatever callers saw, and back when it answers that."""
        self._state = _State.OPEN
        self._until = self._clock()
