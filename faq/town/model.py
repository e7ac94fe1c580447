"""What a town.yml says, as frozen values. Times are local times of the town's zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

MIDNIGHT = time(0)
LEVELS = ("crisis", "information")
"""How much a notice matters, the weightiest first."""
SHOWN = ("chat", "page", "console")
PINS = ("answer", "correction")
"""Where a notice is shown: told by the bot in every conversation, on the web chat's page, to staff."""


def worded(language: str, german: str, english: str) -> str:
    """What the town wrote twice, a note or a reason: in German for who reads German, in English for all others."""
    return german if language == "de" else english or german


class Named:
    """What has a name of its own in the town."""

    name: str
    name_en: str

    def named(self, language: str) -> str:
        """Its name in a sentence of that language: the German one, by which it is found, unless English is spoken."""
        return self.name_en if language == "en" and self.name_en else self.name


@dataclass(frozen=True)
class Holiday:
    """A day on which the whole town hall is closed beside the Land's holidays."""

    date: date
    name: str
    name_en: str = ""


@dataclass(frozen=True)
class Slot:
    """Open from `start` until `end`, local time; an `end` that is not after it is the next day's, 00:00 the midnight
    between."""

    start: time
    end: time

    @property
    def overnight(self) -> bool:
        """Does it end at midnight or on the next day?"""
        return self.end <= self.start


@dataclass(frozen=True)
class SpecialDay:
    """From `first` to `last`, both included, these `slots` hold instead of the week's; none: closed.

    `offices` names whom it is about; empty: every office.
    """

    first: date
    last: date
    slots: tuple[Slot, ...]
    offices: frozenset[str]
    reason: str
    reason_en: str


@dataclass(frozen=True)
class Office(Named):
    """`hours` is keyed by weekday, 0 is Monday; a weekday that is not there is closed.

    `branch_of` names the office whose work it does at another place; `way` tells how to get there; `appointment_only`:
    also within its hours it sees nobody without an appointment.
    """

    id: str
    name: str
    full_name: str
    address: str
    district: str
    phone: str
    email: str
    also: tuple[str, ...]
    appointment: str
    hours: Mapping[int, tuple[Slot, ...]]
    name_en: str = ""
    branch_of: str = ""
    way: str = ""
    way_en: str = ""
    appointment_only: bool = False

    def same_work(self, other: "Office") -> bool:
        """Is it another office that does what this one does?"""
        return self.id != other.id and (self.branch_of or self.id) == (other.branch_of or other.id)


@dataclass(frozen=True)
class District:
    """`near` lists the districts beside it, by id, the nearest first; it may be empty."""

    id: str
    name: str
    also: tuple[str, ...]
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Team:
    id: str
    name: str
    office: str


@dataclass(frozen=True)
class Topic(Named):
    """`office` is "" for a topic that no office of the town is in charge of; `people`: only people answer on it."""

    id: str
    name: str
    name_en: str
    office: str
    team: str
    people: bool = False


@dataclass(frozen=True)
class Route:
    """A handoff about `topic` by somebody of `district` who writes in `language` goes to `team`, not the topic's own.

    One of the two may be "": it does not matter then.
    """

    topic: str
    district: str
    team: str
    language: str = ""


@dataclass(frozen=True)
class Promise:
    """`team` reads what waits for it within so many minutes of its office's hours; `topic` "": whatever it is about."""

    team: str
    topic: str
    minutes: int


@dataclass(frozen=True)
class Canned:
    """A ready sentence for clerks of `team` ("": for all): `texts` by language, `shortcut` to type for it, or ""."""

    id: str
    title: str
    shortcut: str
    team: str
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Notice:
    """What everybody is to know from `first` on until `last`, in the town's local time; None: at once, and until it is
    taken back. `level` is one of LEVELS, `where` some of SHOWN, `texts` are by language, German among them."""

    id: str
    level: str
    first: datetime | None
    last: datetime | None
    where: frozenset[str]
    texts: Mapping[str, str]
    topics: frozenset[str] = frozenset()
    """Told only where one of these is at hand; empty: everywhere."""
    districts: frozenset[str] = frozenset()
    """… or to whoever named one of these."""
    signed: "Signed" = field(default_factory=lambda: Signed())

    def text(self, language: str) -> tuple[str, bool]:
        """Its words in that language; where it has none, the German ones, and that they are."""
        said = self.texts.get(language)
        return (self.texts["de"], language != "de") if said is None else (said, False)


@dataclass(frozen=True)
class Signed:
    """Who stands for something that two people put in force. `by` wrote it, at `at` in local time; "" is the file's.

    While it `waits` for a second person, `former` holds in its place: what two people put in force before.
    """

    by: str = ""
    at: datetime | None = None
    confirmed: str = ""
    waits: bool = False
    former: "Notice | Pinned | None" = None


@dataclass(frozen=True)
class Pinned:
    """An answer above all others from `first` on until `last`, as in Notice: to a question that says what one of its
    `wordings` says, or for which one of its `entries` would be found. `level` is one of PINS; a correction says what is
    true where something false goes round. Only where one of `topics` or `districts` is at hand, if there are any.
    """

    id: str
    level: str
    first: datetime | None
    last: datetime | None
    wordings: tuple[str, ...]
    entries: frozenset[str]
    texts: Mapping[str, str]
    topics: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    signed: Signed = Signed()

    def text(self, language: str) -> tuple[str, bool]:
        """As in Notice."""
        said = self.texts.get(language)
        return (self.texts["de"], language != "de") if said is None else (said, False)


@dataclass(frozen=True)
class Question:
    """One question of a form: `texts` by language as citizens read it, `label` as the clerk does."""

    id: str
    label: str
    label_en: str
    texts: Mapping[str, str]

    def text(self, language: str) -> str:
        """The question in that language, else in English, else in German."""
        return _spoken(self.texts, language)


@dataclass(frozen=True)
class Form:
    """What is asked before a handoff about one of these topics, or while one of these entries is at hand; `button`, by
    language, begins it below such an entry's answer."""

    id: str
    topics: tuple[str, ...]
    entries: tuple[str, ...]
    button: Mapping[str, str]
    questions: tuple[Question, ...]

    def begin(self, language: str) -> str:
        """The button's label in that language, else in English, else in German."""
        return _spoken(self.button, language)


def _spoken(texts: Mapping[str, str], language: str) -> str:
    return next(texts[code] for code in (language, "en", "de") if code in texts)


@dataclass(frozen=True)
class Place:
    """A place without staff, such as one group of bottle banks."""

    name: str
    address: str
    district: str
    note: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Kind(Named):
    """One kind of places; `name` is what stands above a list of them."""

    id: str
    name: str
    name_en: str
    also: tuple[str, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Town:
    name: str
    full_name: str
    kind: str
    land: str
    timezone: str
    website: str
    privacy_url: str
    phone: str
    local_holidays: tuple[Holiday, ...]
    offices: Mapping[str, Office]
    districts: Mapping[str, District]
    teams: Mapping[str, Team]
    topics: Mapping[str, Topic]
    special_days: tuple[SpecialDay, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    promises: tuple[Promise, ...] = ()
    canned: tuple[Canned, ...] = ()
    forms: tuple[Form, ...] = ()
    notices: tuple[Notice, ...] = ()
    pinned: tuple[Pinned, ...] = ()

    def promise(self, team: str, topic: str = "") -> int | None:
        """Minutes of opening hours within which the team reads it: of the topic, else of any; None: no promise."""
        told = {(p.team, p.topic): p.minutes for p in self.promises}
        return told.get((team, topic), told.get((team, "")))
