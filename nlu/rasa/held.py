"""The most memory that this process has held. Run by Rasa's Python."""

import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def held() -> float:
    """In megabytes of 1,048,576 bytes.

    On Linux from VmHWM (proc(5)), since there getrusage's figure begins with what the process held that started this
    one; elsewhere from getrusage, in kilobytes or, on macOS, bytes.
    """
    if STATUS.exists():
        (told,) = [line.split()[1] for line in STATUS.read_text().split("\n") if line.startswith("VmHWM:")]
        return int(told) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
