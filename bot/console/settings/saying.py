"""What a setting means, in sentences: for the people who set it, before and after they save."""

from collections.abc import Iterable
from datetime import date, timedelta

from bot.calendar import Calendar
from bot.console.settings.coverage import NOBODY, SHUT, Coverage
from bot.console.settings.fields import short_slot
from bot.console.settings.section import Choices
from bot.console.words import Words
from bot.handoff.canned import filled
from bot.handoff.promises import promised
from bot.notices import in_force, pins_in_force
from faq.town import Notice, Office, Pinned, Slot, Town
from faq.town.model import MIDNIGHT
from nlu.profiles import LANGUAGES as SPOKEN

AHEAD = 60  # days that are looked through for the next closure
SHOWN = 6  # sentences of one preview


def preview(section: str, town: Town, t: Words, office: str = "") -> list[str]:
    """A few sentences for that section of the town; `office` is the one whose hours are edited."""
    calendar = Calendar(town)
    if section == "hours":
        named = [town.offices[office]] if office in town.offices else list(town.offices.values())[:SHOWN]
        return [office_line(o, calendar, t) for o in named]
    if section == "special_days":
        return _coming(town, calendar, t)
    if section == "holidays":
        return _holidays(calendar, t)
    if section == "promises":
        return _promises(town, calendar, t)
    if section == "canned":
        return _canned(town, t)
    if section == "notices":
        return _notices(town, calendar, t)
    if section == "pinned":
        return _pinned(town, calendar, t)
    return []


def gap_lines(covered: Coverage, choices: Choices, t: Words) -> list[str]:
    """What reaches nobody, a team a line: why, and which topics, with district and language where not all are meant."""
    found = []
    for team in dict.fromkeys((*covered.unstaffed, *covered.shut)):
        lost = []
        for topic, districts, languages in covered.lost(team):
            some = [choices.word("districts", d) for d in districts if d] if "" not in districts else []
            spoken = [choices.word("languages", code) for code in languages if code] if "" not in languages else []
            only = f" ({', '.join(some + spoken)})" if some or spoken else ""
            lost.append(choices.word("topics", topic) + only)
        if lost:
            why = t(f"settings.coverage.why.{NOBODY if team in covered.unstaffed else SHUT}")
            name = choices.word("teams", team)
            found.append(t("settings.coverage.lost", team=name, why=why, topics=", ".join(lost)))
    return found


def office_line(office: Office, calendar: Calendar, t: Words) -> str:
    """ "Bürgeramt: heute 8–12, 13–16 Uhr; nächste Schließung Mi., 2.12. (Personalversammlung)"."""
    today = t.local(t.now).date()
    hours = calendar.hours(office, today, t.language)
    because = t("settings.say.because", reason=hours.reason) if hours.reason else ""
    told = slots(hours.slots, t) if hours.slots else t("settings.say.closed")
    said = t("settings.say.today", office=office.named(t.language), slots=told) + because
    for ahead in range(1, AHEAD):
        day = today + timedelta(days=ahead)
        if office.hours.get(day.weekday()) and not (that := calendar.hours(office, day, t.language)).slots:
            because = t("settings.say.because", reason=that.reason) if that.reason else ""
            return said + t("settings.say.next", day=weekday(day, t)) + because
    return said


def slots(told: Iterable[Slot], t: Words) -> str:
    """8–12, 13–16 Uhr."""
    marks = (f"{s.start:%H:%M}-" + (f"{s.end:%H:%M}" if s.end != MIDNIGHT else "24:00") for s in told)
    return t("settings.say.slots", slots=", ".join(short_slot(mark) for mark in marks))


def weekday(day: date, t: Words) -> str:
    """Mi., 2.12."""
    return f"{t(f'weekdays.{day.weekday()}')}, {t.day(day, year=day.year != t.local(t.now).year)}"


