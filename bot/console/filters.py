"""What the list of the inbox is narrowed to. It stands in the address: a reload, a bookmark and the live refresh of the
page ask the same question."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
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


@dataclass(frozen=True)
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
        return _theirs(c, self.who, user) and all(_value(c, name) == value for name, value in self._narrow)

    @property
    def active(self) -> int:
        """How many of the fields narrow."""
        return len(self._narrow)

    @property
    def suffix(self) -> str:
        """Behind a path without a query: "?team=…", or ""."""
        return f"?{self._encoded}" if self._encoded else ""

    @property
    def more(self) -> str:
        """Behind a query: "&team=…", or ""."""
        return f"&{self._encoded}" if self._encoded else ""

    def with_who(self, who: str) -> str:
        """The suffix of the same filters for others."""
        return Filters(**{**asdict(self), "who": who}).suffix

    def counts(self, some: Sequence[Conversation], user: str) -> dict[str, int]:
        """By a value of `who`: how many the other filters leave."""
        fitting = [c for c in some if all(_value(c, name) == value for name, value in self._narrow)]
        return {who: sum(_theirs(c, who, user) for c in fitting) for who in WHO}

    def choices(self, some: Sequence[Conversation], user: str, town: Town, t: Words) -> dict[str, list[Choice]]:
        """By field, what can be chosen of these conversations, in the order of its words. A count says what would be
        left beside the other filters."""
        found = {}
        for name in FIELDS:
            chosen = getattr(self, name)
            others = Filters(**{**asdict(self), name: ""})
            fitting = [c for c in some if others.fits(c, user)] if others.suffix else some
            counted = Counter({chosen: 0} | {_value(c, name): 0 for c in some})
            counted.update(_value(c, name) for c in fitting)
            counted.pop("", None)
            made = [Choice(v, _label(name, v, town, t), n, v == chosen) for v, n in counted.items()]
            found[name] = sorted(made, key=lambda choice: choice.label.casefold())
        return found

    @cached_property
    def _narrow(self) -> list[tuple[str, str]]:
        return [(name, value) for name in FIELDS if (value := getattr(self, name))]

    @cached_property
    def _encoded(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})


def _theirs(c: Conversation, who: str, user: str) -> bool:
    if who == "waiting":
        return c.status is Status.WAITING
    return not who or (c.status is Status.ASSIGNED and c.owner == user)


def _value(c: Conversation, name: str) -> str:
    return str(getattr(c, name) or "")


def _label(name: str, value: str, town: Town, t: Words) -> str:
    if name == "team":
        return town.teams[value].name if value in town.teams else value
    return t.maybe(f"{name}.{value}", value)
