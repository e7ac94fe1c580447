"""What the bench says while it works: a line with the time since its start."""

import time

BEGAN = time.monotonic()


def tell(text: str) -> None:
    """Long work shows progress."""
    passed = time.monotonic() - BEGAN
    print(f"{int(passed // 60):3}:{int(passed % 60):02} {text}", flush=True)
