"""`stadtbote up` and `stadtbote simulator`."""

import argparse
import asyncio

from bot.settings import Settings


def run_up(settings: Settings, args: argparse.Namespace) -> int:
    """Everything, until Ctrl-C."""
    from bot.supervisor import up

    asyncio.run(up(settings, lambda text: print(text, flush=True), args.simulator))
    return 0


def run_simulator(settings: Settings, args: argparse.Namespace) -> int:
    """The outside world, until Ctrl-C."""
    from bot.simulator.server import run

    asyncio.run(run("127.0.0.1", args.port, settings.base_url))
    return 0
