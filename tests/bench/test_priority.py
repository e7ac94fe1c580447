"""The instruments go first only while they measure, and what they start does not."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bench.priority import FIRST, first_in_line, usual


@pytest.fixture
def other() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process.pid
    process.communicate(b"")


def test_first_while_the_block_lasts(other: int) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0), os.getpriority(os.PRIO_PROCESS, other)
    with first_in_line(other) as allowed:
        now = os.getpriority(os.PRIO_PROCESS, 0), os.getpriority(os.PRIO_PROCESS, other)
        assert now == ((FIRST, FIRST) if allowed else before)
        usual(other, 0)
        assert os.getpriority(os.PRIO_PROCESS, other) == now[0]
    assert (os.getpriority(os.PRIO_PROCESS, 0), os.getpriority(os.PRIO_PROCESS, other)) == before


def test_without_the_right_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(which: int, who: int, priority: int) -> None:
        if priority < 0:
            raise PermissionError

    before = os.getpriority(os.PRIO_PROCESS, 0)
    monkeypatch.setattr(os, "setpriority", refuse)
    with first_in_line() as allowed:
        assert not allowed
        assert os.getpriority(os.PRIO_PROCESS, 0) == before
