"""Long work in a thread that lets go first who answers somebody.

Python runs one thread at a time. While an index of ten thousand entries is made beside, each reply would take twice as
long; so whoever makes it stops, every few hundred items, while somebody is at work on a message.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_AT_ONCE = 128  # items between two looks: a millisecond or two
_PATIENCE = 0.05  # seconds of one wait, at most
_GRACE = 0.2  # seconds that may be waited before any work was done
_thread = threading.local()


class Courtesy:
    """Who goes first, and who lets them."""

    def __init__(self) -> None:
        self._first, self._nobody = 0, threading.Event()
        self._nobody.set()
        self._lock = threading.Lock()

    @contextmanager
    def first(self) -> Iterator[None]:
        """Whoever is at work inside goes before those who give way."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """This thread gives way inside, where it says so: by `courteous` and `give_way`. It waits no longer in all than
        it works, so that it comes to its end however many messages there are."""
        began = time.monotonic()
        waited = 0.0

        def wait() -> None:
            nonlocal waited
            if self._nobody.is_set() or 2 * waited > time.monotonic() - began + _GRACE:
                return
            since = time.monotonic()
            self._nobody.wait(_PATIENCE)
            waited += time.monotonic() - since

        before = getattr(_thread, "wait", None)
        _thread.wait = wait
        try:
            yield
        finally:
            _thread.wait = before

    def _count(self, more: int) -> None:
        with self._lock:
            self._first += more
            if self._first:
                self._nobody.clear()
            else:
                self._nobody.set()


def give_way() -> None:
    """Let go first who goes first, where this thread gives way; else nothing."""
    if wait := getattr(_thread, "wait", None):
        wait()


def courteous(items: Iterable[T]) -> Iterator[T]:
    """The items, and between some of them `give_way`."""
    for number, item in enumerate(items):
        if number % _AT_ONCE == 0:
            give_way()
        yield item
