"""Words and numbers of one sentence, put together to days and times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from nlu.days.dates import day_of
from nlu.days.numbers import Numbers
from nlu.days.sentence import Found, Sentence
from nlu.days.when import LONGEST_SPAN, ONE_DAY, When

MODIFIERS = frozenset({"this", "next", "after_next", "last"})


@dataclass(frozen=True)
class Said:
    """What was found, and which of the text's words say it; a `when` of nothing: a day that has gone by."""

    when: When
    covered: frozenset[int]


class Reading:
    """One text in one language."""

    def __init__(self, sentence: Sentence, today: date) -> None:
        self._sentence, self._known, self._today = sentence, sentence.known, today
        self._words, self._hits = sentence.words, sentence.found
        self._covered: set[int] = set()
        self._days: list[date] = []
        self._part, self._now, self._past = "", False, False

    def said(self) -> Said | None:
        """What all of it comes to."""
        numbers = Numbers(self._sentence, self._today)
        self._days, self._covered = numbers.days, numbers.covered
        self._short_names()
        shift, next_week = self._shifts()
        for place, hit in enumerate(self._hits):
            if hit.first in self._covered and hit.kind != "now":
                continue
            self._take(hit, place, next_week)
        self._compounds()
        days = [day + shift for day in self._days] or ([self._today + shift] if shift else [])
        if len(days) == 2 and days[1] < days[0] and self._sentence.has("to"):
            days[1] += timedelta(weeks=1)  # "montag bis mittwoch" said on a Tuesday
        days = sorted(set(days))
        if len(days) == 2 and self._sentence.has("to") and (days[1] - days[0]).days < LONGEST_SPAN:
            days = [days[0] + timedelta(days=n) for n in range((days[1] - days[0]).days + 1)]
        if not days and (self._now or numbers.at):
            days = [self._today]
        if not days and numbers.unreal:
            return self._covering(When(unreal=numbers.unreal))
        if not days and not self._part:
            return self._covering(When()) if self._past else None
        now = self._now and days == [self._today] and numbers.at is None
        when = When(tuple(days[:LONGEST_SPAN]), self._part, numbers.at, now)
        return self._covering(when)

    def _covering(self, when: When) -> Said:
        return Said(when, self._sentence.original(self._covered))

    def _take(self, hit: Found, place: int, next_week: bool) -> None:
        before = self._hits[place - 1] if place else None
        adjacent = before is not None and before.last == hit.first
        modified = self._modified(place)
        modifier = modified.kind if modified else ""
        word = self._words[hit.first].text
        if modifier == "last" and hit.kind in ("weekday", "weekend", "week"):
            self._past = True  # nobody can come then: what holds now is worth more than what held
            self._covered.update((*range(hit.first, hit.last), *self._places(modified)))
            return
        match hit.kind:
            case "relative":
                if adjacent and before and before.kind in ("weekday", "relative") and self._after_day(word):
                    self._part = self._known.parts_after_day[word]
                else:
                    self._days.append(self._today + timedelta(days=int(hit.value)))
            case "weekday":
                self._days.append(self._weekday(int(hit.value), modifier, next_week))
            case "named":
                self._days += self._named(self._known.named[int(hit.value)])
            case "weekend":
                self._days += self._weekend(modifier)
            case "week":
                if not modifier:
                    return
                if not self._sentence.has("weekday"):
                    self._days += self._week(modifier)
            case "next_week":
                if not next_week:
                    self._days += self._week("next")
            case "part":
                self._part = hit.value
            case "now":
                self._now = True
            case "past":
                self._past = True
            case "greeting":
                pass  # "guten Morgen" names no day
            case _:
                return
        self._covered.update((*range(hit.first, hit.last), *self._places(modified)))

    def _modified(self, place: int) -> Found | None:
        """The "next" or "this" that stands at a name: before it, or behind it where the language puts it there."""
        hit = self._hits[place]
        before = self._hits[place - 1] if place else None
        if before and before.last == hit.first and before.kind in MODIFIERS:
            return before
        after = self._hits[place + 1] if place + 1 < len(self._hits) else None
        if self._known.modifiers_after and after and after.first == hit.last and after.kind in MODIFIERS:
            return after
        return None

    @staticmethod
    def _places(hit: Found | None) -> range:
        return range(hit.first, hit.last) if hit else range(0)

    def _after_day(self, word: str) -> bool:
        return word in self._known.parts_after_day

    def _weekday(self, weekday: int, modifier: str, next_week: bool) -> date:
        ahead = (weekday - self._today.weekday()) % 7
        if next_week:
            return self._today + timedelta(days=7 - self._today.weekday() + weekday)
        if modifier == "next" and not ahead:
            ahead = 7
        if modifier == "after_next":
            ahead += 7
        return self._today + timedelta(days=ahead)

    def _weekend(self, modifier: str) -> list[date]:
        ahead = (5 - self._today.weekday()) % 7
        if self._today.weekday() == 6:
            if modifier not in ("next", "after_next"):
                return [self._today]
        elif modifier == "next" and not ahead:
            ahead = 7
        saturday = self._today + timedelta(days=ahead + (7 if modifier == "after_next" else 0))
        return [saturday, saturday + ONE_DAY]

    def _week(self, modifier: str) -> list[date]:
        monday = self._today - timedelta(days=self._today.weekday())
        weeks = {"this": 0, "next": 1, "after_next": 2}[modifier]
        first = monday + timedelta(weeks=weeks)
        return [day for n in range(7) if (day := first + timedelta(days=n)) >= self._today]

    def _named(self, named: Mapping[str, Any]) -> list[date]:
        for year in (self._today.year - 1, self._today.year, self._today.year + 1):
            first = day_of(named, year)
            last = day_of(named.get("until", named), year)
            if last >= self._today:
                span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
                return [day for day in span if day >= self._today]
        return []

    def _shifts(self) -> tuple[timedelta, bool]:
        """("in zwei wochen" and the like, whether "nächste woche" is said)."""
        shift, next_week = timedelta(), False
        for place, hit in enumerate(self._hits):
            if hit.kind in ("in_days", "in_weeks"):
                # The number stands inside ("in zwei wochen") or before it ("iki hafta sonra").
                said = [*range(hit.first, hit.last), *range(max(0, hit.first - 1), hit.first)]
                at, number = next(((at, n) for at in said if (n := self._number(self._words[at].text))), (0, 0))
                shift += timedelta(days=number) if hit.kind == "in_days" else timedelta(weeks=number)
                if number:
                    self._covered.update((*range(hit.first, hit.last), at))
            modified = self._modified(place)
            if hit.kind == "week" and modified and modified.kind == "next":
                next_week = True
            if hit.kind == "next_week" and self._sentence.has("weekday"):
                next_week = True
        return shift, next_week

    def _number(self, word: str) -> int:
        if word.isdecimal():
            return min(int(word), 60) if len(word) < 3 else 0
        return self._known.numbers.get(word, 0)

    def _short_names(self) -> None:
        """ "am do" and the like."""
        for at, word in enumerate(self._words[1:], 1):
            if word.text in self._known.short and self._words[at - 1].text in self._known.before_short:
                self._days.append(self._weekday(self._known.short[word.text], "", next_week=False))
                self._covered.add(at)

    def _compounds(self) -> None:
        """ "freitagnachmittag", "montagmorgen"."""
        for at, word in enumerate(self._words):
            for name, weekday in self._known.weekday_words.items():
                rest = word.text.removeprefix(name)
                part = self._known.part_words.get(rest) or self._known.parts_after_day.get(rest)
                if rest != word.text and part:
                    self._days.append(self._weekday(weekday, "", next_week=False))
                    self._part = part
                    self._covered.add(at)
