"""The real product as it runs on many machines: `stadtbote web`, `worker` and `clock`, each started by itself."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.ports import free_port
from bot.settings import PREFIX, read
from bot.simulator import Simulator
from bot.simulator.defaults import TELEGRAM_SECRET
from bot.state import prepare_state
from tests.integration.product import Product, check_log, clean_environment, command, gone, tree

KINDS = ("web", "worker", "clock")
ENDING = 120.0  # seconds; they promise ten


@asynccontextmanager
async def apart(simulator: Simulator, redis_url: str, **settings: str) -> AsyncIterator[Product]:
    """Three processes on that Redis, keywords only, webhooks from both platforms; each must end by SIGTERM with 0."""
    with tempfile.TemporaryDirectory(prefix="sb-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        port = str(free_port())
        chosen = {"home": str(home), "port": port, "redis_url": redis_url, "nlu_url": "off", "metrics_port": "0"}
        chosen |= {"telegram_secret": TELEGRAM_SECRET, "telegram_mode": "webhook"} | settings
        environment = clean_environment() | simulator.environment("webhook")
        environment |= {PREFIX + name.upper(): value for name, value in chosen.items()}
        await asyncio.to_thread(prepare_state, read(environment, home), print)  # `prepare` without the encoder
        log = Path(folder) / "log"
        processes: list[asyncio.subprocess.Process] = []
        with log.open("wb") as written:
            for kind in KINDS:
                started = await asyncio.create_subprocess_exec(
                    *command(kind), env=environment, cwd=folder, stdout=written, stderr=written
                )
                processes.append(started)
        timeout = aiohttp.ClientTimeout(total=15)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session:
                running = Product(f"http://127.0.0.1:{port}", home, environment, processes[0], log, session)
                try:
                    await running.ready()
                    await simulator.whatsapp.subscribe(f"{running.url}/channels/whatsapp")
                    yield running
                except BaseException:
                    print(running.log[-20_000:])  # pytest shows it beside the failure
                    raise
            for process in processes:
                process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(ENDING):
                assert [await process.wait() for process in processes] == [0, 0, 0], running.log
        finally:
            family = set().union(*(tree(process.pid) for process in processes))
            for process in processes:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            await gone(family)
        check_log(running, simulator)
