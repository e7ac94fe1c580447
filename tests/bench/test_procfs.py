"""What processes cost, read from a real one."""

import os
import subprocess
import sys

from tests.bench.procfs import TICK, Cost, cost, cpu_ticks, holds, machine, memory, pss

WORK = "import time\nwhile time.process_time() < 0.4: pass\n"
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {WORK!r}], check=True)
print("done", flush=True)
sys.stdin.read()
"""


def test_the_time_of_children_that_ended_is_counted() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"done\n"
        assert cost(parent.pid).total >= 0.4 - 2 / TICK
        assert [row["pid"] for row in memory(parent.pid)] == [parent.pid]
    finally:
        parent.communicate(b"")


def test_a_stat_line_with_an_awkward_name() -> None:
    fields = ["S", *(["0"] * 10), "11", "22", "33", "44", *(["0"] * 30)]
    assert cpu_ticks(f"4711 (a) b (c {' '.join(['9'] * 20)}) " + " ".join(fields)) == 110


def test_what_was_spent_in_between() -> None:
    spent = Cost({"web": 3.0, "worker": 5.5, "new": 1.0}).since(Cost({"web": 1.0, "worker": 5.0, "gone": 0.5}))
    assert spent.seconds == {"gone": -0.5, "new": 1.0, "web": 2.0, "worker": 0.5}
    assert spent.total == 3.0


def test_the_whole_machine() -> None:
    before = machine()
    subprocess.run([sys.executable, "-c", WORK], check=True)
    busy, idle = (now - then for now, then in zip(machine(), before, strict=True))
    assert busy >= 0.4 - 4 / TICK
    assert idle >= 0


def test_memory_and_what_is_mapped() -> None:
    assert pss(os.getpid()) > 5.0
    assert holds(os.getpid(), "libc.so")
    assert not holds(os.getpid(), "libnothing")
