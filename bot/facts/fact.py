"""One fact: something that a turn brought about, without who it was. What figures are made of (bot.facts.kept)."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from bot.kept import known, shallow, written


class FactKind(StrEnum):
    """What happened. Each metric's definition is written in these words."""

    BEGUN = "begun"  # a citizen's first message after none, or after a pause of 24 hours
    ANSWERED = "answered"  # a question, `by` says how: search, choice (a button of ours), follow_up, pinned
    CLARIFIED = "clarified"  # a question, by "Meinten Sie …?"; `by`: "", office (which one?), again (after a rejection)
    CLARIFIED_IN_VAIN = "clarified_in_vain"  # nothing of what was offered was meant
    WITHHELD = "withheld"  # a question that got no answer; `by`: the reply's key, later, unsaid, handed_off
    REJECTED = "rejected"  # an answer was turned down: 👎 or "das meinte ich nicht"; `entry` is that answer's
    PRAISED = "praised"  # 👍 on an answer: once a conversation, answer and day
    OFFICE = "office"  # hours, addresses and places, told from the office data; `by`: question or choice
    SAID = "said"  # greeting, thanks, small talk, insult, command: `by` is the reply's key
    ALARM = "alarm"  # an emergency: numbers first; `by` is its kind
    HANDED_OFF = "handed_off"  # joined the queue; `reason` is a Reason
    FIRST_REPLY = "first_reply"  # a clerk's first word; `value`: seconds since somebody could have read it
    CLAIMED = "claimed"  # `value`: seconds that it waited; None where a clerk took it from the bot
    RESOLVED = "resolved"  # ended; `reason` is an Outcome, back, withdrawn, silent or erased; `value`: seconds
    RATED = "rated"  # a handoff; `value`: 1 good, 0 bad
    ERASED = "erased"  # the citizen had everything deleted: of this conversation's facts only the counts stay


@dataclass(frozen=True, slots=True)
class Fact:
    """`at` is aware UTC. `id` says nothing: the same fact kept twice is one. `text` is the masked question, "" where
    the fact has none; it goes with the retention and with /loeschen, the rest stays. `value` of a question (answered,
    clarified, withheld): the probability of the likeliest entry, in thousandths. `count` -1 takes an earlier one back,
    at that one's time: a verb that was undone, a rating that was changed."""

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
    count: int = 1
    text: str = ""

    def to_json(self) -> str:
        """As the store carries it: compact, without what is empty, and without the text, which lies beside it."""
        plain = shallow(self)
        return written({k: v for k, v in plain.items() if k != "text" and v != _DEFAULTS.get(k, _NONE)})

    @classmethod
    def from_json(cls, raw: str | bytes, text: str = "") -> "Fact":
        """What to_json wrote. Raises ValueError for what a newer version wrote and this one does not know."""
        values = known(cls, json.loads(raw), "at")
        values["kind"] = FactKind(values["kind"])
        return cls(**values, text=text)


_NONE = object()
_DEFAULTS = {f.name: f.default for f in fields(Fact)}


def name_of(*parts: object) -> str:
    """An id made of what makes the fact one: 24 hexadecimal digits that tell nothing."""
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=12).hexdigest()
