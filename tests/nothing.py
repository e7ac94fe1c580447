"""A town that has answered nothing yet."""

from contextlib import AbstractContextManager

from bot.events import Findings
from bot.inforce import InForce, holding
from faq.retrieval.index import Index


class Nothing:
    """Finds nothing."""

    def __init__(self) -> None:
        self._force = InForce(None, 0, {}, Index.build((), None))

    def holding(self) -> AbstractContextManager[InForce]:
        return holding(self._force)

    async def find(self, text: str, language: str) -> Findings:
        return Findings("withhold")
