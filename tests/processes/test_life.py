"""The end of a process, when who stops it says so twice."""

import subprocess
import sys

# The wakeup pipe is closed while asyncio's handler still stands: the middle of the loop's own closing.
TWICE = """
import asyncio, os, signal
from bot.processes.life import stopping

async def main():
    with stopping() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop._close_self_pipe()
for name in (signal.SIGTERM, signal.SIGINT):
    os.kill(os.getpid(), name)
print("ended by itself")
"""


def test_a_second_signal_in_the_middle_of_the_end_is_nothing() -> None:
    ended = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (0, "ended by itself\n")
    assert "wakeup fd" not in ended.stderr
