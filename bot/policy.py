"""The numbers and facts by which step() judges: the policy, and the town hall as it stands at this moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.calendar import Calendar
from bot.handoff.promises import promised
from bot.notices import in_force, pins_in_force
from faq.town import Form, Kind, Notice, Pinned, Town


@dataclass(frozen=True, slots=True)
class DeskView:
    """One team right now: is somebody there by the calendar, and when next."""

    team: str
    name: str
    open: bool
    opens: datetime | None  # next opening, aware, local time; None when unknown
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Townhall:
    """What the town has, and who takes what."""

    desks: Mapping[str, DeskView]
    default_team: str
    topic_team: Mapping[str, str] = field(default_factory=dict)
    topic_office: Mapping[str, str] = field(default_factory=dict)
    people_topics: frozenset[str] = frozenset()  # topics that only people answer
    routes: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """(topic, district or "", language or "") -> team."""
    offices: Mapping[str, str] = field(default_factory=dict)  # id -> name, in the order of the town's file
    places: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Kind -> (id, name) of the districts that have one."""
    promises: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    """(team, topic or "") -> until when the team reads what comes in now, aware, local time."""
    forms: tuple[Form, ...] = ()  # what is asked before some handoffs
    notices: tuple[Notice, ...] = ()  # what everybody is to be told now, the weightiest first
    pinned: tuple[Pinned, ...] = ()  # answers that stand above all others now

    def team(self, topic: str, district: str = "", language: str = "") -> str:
        """The team for a topic in that district and language, in the district, in the language, for the topic; else
        the default one. Who lives there counts more than how they write."""
        for place in ((district, language), (district, ""), ("", language)):
            if any(place) and (found := self.routes.get((topic, *place))):
                return found
        return self.topic_team.get(topic, self.default_team)

    def due(self, team: str, topic: str = "") -> datetime | None:
        """Until when the team reads it: by its promise for the topic, else for all, else at its next opening; None
        while it is open and promises nothing."""
        found = self.promises.get((team, topic)) or self.promises.get((team, ""))
        return found or self.begins(team)

    def begins(self, team: str) -> datetime | None:
        """When the team begins to read what comes in now: its next opening, None where it is open or unknown."""
        desk = self.desks.get(team)
        return desk.opens if desk and not desk.open else None

    def form(self, topic: str, entry: str) -> Form | None:
        """What is asked before a handoff: by the entry at hand, else by the topic."""
        of_entry = (form for form in self.forms if entry and entry in form.entries)
        of_topic = (form for form in self.forms if topic and topic in form.topics)
        return next(of_entry, None) or next(of_topic, None)

    def form_named(self, ident: str) -> Form | None:
        """The form of that id."""
        return next((form for form in self.forms if form.id == ident), None)


@dataclass(frozen=True, slots=True)
class Policy:
    """Named limits of the conversation. Thresholds of retrieval live with the retrieval (faq.policy)."""

    languages: tuple[str, ...] = ("de", "en")
    misses: int = 2  # so many messages not understood in a row bring a person
    disclose_after: timedelta = timedelta(hours=24)
    chit_chat_words: int = 3  # a greeting with more words than this may carry a question
    flood_count: int = 20  # more messages than this …
    flood_seconds: float = 10.0  # … in so many seconds is a flood: nobody types like that
    still_waiting: timedelta = timedelta(minutes=5)  # who waits and asks is told so often at most that it goes on
    lease: timedelta = timedelta(seconds=120)
    silence: timedelta = timedelta(minutes=30)  # a clerk may let a citizen wait for a word so long
    reminder: timedelta = timedelta(hours=4)  # a citizen who does not answer is reminded then …
    closing: timedelta = timedelta(hours=24)  # … and so long after that it is closed
    form_left: timedelta = timedelta(minutes=10)  # who says nothing more to a form is put in the queue without
    opinion: timedelta = timedelta(hours=1)  # who wished to say more on a rating does so within this time
    verbatim: float = 0.985  # from this probability on a question is one that an editor foresaw in these very words
    ordinals: Mapping[str, int] = field(default_factory=dict)  # folded "zweite" -> 2, "letzte" -> -1
    choosing: frozenset[str] = frozenset()  # folded words that say nothing beside them: "ich nehme bitte das"
    none_words: frozenset[str] = frozenset()  # folded "nichts davon", "none of these"
    skip_words: frozenset[str] = frozenset()  # folded "überspringen", "weiß nicht": to a form's question
    now_words: frozenset[str] = frozenset()  # folded "abbrechen": no form, a person


def townhall_at(calendar: Calendar, now: datetime) -> Townhall:
    """The town hall of the calendar's town at that moment."""
    town = calendar.town
    desks = {}
    for team in town.teams.values():
        office = town.offices[team.office]
        open_ = calendar.open_until(office, now) is not None
        opens = None if open_ else calendar.next_open(office, now)
        desks[team.id] = DeskView(team.id, team.name, open_, opens, office.phone)
    return Townhall(
        desks,
        next(iter(town.teams)),
        {t.id: t.team for t in town.topics.values()},
        {t.id: t.office for t in town.topics.values() if t.office},
        frozenset(t.id for t in town.topics.values() if t.people),
        {(r.topic, r.district, r.language): r.team for r in town.routes},
        {o.id: o.name for o in town.offices.values()},
        {kind.id: tuple(_districts(town, kind)) for kind in town.kinds.values()},
        {(p.team, p.topic): at for p in town.promises if (at := promised(calendar, p.team, p.topic, now))},
        town.forms,
        in_force(calendar, now, "chat"),
        pins_in_force(calendar, now),
    )


def _districts(town: Town, kind: Kind) -> Iterator[tuple[str, str]]:
    for district in dict.fromkeys(place.district for place in kind.places):
        yield district, town.districts[district].name
