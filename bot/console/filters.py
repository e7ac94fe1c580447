"""What the list of the inbox is narrowed to. It stands in the address: a reload, a bookmark and the live refresh of the
page ask the same question."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from bot.console.words import Words
from bot.conversation import Conversation, Status
from faq.town import Town

LONGEST = 100  # characters of a value: more is no filter of ours
WHO = ("", "waiting", "mine")
"""Everybody's, those without a clerk, the reader's own."""
FIELDS = ("team", "channel", "language", "reason")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a field, and how many conversations of the list it would leave."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """Values of the address; "" does not narrow. `q` are words of the row, judged where rows are."""

    q: str = ""
    who: str = ""
    team: str = ""
    channel: str = ""
    language: str = ""
    reason: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """Out of an address, whatever else stands there."""
        found = cls(**{name: query.get(name, "")[:LONGEST].strip() for name in ("q", "who", *FIELDS)})
        return found if found.who in WHO else cls(**{**asdict(found), "who": ""})

    def fits(self, c: Conversation, user: str) -> bool:
        """Is it one of those? `user` is the reader's account."""
        if self.who == "waiting" and c.status is not Status.WAITING:
            return False
        if self.who == "mine" and (c.status is not Status.ASSIGNED or c.owner != user):
            return False
        return all(not wanted or _value(c, name) == wanted for name, wanted in self._narrow().items())

    @property
    def active(self) -> int:
        """How many of the fields narrow."""
        return sum(map(bool, self._narrow().values()))

    @property
    def suffix(self) -> str:
        """Behind a path without a query: "?team=…", or ""."""
        return f"?{self._encoded()}" if self._encoded() else ""

    @property
    def more(self) -> str:
        """Behind a query: "&team=…", or ""."""
        return f"&{self._encoded()}" if self._encoded() else ""

    def with_who(self, who: str) -> str:
        """The suffix of the same filters for others."""
        return Filters(**{**asdict(self), "who": who}).suffix

    def counts(self, some: Sequence[Conversation], user: str) -> dict[str, int]:
        """By a value of `who`: how many the other filters leave."""
        return {who: sum(Filters(**{**asdict(self), "who": who}).fits(c, user) for c in some) for who in WHO}

    def choices(self, some: Sequence[Conversation], user: str, town: Town, t: Words) -> dict[str, list[Choice]]:
        """By field, what can be chosen of these conversations, in the order of its words. A count says what would be
        left beside the other filters."""
        found = {}
        for name in FIELDS:
            chosen = getattr(self, name)
            others = Filters(**{**asdict(self), name: ""})
            counted = Counter({_value(c, name): 0 for c in some} | {chosen: 0})
            counted.update(_value(c, name) for c in some if others.fits(c, user))
            counted.pop("", None)
            made = [Choice(v, _label(name, v, town, t), n, v == chosen) for v, n in counted.items()]
            found[name] = sorted(made, key=lambda choice: choice.label.casefold())
        return found

    def _narrow(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in FIELDS}

    def _encoded(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})


def _value(c: Conversation, name: str) -> str:
    return str(getattr(c, name) or "")


def _label(name: str, value: str, town: Town, t: Words) -> str:
    if name == "team":
        return town.teams[value].name if value in town.teams else value
    return t.maybe(f"{name}.{value}", value)