def _coming(town: Town, calendar: Calendar, t: Words) -> list[str]:
    """What the next special days make of the offices that they name."""
    today, found = t.local(t.now).date(), []
    for special in sorted((s for s in town.special_days if s.last >= today), key=lambda s: s.first):
        named = [o for o in town.offices.values() if o.id in special.offices]
        who = ", ".join(o.named(t.language) for o in named) or t("settings.nothing.offices")
        when = weekday(special.first, t)
        if special.last > special.first:
            when = t("settings.say.until", first=when, last=weekday(special.last, t))
        told = slots(special.slots, t) if special.slots else t("settings.say.closed")
        reason = special.reason if t.language == "de" else special.reason_en
        because = t("settings.say.because", reason=reason) if reason else ""
        found.append(f"{when}: {who} {told}{because}")
    return found[:SHOWN]


def _holidays(calendar: Calendar, t: Words) -> list[str]:
    """The next days on which the whole town hall is closed, the Land's among them."""
    today = t.local(t.now).date()
    days = (today + timedelta(days=ahead) for ahead in range(366))
    found = [(day, name) for day in days if (name := calendar.day_off(day, t.language))]
    return [t("settings.say.holiday", day=weekday(day, t), name=name) for day, name in found[:SHOWN]]


def _promises(town: Town, calendar: Calendar, t: Words) -> list[str]:
    """Until when somebody reads what comes in now."""
    found = []
    for team in town.teams.values():
        if until := promised(calendar, team.id, "", t.now):
            found.append(t("settings.say.promise", team=team.name, until=t.coming(until)))
    return found[:SHOWN]


def _notices(town: Town, calendar: Calendar, t: Words) -> list[str]:
    """What is told now, what later, and who reads it in German for want of their own language."""
    now = [notice.id for notice in in_force(calendar, t.now)]
    return [_timed(n, t(f"notice.{n.level}"), n.id in now, calendar, t) for n in town.notices]


def _pinned(town: Town, calendar: Calendar, t: Words) -> list[str]:
    """The same of pinned answers, and what they answer."""
    now = [pin.id for pin in pins_in_force(calendar, t.now)]
    found = []
    for pin in town.pinned:
        said = [_timed(pin, t(f"pinned.{pin.level}"), pin.id in now, calendar, t)]
        if pin.wordings:
            said.append(t("settings.say.pinned.questions", wordings=" / ".join(pin.wordings)))
        if pin.entries:
            said.append(t("settings.say.pinned.entries", entries=", ".join(sorted(pin.entries))))
        found.append(" · ".join(said))
    return found


def _timed(item: Notice | Pinned, kind: str, in_force: bool, calendar: Calendar, t: Words) -> str:
    last = calendar.instant(item.last.date(), item.last.time()) if item.last else None
    first = calendar.instant(item.first.date(), item.first.time()) if item.first else None
    when = "now" if in_force else "over" if last and last <= t.now else "later"
    said = t("settings.say.waits") if item.signed.waits else ""
    if not said or when == "over":
        said = t(f"settings.say.notice.{when}", first=t.exact(first) if first else "")
    ends = t("settings.say.notice.until", last=t.exact(last)) if last else t("settings.field.open_ended")
    lacks = [t(f"language.{code}") for code in SPOKEN if code not in item.texts]
    missing = t("settings.say.notice.german", languages=", ".join(lacks)) if lacks and when != "over" else ""
    return f"{said}{kind} ({ends}): {item.texts['de']}{missing}"


def _canned(town: Town, t: Words) -> list[str]:
    """The first one as a citizen would read it."""
    found = []
    for response in town.canned[:1]:
        team = town.teams.get(response.team) or next(iter(town.teams.values()))
        office = town.offices[team.office]
        example = {
            "name": t("settings.example.name"),
            "nummer": "4711",
            "amt": office.name,
            "telefon": office.phone,
            "clerk": t("settings.example.clerk"),
            "stadt": town.name,
        }
        found.append(f"{response.title}: {filled(response, 'de', example).text}")
    return found
