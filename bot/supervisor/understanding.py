"""The Rasa that `stadtbote up` runs, where nobody named another: trained if need be, started when people are served."""

import asyncio
import logging
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.rasa import RasaServer, rasa_server
from bot.settings import Settings
from bot.supervisor.child import Child
from bot.supervisor.supervisor import Supervisor

log = logging.getLogger(__name__)
SERVING, TRAINING = 5, 10  # added to our priority: keywords understand meanwhile, so nobody must wait for either


def understanding(settings: Settings, say: Callable[[str], None]) -> tuple[Settings, RasaServer | None]:
    """The local Rasa, where nothing else is said; its address is known before it is up."""
    if settings.nlu_url:
        return settings, None
    # Hexadecimal: Rasa would take a token that begins with "-" for an option, and not start.
    server = rasa_server(settings, secrets.token_hex(24))
    if server is None:
        say("Rasa's environment is missing: understanding by keywords. `make rasa` sets it up.")
        return replace(settings, nlu_url="off"), None
    return replace(settings, nlu_url=server.url, nlu_token=server.token), server


async def train_and_serve(supervisor: Supervisor, rasa: RasaServer, say: Callable[[str], None]) -> None:
    """Start it as soon as there is a model."""
    # On Linux a priority belongs to a thread, and what it starts inherits it.
    with ThreadPoolExecutor(1, "training", os.nice, (TRAINING,)) as aside:
        try:
            command, environment = await asyncio.get_running_loop().run_in_executor(aside, rasa.prepare, say)
        except Exception:
            log.exception("Rasa could not be trained; understanding by keywords")
            return
    child = Child("rasa", command, environment, rasa.settings.home / "rasa.log", nice=SERVING)
    await supervisor.start(child)
