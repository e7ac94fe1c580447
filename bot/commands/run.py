"""`stadtbote up` and `stadtbote simulator`."""

import argparse
import asyncio

from bot.settings import Settings


def run_up(settings: Settings, args: argparse.Namespace) -> int:
    """Everything, until Ctrl-C."""
    from bot.supervisor.up import up

    port = args.simulator_port if args.simulator else None
    asyncio.run(up(settings, lambda text: print(text, flush=True), port))
    return 0


def run_simulator(settings: Settings, args: argparse.Namespace) -> int:
    """The outside world, until Ctrl-C."""
    asyncio.run(_simulate(args.port, f"{settings.base_url}/channels/whatsapp"))
    return 0


async def _simulate(port: int, webhook: str) -> None:
    from bot.processes.life import stop_event
    from bot.simulator.server import Simulator

    stop = stop_event()
    async with Simulator(port=port, whatsapp_webhook=webhook) as simulator:
        print(f"Simulator: {simulator.url}/", flush=True)
        await stop.wait()
