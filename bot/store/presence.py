"""Who is here: the pages that clerks have open, why somebody is away, who looks at a conversation or types in it.

Nothing of this lasts: each sign of life names its end, so that whoever's browser dies is gone without anybody's doing.
Times are aware UTC and come from the caller.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

IDLE = "idle"  # the reason of those whose page is open and who have not touched it for long


class Doing(StrEnum):
    """What a clerk does at a conversation's page."""

    LOOKING = "looking"
    TYPING = "typing"


class Presence(Protocol):
    """Signs of life. All calls raise StoreUnavailable."""

    async def beat(self, clerk: str, page: str, until: datetime, now: datetime) -> None:
        """This page of the clerk's is open, until then unless it says so again; `until` <= `now`: it closed."""
        ...

    async def be_away(self, clerk: str, reason: str, until: datetime) -> None:
        """Here, but not for conversations, until then at the latest; without a reason they are back."""
        ...

    async def touch(self, clerk: str, until: datetime) -> None:
        """The clerk did something: they are not idle, until then unless they do more."""
        ...

    async def people(self, now: datetime) -> Mapping[str, str]:
        """Clerks with a page open, each with why they are away (as they said, else IDLE), "" who is here. Whoever is
        missing is gone."""
        ...

    async def away(self, clerk: str, now: datetime) -> str:
        """Why this clerk is away, as they said; "" who is not."""
        ...

    async def attend(self, conversation: str, clerk: str, doing: Doing | None, until: datetime, now: datetime) -> None:
        """The clerk does this at the conversation, until then unless they say so again; None: no longer."""
        ...

    async def attending(self, conversation: str, now: datetime) -> Mapping[str, Doing]:
        """Who does what at it."""
        ...
