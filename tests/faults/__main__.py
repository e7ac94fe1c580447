"""The fault kit by command: python -m tests.faults storm --messages 20000 --kills 60

One check by its name, or all of them in counts for a quick look (quick) or for a release (large).
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from tests import patience
from tests.faults.crowd import Crowd
from tests.faults.powerloss import STRACE
from tests.faults.races import double_claims, ring, takeovers
from tests.faults.repeats import ambiguous, repeated
from tests.faults.storm import Plan, storm
from tests.faults.world import world
from tests.valkey import valkey


class Verdict(Protocol):
    """What every check ends with; str() says it in words."""

    @property
    def holds(self) -> bool:
        """Was every promise kept?"""
        ...


def say(text: str) -> None:
    """A line of progress, at once."""
    print(text, flush=True)


async def storms(args: argparse.Namespace) -> list[Verdict]:
    """One storm."""
    return [
        await storm(Plan(args.messages, args.kills, args.seed, args.rasa, args.power_loss, args.web, args.workers), say)
    ]


async def repeats(args: argparse.Namespace) -> list[Verdict]:
    """Webhooks repeated, shuffled and replayed days later."""
    async with world(args.seed, args.web, args.workers) as town:
        crowd = Crowd(town.sim, random.Random(args.seed))
        return [await repeated(town, await crowd.learn(), args.citizens, say)]


async def lost(args: argparse.Namespace) -> list[Verdict]:
    """A fifth of the platforms' responses lost after delivery."""
    async with world(args.seed, args.web, args.workers) as town:
        crowd = Crowd(town.sim, random.Random(args.seed))
        return [await ambiguous(town, await crowd.learn(), args.citizens)]


async def races(args: argparse.Namespace) -> list[Verdict]:
    """Takeovers during replies, and clerks against each other."""
    with valkey() as url, tempfile.TemporaryDirectory() as folder:
        async with ring(url, Path(folder), args.seed) as made:
            return [await takeovers(made, args.races, say), await double_claims(made, args.races // 10)]


CHECKS: dict[str, Callable[[argparse.Namespace], Awaitable[list[Verdict]]]] = {
    "storm": storms,
    "repeats": repeats,
    "ambiguous": lost,
    "races": races,
}


ALL = ("storm", "storm --power-loss", "storm --rasa", "repeats", "ambiguous", "races")
COUNTS: dict[str, dict[str, int]] = {
    "quick": {"messages": 400, "kills": 8, "citizens": 20, "races": 200},
    "large": {"messages": 20_000, "kills": 60, "citizens": 200, "races": 10_000},
}


async def run(args: argparse.Namespace) -> bool:
    """The chosen checks, one after the other; True if all promises were kept."""
    if args.what not in COUNTS:
        return await check(args.what, args)
    well = True
    for words in ALL:
        name, *options = words.split()
        chosen = argparse.Namespace(**vars(args))
        vars(chosen).update(COUNTS[args.what], rasa="--rasa" in options, power_loss="--power-loss" in options)
        # Each storm is another one.
        chosen.seed += ALL.index(words)
        if not possible(chosen):
            well = False
            continue
        say(" ".join(("#", *words.split())))
        well = await check(name, chosen) and well
    return well


async def check(name: str, args: argparse.Namespace) -> bool:
    """One of CHECKS; True if its promises were kept."""
    began, well = time.monotonic(), True
    for verdict in await CHECKS[name](args):
        say(f"{verdict}\n{name}: {'holds' if verdict.holds else 'BROKEN'}")
        well = well and verdict.holds
    say(f"{name}: {time.monotonic() - began:.0f} s\n")
    return well


def possible(args: argparse.Namespace) -> bool:
    """Can it be tried here? Says what is missing."""
    if args.power_loss and not STRACE:
        say("strace is missing: no power can be lost here. Install it (apt-get install strace).")
        return False
    return True


def main() -> int:
    """0: it holds; 1: it does not; 2: it cannot be tried here."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("what", nargs="?", default="storm", choices=(*CHECKS, *COUNTS))
    parser.add_argument("--messages", type=int, default=400, help="acknowledged in a storm (400)")
    parser.add_argument("--kills", type=int, default=8, help="kills and stops among them (8)")
    parser.add_argument("--citizens", type=int, default=20, help="of repeats and ambiguous, each with 4 messages (20)")
    parser.add_argument("--races", type=int, default=200, help="takeovers; a tenth as many double claims (200)")
    parser.add_argument("--seed", type=int, default=1, help="who writes what, and what befalls whom (1)")
    parser.add_argument("--web", type=int, default=2, help="web processes (2)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (2)")
    parser.add_argument("--rasa", action="store_true", help="a storm with the local Rasa, which is killed as well")
    parser.add_argument("--power-loss", action="store_true", help="a storm in which a killed Valkey loses the unsynced")
    args = parser.parse_args()
    if not possible(args):
        return 2
    patience.everywhere()
    return 0 if asyncio.run(run(args)) else 1


if __name__ == "__main__":
    sys.exit(main())
