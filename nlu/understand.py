"""What understanding a message means: the shape of the result and the protocol that every way of it keeps."""

from dataclasses import dataclass
from typing import Literal, Protocol

INTENTS = (
    "greet", "goodbye", "thanks", "affirm", "deny", "ask_human", "complain", "insult", "emergency", "distress",
    "reject_answer", "ask_bot_identity", "follow_up_cost", "follow_up_documents", "follow_up_location",
    "follow_up_duration", "follow_up_appointment", "follow_up_person", "follow_up_online", "follow_up_deadline",
    "ask_opening_hours", "report_defect",
    "small_talk", "data_rights", "change_language", "faq_question", "out_of_scope",
)  # fmt: skip
"""Every intent that examples may teach."""

FALLBACK = "nlu_fallback"
"""The intent of a result that is too unsure to act on; the ranking still says what it may have been."""

ENTITIES = ("document", "office", "district", "date", "person_group")
"""Every kind of entity."""

Source = Literal["rasa", "keywords"]


@dataclass(frozen=True)
class Entity:
    """A thing named in the text: `text[start:end]` says it, `value` is its usual name (or the words themselves)."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Understanding:
    """What a message was taken to mean.

    `confidence` is between 0 and 1; `ranking` lists (intent, confidence), best first; `language` is an ISO 639-1
    code; `source` says whether the model or the keywords decided.
    """

    intent: str
    confidence: float
    entities: tuple[Entity, ...]
    ranking: tuple[tuple[str, float], ...]
    language: str
    source: Source


class Nlu(Protocol):
    """Understands one message at a time. Never raises because a model is missing or slow."""

    async def understand(self, text: str, language: str | None = None) -> Understanding:
        """The meaning of `text`. `language` overrides what the text itself looks like."""
        ...

    async def keep_watching(self) -> None:
        """Finds out, until cancelled, whether what understands is there, so that no message has to. May return."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...


class Nlus(Protocol):
    """Understands by any of the examples that a release may name: "" are those that ship."""

    def of(self, name: str) -> Nlu:
        """Who understands as taught by these, whether or not a model of them is there at the moment: keywords answer
        without one. Cheap, and the same object each time. Its `close` and `keep_watching` are ours."""
        ...

    def serves(self, name: str) -> bool:
        """Whether a message could be understood by these now as well as it ever will be here."""
        ...

    async def keep_watching(self) -> None:
        """Finds out, until cancelled, which models are there. May return."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...
