"""Passing on and taking back, as the console shows it: to whom, with what words, and what can be undone."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.console.console import Console, field
from bot.console.roster import Person, here
from bot.console.words import Words
from bot.conversation import Conversation, NotNow
from bot.handoff.desk import Clerk
from faq.town import Town

ANYWAY = frozenset({"team.closed", "team.unknown"})
"""Refusals after which the clerk may choose the queue nevertheless."""
_ID = re.compile("[0-9a-f]{20}")
NOTE = 2000  # characters of the note that goes along


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the choice. `value` is "team:…" or "clerk:…"."""

    value: str
    label: str
    possible: bool = True


async def targets(console: Console, c: Conversation, clerk: Clerk, t: Words) -> Mapping[str, list[Target]]:
    """To whom this conversation may go."""
    people = await console.roster.people(console.now())
    queue = "" if c.owner else c.team  # it stands there already
    return choices(people, console.core.town, t, clerk.user, {c.owner, clerk.user}, queue)


def choices(
    people: Sequence[Person], town: Town, t: Words, user: str, but: Collection[str] = (), queue: str = ""
) -> Mapping[str, list[Target]]:
    """Teams, each with how many besides `user` are here of it, and colleagues, those who are here first."""
    teams = []
    for team in town.teams.values():
        if team.id != queue:
            some = len(here(people, team.id, but=user))
            there = t("passing.here", n=t.number(some)) if some else t("passing.nobody")
            teams.append(Target(f"team:{team.id}", f"{team.name} · {there}"))
    colleagues = []
    for person in people:
        if person.clerk.user not in but and person.away != "":
            away = t("passing.away", reason=t(f"presence.reason.{person.away}")) if person.away else ""
            label = " · ".join(filter(None, (person.clerk.name, away)))
            colleagues.append(Target(f"clerk:{person.clerk.user}", label, person.is_here))
    return {"teams": teams, "colleagues": colleagues}


async def passed_on(console: Console, request: web.Request, clerk: Clerk, conversation: str) -> Conversation:
    """The posted form: `to`, and perhaps `text` (the note) and `anyway`. Raises NotNow, KeyError."""
    kind, _, name = (await field(request, "to")).partition(":")
    note, anyway = (await field(request, "text")).strip(), bool(await field(request, "anyway"))
    if len(note) > NOTE:
        raise NotNow("long.reply")
    desk, now = console.core.desk, console.now()
    if kind == "team" and name in console.core.town.teams:
        there = here(await console.roster.people(now), name, but=clerk.user)
        return await desk.to_team(clerk, conversation, name, bool(there), note, anyway)
    person = await console.roster.person(name, now) if kind == "clerk" else None
    if person is None:
        raise NotNow("no.target")
    return await desk.to_colleague(clerk, conversation, person.clerk, person.away, note)


async def undoable(console: Console, clerk: Clerk, conversation: str, t: Words) -> dict[str, Any] | None:
    """What the page says of the clerk's last verb there, for the line with its undo; None: nothing can be undone.
    `conversation` may come from an address."""
    c = await console.core.desk.undoable(clerk, conversation) if _ID.fullmatch(conversation) else None
    if c is None or c.before is None:
        return None
    return {"id": c.id, "verb": c.before.verb, "said": t(f"did.{c.before.verb}", n=c.number or "–")}


def refusal(error: NotNow, t: Words) -> str:
    """Why a verb was refused, in words."""
    facts = {name: _said(value, t) for name, value in error.facts.items()}
    if reason := error.facts.get("reason"):
        facts["reason"] = t.maybe(f"presence.reason.{reason}", "")
    return t.maybe(f"notnow.{error.why}", t("notnow.other"), **facts)


def _said(value: Any, t: Words) -> str:
    return t.coming(value) if isinstance(value, datetime) else str(value)
