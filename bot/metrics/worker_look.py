"""What a worker measures only when somebody asks for its page. Apart: web and clock need none of what it imports."""

from collections.abc import Mapping

from bot.answers import Answers
from bot.composition import Core
from bot.metrics.listener import Look
from bot.metrics.looks import is_up
from bot.worker import Worker
from nlu.client import RasaNlu
from nlu.understand import Nlus


def worker_look(core: Core, worker: Worker, answers: Answers, nlu: Nlus) -> Look:
    """Store, encoder, and Rasa where there is one; lanes, work in hand, Rasa's breakers, how many entries answer."""
    metrics = core.metrics

    async def look() -> Mapping[str, bool]:
        worker.tell()
        metrics.lanes_total.set(core.store.lanes)
        metrics.entries.set(answers.entries)
        parts = {"store": await is_up(core.store), "encoder": bool(answers.encoder)}
        if isinstance(nlu, RasaNlu):
            asked = nlu.of(answers.in_force.nlu)
            parts["nlu"] = asked.healthy
            for state, count in asked.breakers.items():
                metrics.rasa_servers.set(count, state)
        return parts

    return look
