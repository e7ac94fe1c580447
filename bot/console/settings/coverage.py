"""Who reads what: each topic from each district, the team that takes it, and where nobody would read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.calendar import Calendar
from bot.console.accounts import Account, Role
from bot.policy import townhall_at
from faq.town import Town

NOBODY, SHUT = "nobody", "shut"


@dataclass(frozen=True, slots=True)
class Cell:
    """`team` takes it; `gap` is "" or why nobody reads it: NOBODY works in the team, or its office is always SHUT.

    `language`: "" for whoever writes in a language without a rule of its own.
    """

    team: str
    gap: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """`rows`: topic -> district ("" is for an unknown one) -> the cell of every language, then those with a rule.

    `gaps`: topics and districts that reach nobody. `unstaffed`, `shut`: teams without members, without hours.
    """

    rows: Mapping[str, Mapping[str, tuple[Cell, ...]]]
    gaps: tuple[tuple[str, str], ...]
    unstaffed: tuple[str, ...]
    shut: tuple[str, ...]


def members(accounts: Iterable[Account], town: Town) -> dict[str, list[Account]]:
    """Who answers in each team: clerks and leads of it or of every team, and administrators who are named for it."""
    found: dict[str, list[Account]] = {team: [] for team in town.teams}
    for account in accounts:
        answers = account.role in (Role.CLERK, Role.LEAD)
        everywhere = answers and not account.teams
        if account.disabled or not (answers or account.role is Role.ADMIN):
            continue
        for team in town.teams:
            if everywhere or team in account.teams:
                found[team].append(account)
    return found


def coverage(town: Town, staff: Mapping[str, list[Account]], now: datetime) -> Coverage:
    """Of the whole town, by the same rules as a handoff."""
    hall = townhall_at(Calendar(town), now)
    unstaffed = tuple(team for team in town.teams if not staff.get(team))
    shut = tuple(d.team for d in hall.desks.values() if not d.open and d.opens is None)

    def gap(team: str) -> str:
        return NOBODY if team in unstaffed else SHUT if team in shut else ""

    def cells(topic: str, district: str) -> tuple[Cell, ...]:
        base = hall.team(topic, district)
        found = [Cell(base, gap(base))]
        for language in dict.fromkeys(r.language for r in town.routes if r.topic == topic and r.language):
            team = hall.team(topic, district, language)
            if team != base:
                found.append(Cell(team, gap(team), language))
        return tuple(found)

    districts = ("", *town.districts)
    rows = {topic: {district: cells(topic, district) for district in districts} for topic in town.topics}
    gaps = tuple((t, d) for t, row in rows.items() for d, found in row.items() if any(cell.gap for cell in found))
    return Coverage(rows, gaps, unstaffed, shut)
