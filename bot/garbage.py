"""The collector of cyclic garbage, kept away from a corpus: while it looks through ten thousand entries, which are in
no cycle and go by themselves, every thread waits a third of a second."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_alone() -> Iterator[None]:
    """What is made inside is never looked through, nor is what lives at the end. One at a time in a process."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
