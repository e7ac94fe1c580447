"""Findings of the lint in words: for its page, for an entry's page, and for the command line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.console.faq_form import field_of
from bot.console.words import Words
from faq.entry import Problem
from faq.lint.dismissed import Dismissal
from faq.lint.finding import DropWording, Finding, Fix, Level, MergeWordings, OpenEntry, Reviewed, SideBySide
from faq.lint.rules.hours import DAYS
from faq.lint.told import fix_name

TONES = {Level.ERROR: "late", Level.WARNING: "waiting", Level.HINT: "plain"}


@dataclass(frozen=True)
class FixSaid:
    """A fix on the page: a link where it is done by hand, else the number of what a button does."""

    label: str
    href: str = ""
    number: int = -1


@dataclass(frozen=True)
class FindingSaid:
    """A finding on a page. `entries` are names with their titles."""

    id: str
    rule: str
    level: str
    tone: str
    sentence: str
    entries: tuple[tuple[str, str], ...]
    fixes: tuple[FixSaid, ...]
    dismissed: str = ""


def said(
    finding: Finding,
    titles: Mapping[str, str],
    dismissed: Dismissal | None,
    names: Mapping[str, str],
    t: Words,
) -> FindingSaid:
    """One finding in words; `titles` by entry, `names` of staff."""
    told = t("lint.dismissed", name=names.get(dismissed.by, dismissed.by), why=dismissed.why) if dismissed else ""
    return FindingSaid(
        finding.id,
        finding.rule,
        finding.level.value,
        TONES[finding.level],
        sentence(finding, t),
        tuple((entry, titles.get(entry, entry)) for entry in finding.entries),
        tuple(_fix(fix, number, titles, t) for number, fix in enumerate(finding.fixes)),
        told,
    )


def sentence(finding: Finding, t: Words) -> str:
    """What was found."""
    values: dict[str, Any] = {name: _value(name, value, t) for name, value in finding.values.items()}
    if finding.key == "hard.text":
        figure = t.number(float(finding.values["figure"]), 1)
        values["figure"] = t(f"lint.figure.{finding.values['scale']}", figure=figure)
    key = f"{finding.key}_none" if values.get("value") == "" else finding.key  # nothing to be quoted
    return t.maybe(f"lint.says.{key}", finding.key, **values)


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many of each rule."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    return counts


def _value(name: str, value: str, t: Words) -> str:
    if name == "language":
        return t.maybe(f"language.{value}", value)
    if name == "day":
        return t(f"weekdays.{DAYS.index(value)}")
    if name in ("until", "due"):
        return t.day(date.fromisoformat(value))
    if name == "known":
        return value or "–"
    return value


def _fix(fix: Fix, number: int, titles: Mapping[str, str], t: Words) -> FixSaid:
    name = f"lint.fix.{fix_name(fix)}"
    if isinstance(fix, OpenEntry):
        anchor = f"#{field_of(Problem(fix.field, ''))}" if fix.field else ""
        return FixSaid(t(name), f"/console/faq/entries/{fix.entry}{anchor}")
    if isinstance(fix, SideBySide):
        return FixSaid(t(name), f"/console/faq/lint/beside?one={fix.one}&other={fix.other}")
    if isinstance(fix, Reviewed):
        return FixSaid(t(name, until=t.day(fix.until)), "", number)
    if isinstance(fix, (DropWording, MergeWordings)):
        return FixSaid(t(name, entry=titles.get(fix.entry, fix.entry)), "", number)
    return FixSaid(t(name), "", number)
