"""One fact: something that a turn brought about, without who it was. What figures are made of (bot.facts.kept)."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum


class FactKind(StrEnum):
    """What happened. Each metric's definition is written in these words."""

    BEGUN = "begun"  # a citizen's first message after none, or after a long pause
    ANSWERED = "answered"  # a question, by an entry; `by` says how: search, choice (a button of ours), follow_up
    CLARIFIED = "clarified"  # a question, by "Meinten Sie …?"
    CLARIFIED_IN_VAIN = "clarified_in_vain"  # nothing of what was offered was meant
    WITHHELD = "withheld"  # a question for which nothing was found
    REJECTED = "rejected"  # an answer was turned down: 👎 or "das meinte ich nicht"; `entry` is that answer's
    PRAISED = "praised"  # 👍 on an answer
    OFFICE = "office"  # hours, addresses and places, told from the office data
    SAID = "said"  # greeting, thanks, small talk, insult, command: `by` is the reply's key
    ALARM = "alarm"  # an emergency: numbers first
    HANDED_OFF = "handed_off"  # joined the queue; `reason` is a Reason
    FIRST_REPLY = "first_reply"  # a clerk's first word; `value`: seconds since it was handed off
    CLAIMED = "claimed"  # `value`: seconds that it waited
    RESOLVED = "resolved"  # `reason` is an Outcome; `value`: seconds since it was handed off
    RATED = "rated"  # `value`: 1 good, 0 bad
    ERASED = "erased"  # the citizen had everything deleted: the texts of this conversation's facts go, too


@dataclass(frozen=True, slots=True)
class Fact:
    """`at` is aware UTC. `id` is the conversation's and a number that grows: the same fact kept twice is one. `text`
    is the masked question, "" where the fact has none; it goes with the retention and with /loeschen, the rest stays.
    """

    id: str
    at: datetime
    kind: FactKind
    conversation: str
    channel: str
    language: str = ""
    topic: str = ""
    office: str = ""
    team: str = ""
    entry: str = ""
    revision: str = ""
    release: str = ""
    reason: str = ""
    by: str = ""
    value: int | None = None
    text: str = ""

    def to_json(self) -> str:
        """As the store carries it."""
        return json.dumps(asdict(self) | {"at": self.at.isoformat()}, ensure_ascii=False)

    @classmethod
    def from_json(cls, raw: str | bytes) -> "Fact":
        """What to_json wrote."""
        plain = json.loads(raw)
        return cls(**(plain | {"at": datetime.fromisoformat(plain["at"]), "kind": FactKind(plain["kind"])}))
