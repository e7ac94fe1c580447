"""A circuit breaker: after a row of failures a part is left alone for a while, then tried by one caller."""

from collections.abc import Callable
from enum import Enum


class _State(Enum):
    CLOSED = "asked by everyone"
    OPEN = "left alone"
    PROBING = "tried by one"


class Breaker:
    """Decides who may ask. `clock` gives seconds; `pause` is how many of them a failing part is left alone."""

    def __init__(self, clock: Callable[[], float], failures: int = 3, pause: float = 5.0) -> None:
        self._clock = clock
        self._limit = failures
        self._pause = pause
        self._failed = 0
        self._since = 0.0
        self._state = _State.CLOSED

    @property
    def closed(self) -> bool:
        """Whether the part answered when it was last asked, or is still believed to."""
        return self._state is _State.CLOSED

    @property
    def state(self) -> str:
        """closed, open or probing."""
        return self._state.name.lower()

    def may_ask(self) -> bool:
        """Whether this caller may ask now. Who was told yes must say how it went."""
        if self._state is _State.CLOSED:
            return True
        if self._state is _State.OPEN and self._clock() - self._since >= self._pause:
            self._state = _State.PROBING
            return True
        return False

    def went_well(self) -> None:
        """The part answered."""
        self._failed = 0
        self._state = _State.CLOSED

    def failed(self) -> None:
        """The part did not answer, answered too late, or nonsense."""
        self._failed += 1
        if self._state is _State.PROBING or self._failed >= self._limit:
            self._state = _State.OPEN
            self._since = self._clock()

    def gave_up(self) -> None:
        """The caller was cancelled and learned nothing: another may probe at once."""
        if self._state is _State.PROBING:
            self._state = _State.OPEN
