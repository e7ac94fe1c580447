"""`stadtbote up`, `stadtbote restart` and `stadtbote simulator`."""

import argparse
import asyncio
import os
import signal
import sys

from bot import runtime
from bot.settings import Settings, SettingsError


def run_up(settings: Settings, args: argparse.Namespace) -> int:
    """Everything, until Ctrl-C."""
    from bot.supervisor.up import up

    port = args.simulator_port if args.simulator else None
    asyncio.run(up(settings, lambda text: print(text, flush=True), port))
    return 0


def run_restart(settings: Settings, args: argparse.Namespace) -> int:
    """Ask a running `up` for a rolling restart; it logs when each process is replaced."""
    del args
    from bot.supervisor.claims import claim_home

    pid = runtime.supervisor(settings)
    try:
        claim_home(settings.home).close()
    except SettingsError:  # somebody holds the lock: `up` runs, and is the process that it told
        if pid:
            os.kill(pid, signal.SIGHUP)
            print("Web, worker and clock are being replaced, one after the other.")
            return 0
    print("No `stadtbote up` runs with this state directory.", file=sys.stderr)
    return 1


def run_simulator(settings: Settings, args: argparse.Namespace) -> int:
    """The outside world, until Ctrl-C."""
    asyncio.run(_simulate(args.port, f"{settings.base_url}/channels/whatsapp"))
    return 0


async def _simulate(port: int, webhook: str) -> None:
    from bot.processes.life import stopping
    from bot.simulator.server import Simulator

    with stopping() as stop:
        async with Simulator(port=port, whatsapp_webhook=webhook) as simulator:
            print(f"Simulator: {simulator.url}/", flush=True)
            await stop.wait()
