"""Progress where a person watches."""

import sys


def tell(step: str, share: float) -> None:
    """A line on standard error that counts up."""
    if sys.stderr.isatty():
        print(f"\r{step:<24} {share:4.0%}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)
