"""Everything in large counts: python -m tests.faults --messages 20000 --kills 60 [--power-loss] [--rasa]"""

import argparse
import asyncio
import sys
import time

from tests.faults.powerloss import STRACE
from tests.faults.storm import Plan, storm


def say(text: str) -> None:
    """A line of progress, at once."""
    print(text, flush=True)


async def run(args: argparse.Namespace) -> bool:
    """One storm; True if every promise was kept."""
    plan = Plan(args.messages, args.kills, args.seed, args.rasa, args.power_loss, args.web, args.workers)
    began = time.monotonic()
    verdict = await storm(plan, say)
    say(f"\n{verdict}\ntook                    {time.monotonic() - began:.0f} s")
    return verdict.holds


def main() -> int:
    """0: it holds; 1: it does not; 2: it cannot be tried here."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--messages", type=int, default=400, help="so many are acknowledged (400)")
    parser.add_argument("--kills", type=int, default=8, help="kills and stops among them (8)")
    parser.add_argument("--seed", type=int, default=1, help="who writes what, and what befalls whom (1)")
    parser.add_argument("--web", type=int, default=2, help="web processes (2)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (2)")
    parser.add_argument("--rasa", action="store_true", help="with the local Rasa, which is killed as well")
    parser.add_argument("--power-loss", action="store_true", help="a killed Valkey loses what was not synced")
    args = parser.parse_args()
    if args.power_loss and not STRACE:
        say("strace is missing: --power-loss cannot be tried here. Install it (apt-get install strace).")
        return 2
    return 0 if asyncio.run(run(args)) else 1


if __name__ == "__main__":
    sys.exit(main())
