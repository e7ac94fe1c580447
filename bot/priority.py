"""Who gives way: what nobody waits for takes only the time of the processor that others leave."""

import os

BEHIND = 15
"""Niceness (0 first, 19 last) of jobs and of long commands. Workers have 5, who acknowledges has 0: see
bot.supervisor.up."""


def behind() -> None:
    """This process, and what it starts, from now on. Nothing for a thread beside others: what it holds of the
    interpreter they would wait for until it gets a processor. Measured: with equal rights the slowest replies beside an
    import took half the time.
    """
    os.setpriority(os.PRIO_PROCESS, 0, max(BEHIND, os.getpriority(os.PRIO_PROCESS, 0)))
