"""The local models of `stadtbote up`, with all that they need: database, examples, board."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.composition import redis_of
from bot.rasa import rasa_python, trained_model
from bot.settings import Settings
from bot.supervisor.place import Place
from bot.supervisor.supervisor import Supervisor
from bot.supervisor.understanding import Models
from bot.taught.board import Board


async def serve_models(
    supervisor: Supervisor, settings: Settings, places: Sequence[Place], say: Callable[[str], None]
) -> None:
    """Train and serve what releases want, until cancelled."""
    from faq.database import open_engine
    from faq.examples.revisions import Examples
    from faq.releases.loading import wanted

    engine, redis, python = open_engine(settings.database), redis_of(settings), rasa_python(settings)
    assert python is not None  # else there were no places
    examples = Examples(engine)

    def train(name: str) -> Path:
        return trained_model(settings, python, say, examples.get(name).lines)

    async def names() -> Sequence[str]:
        return await asyncio.to_thread(wanted, engine)

    try:
        await Models(supervisor, settings, places, python, train).follow(names, Board(redis))
    finally:
        await redis.aclose()
        engine.dispose()
