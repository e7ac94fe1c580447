"""Who reads what: each topic from each district, the team that takes it, and where nobody would read it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.calendar import Calendar
from bot.console.accounts import ANSWERING, Account, Role
from bot.policy import townhall_at
from faq.town import Town

NOBODY, SHUT = "nobody", "shut"
LATELY = timedelta(days=14)  # who has not been in the console since then is away for good, as far as anybody knows


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

    `gaps`: topics and districts that reach nobody. `unstaffed`, `shut`: teams without members, without hours; `absent`:
    those none of whose members was here LATELY.
    """

    rows: Mapping[str, Mapping[str, tuple[Cell, ...]]]
    gaps: tuple[tuple[str, str], ...]
    unstaffed: tuple[str, ...]
    shut: tuple[str, ...]
    absent: tuple[str, ...] = ()

    def lost(self, team: str) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        """What would reach somebody if that team had one: topics, each with the districts and languages that lead to
        it ("" is any other)."""
        found = []
        for topic, row in self.rows.items():
            led = [(d, cell.language) for d, cells in row.items() for cell in cells if cell.team == team and cell.gap]
            if led:
                districts = tuple(dict.fromkeys(district for district, _ in led))
                found.append((topic, districts, tuple(dict.fromkeys(language for _, language in led))))
        return found


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


def stranded(accounts: Iterable[Account], town: Town) -> list[Account]:
    """Who answers for teams that are gone, and for no other: they see no conversation any more."""
    known = frozenset(town.teams)
    return [a for a in accounts if a.role in ANSWERING and not a.disabled and a.teams and not a.teams & known]


def coverage(
    town: Town, staff: Mapping[str, list[Account]], now: datetime, active: Collection[str] | None = None
) -> Coverage:
    """Of the whole town, by the same rules as a handoff. `active`: who was here LATELY, None where nobody knows."""
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
    members = {team: staff.get(team, []) for team in town.teams}
    absent = tuple(
        team
        for team, found in members.items()
        if active is not None and found and not any(account.name in active for account in found)
    )
    return Coverage(rows, gaps, unstaffed, shut, absent)
