"""What processes cost, from /proc: processor time with all children, memory as PSS, what they have mapped.

PSS counts a page that n processes share as 1/n for each, so the sum over processes is what the machine gives.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.integration.product import command_line, tree

TICK = os.sysconf("SC_CLK_TCK")  # per second; 100 on Linux: ten milliseconds is the finest we see
PROC = Path("/proc")
MIB = 1024 * 1024
# Names by what stands in the command line; the first that fits.
MARKS = (
    ("valkey-server", "valkey"),
    ("serve.py", "rasa"),
    ("-m\0rasa\0run", "stock rasa"),
    ("bot\0web", "web"),
    ("bot\0worker", "worker"),
    ("bot\0clock", "clock"),
    ("bot\0simulator", "simulator"),
    ("stadtbote\0up", "supervisor"),
)
OUTSIDE = frozenset({"simulator"})


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time so far, by name of the process; those of ended children included."""

    seconds: dict[str, float]

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self.seconds.values())

    def since(self, before: "Cost") -> "Cost":
        """What was spent in between. A child that ended meanwhile is in its parent's time then, and taken off here."""
        names = sorted(set(self.seconds) | set(before.seconds))
        spent = {name: round(self.seconds.get(name, 0.0) - before.seconds.get(name, 0.0), 3) for name in names}
        return Cost(spent)


def cpu_ticks(stat: str) -> int:
    """utime + stime + cutime + cstime of a /proc/<pid>/stat line; the name in it may hold blanks and brackets."""
    fields = stat.rpartition(")")[2].split()
    return sum(int(fields[place]) for place in (11, 12, 13, 14))


def name_of(pid: int) -> str:
    """What a process is called in the report."""
    words = command_line(pid)
    found = next((name for mark, name in MARKS if mark in words), "")
    return found or Path(words.partition("\0")[0] or "ended").name


def cost(pid: int) -> Cost:
    """Of a process and everything below it, the simulator left out."""
    seconds: dict[str, float] = {}
    for one, _ in tree(pid):
        name = name_of(one)
        try:
            ticks = cpu_ticks((PROC / str(one) / "stat").read_text("utf-8", "replace"))
        except OSError:
            continue  # it has just ended: its time is its parent's now
        if name not in OUTSIDE:
            seconds[name] = seconds.get(name, 0.0) + ticks / TICK
    return Cost(seconds)


def machine() -> tuple[float, float]:
    """Seconds that all cores together have been busy, and idle, since the machine started."""
    ticks = [int(field) for field in (PROC / "stat").read_text("ascii").split("\n", 1)[0].split()[1:9]]
    idle = ticks[3] + ticks[4]  # waiting for a disk is idle, too
    return (sum(ticks) - idle) / TICK, idle / TICK


def pss(pid: int) -> float:
    """Proportional set size in MiB."""
    for line in (PROC / str(pid) / "smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no Pss of {pid}")


def holds(pid: int, library: str) -> bool:
    """Whether the process has mapped a file whose name begins so."""
    lines = (PROC / str(pid) / "maps").read_text("utf-8", "replace").splitlines()
    return any(Path(line.split(maxsplit=5)[-1]).name.startswith(library) for line in lines if "/" in line)


def memory(pid: int) -> list[dict[str, object]]:
    """Each process of a family, largest first: its name, MiB (PSS), whether it holds the encoder's engine."""
    found: list[dict[str, object]] = []
    for one, _ in sorted(tree(pid)):
        name = name_of(one)
        try:
            row = {"name": name, "pid": one, "pss_mib": round(pss(one), 1)}
            # The module of the Python package; libonnxruntime is inside it or beside it, by version.
            row["encoder"] = holds(one, "onnxruntime_pybind11_state") or holds(one, "libonnxruntime")
        except OSError:
            continue
        if name not in OUTSIDE:
            found.append(row)
    return sorted(found, key=lambda row: -float(str(row["pss_mib"])))
