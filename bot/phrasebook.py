"""From a Reply (a key and facts) to Spoken (final words): the languages' replies.yml, entries, offices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from bot.bidi import RTL, led
from bot.calendar import Calendar
from bot.document import EMPTY, Block, Document, Paragraph, Span, from_markdown, from_text, joined, link
from bot.effects import Choice, Reply
from bot.message import Button, File, Spoken
from bot.moments import Moments
from bot.offices.telling import OFFICE_KEYS, OfficeTelling
from bot.plural import plural
from bot.telling import Telling
from faq.entry import LEICHT, Revision
from nlu.data import read_data
from nlu.emergencies import Emergencies, load_emergencies, poison_line
from nlu.text import fold

LANGUAGES = Path(__file__).resolve().parent.parent / "nlu" / "languages"
Find = Callable[[str, str], Revision | None]
"""(entry, revision id or "") -> the revision, or the live one."""


@dataclass(frozen=True)
class Language:
    """One language's words."""

    code: str
    name: str
    replies: Mapping[str, str]
    labels: Mapping[str, str]
    weekdays: tuple[str, ...]
    ordinals: Mapping[str, int]
    none_words: frozenset[str]
    choosing: frozenset[str] = frozenset()
    skip_words: frozenset[str] = frozenset()
    now_words: frozenset[str] = frozenset()
    quotes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache  # every process and every test reads them; that takes half a second
def load_languages(folder: Path = LANGUAGES) -> Mapping[str, Language]:
    """Every language that has a replies.yml, with its emergency texts. Raises EmergencyTextsError."""
    found = {}
    emergencies = load_emergencies(folder)
    for path in sorted(folder.glob("*/replies.yml")):
        raw = cast(dict[str, Any], read_data(path))
        replies = raw["replies"] | _emergency_replies(emergencies.get(raw["language"]))
        ordinals = {fold(str(w)): int(n) for n, words in raw.get("ordinals", {}).items() for w in words}
        found[raw["language"]] = Language(
            raw["language"],
            raw["name"],
            {key: led(text) for key, text in replies.items()} if raw["language"] in RTL else replies,
            raw.get("labels", {}),
            tuple(raw.get("weekdays", ())),
            ordinals,
            frozenset(fold(str(w)) for w in raw.get("none", ())),
            frozenset(fold(str(w)) for w in raw.get("choosing", ())),
            frozenset(fold(str(w)) for w in raw.get("skip", ())),
            frozenset(fold(str(w)) for w in raw.get("now", ())),
            {aspect: tuple(fold(w) for w in listed) for aspect, listed in raw.get("quotes", {}).items()},
        )
    return found


def _emergency_replies(found: Emergencies | None) -> dict[str, str]:
    return {f"emergency.{kind}": text for kind, text in found.texts.items()} if found else {}


class Phrasebook:
    """Composes replies for the calendar's town. `find` looks entries up; `retention_days` is told to citizens."""

    def __init__(self, languages: Mapping[str, Language], calendar: Calendar, find: Find, retention_days: int) -> None:
        self.languages = languages
        self._calendar = calendar
        self._find = find
        self._retention_days = retention_days
        self._moments = Moments(self, calendar.zone)
        self._telling = Telling(self, calendar)
        self._offices = OfficeTelling(self, calendar, self._moments)

    def words(self, language: str, key: str, default: str | None = None) -> str:
        """A label, in that language, else in English, else in German."""
        for code in (language, "en", "de"):
            labels = self.languages[code].labels if code in self.languages else {}
            if key in labels:
                return labels[key]
        if default is None:
            raise KeyError(key)
        return default

    def compose(self, reply: Reply, language: str, now: datetime, number: int = 0, export: str = "") -> Spoken:
        """The final words; `number` is the handoff number, `export` the citizen's own data as text."""
        buttons = self._buttons(reply.choices, language)
        if reply.key == "clerk":
            return Spoken(from_text(reply.text) if reply.text.strip() else EMPTY, buttons, "", language)
        if reply.key in ("answer", "answer.by_clerk", "follow_up"):
            return self._entry(reply, language, buttons)
        if reply.key in OFFICE_KEYS:
            return Spoken(self._offices.compose(reply, language, now), buttons, self._footer(language), language)
        if reply.key.startswith("notice."):
            return Spoken(self._notice(reply, language), buttons, "", language)
        if reply.key.startswith("pinned."):
            return Spoken(self._notice(reply, language), buttons, self._dated(reply, language), language)
        params = self._params(reply.params, language, now) | {"number": str(number or reply.params.get("number", ""))}
        before = self.said(reply.before, language, {}) if reply.before else EMPTY
        after = self.said(reply.after, language, {}) if reply.after else EMPTY
        document = joined(joined(before, self.said(reply.key, language, params)), after)
        file = None
        if reply.file == "export":
            file = File(self.words(language, "export.file"), "text/plain", export)
        return Spoken(document, buttons, "", language, file)

    def answer(self, revision: Revision, language: str) -> Document:
        """An entry's answer, its facts on lines of their own: for every channel and the editor's preview."""
        return self._telling.answer(revision, language)

    def about(self, entry: str, revision: str) -> tuple[str, str, str]:
        """The topic and office of an entry, and the id of its revision; "" for what is not known."""
        found = self._find(entry, revision)
        return (found.topic, found.office, found.id) if found else ("", "", "")

    def unsaid(self, reply: Reply, language: str) -> bool:
        """Does the entry say nothing of what this follow-up asks?"""
        if reply.key != "follow_up" or reply.whole:
            return False
        revision = self._find(reply.entry, reply.revision)
        return revision is None or self._telling.none_of(revision, reply.aspects, language)

    def quotes(self, language: str, aspect: str) -> tuple[str, ...]:
        """Folded beginnings of words by which a sentence says something about the aspect."""
        return self.languages[language].quotes.get(aspect, ()) if language in self.languages else ()

    def _dated(self, reply: Reply, language: str) -> str:
        """Who says a pinned answer, and since when it holds."""
        parts = [self._footer(language)]
        if told := reply.params.get("as_of"):
            day = self._moments.day(date.fromisoformat(told), language)
            parts.append(f"{self.words(language, 'as_of')} {day}")
        return " · ".join(parts)

    def _notice(self, reply: Reply, language: str) -> Document:
        """What it is, in which language it is told where that is another one, and the town's own words."""
        which = self.said(reply.before, language, {}) if reply.before else EMPTY
        return joined(self.said(reply.key, language, {}), which, from_text(reply.text))

    # --- entries -------------------------------------------------------------------------------------------

    def _entry(self, reply: Reply, language: str, buttons: tuple[Button, ...]) -> Spoken:
        revision = self._find(reply.entry, reply.revision)
        if revision is None:
            return Spoken(self.said("button.gone", language, {}), (), "", language)
        if reply.key == "follow_up":
            document = self._telling.aspects(revision, reply.aspects, language, reply.whole)
            if self.unsaid(reply, language):
                buttons = self._buttons(reply.otherwise, language)
        else:
            document = self.answer(revision, LEICHT if reply.easy else language)
        source = revision.source
        # What a clerk sends has been chosen by a person.
        parts = [] if reply.key == "answer.by_clerk" else [self._footer(language)]
        if source.title:
            parts.append(f"{self.words(language, 'source')}: {source.title}")
        parts.append(f"{self.words(language, 'as_of')} {self._moments.day(revision.as_of, language)}")
        named = revision.elsewhere is not None and revision.elsewhere.url == source.url
        if source.url and reply.key != "follow_up" and not named:
            title = f"{self.words(language, 'source')}: {source.title or source.url}"
            document = joined(document, Document((Paragraph((link(title, source.url),)),)))
        return Spoken(document, buttons, " · ".join(parts), language, revision=revision.id)

    # --- words ---------------------------------------------------------------------------------------------

    def said(
        self, key: str, language: str, params: Mapping[str, str], trusted: Mapping[str, str] | None = None
    ) -> Document:
        """A reply's text; `params` stay plain words, `trusted` may be part of its Markdown."""
        text = self._template(key, language)
        for name, value in {**self._constants(), **(trusted or {})}.items():
            text = text.replace("{" + name + "}", value)
        # Parameters go in after parsing: a clerk's name must not become Markdown.
        return _filled(from_markdown(text), params)

    def _constants(self) -> dict[str, str]:
        """What every reply may name."""
        town = self._calendar.town
        return {
            "town": town.full_name,
            "privacy_url": town.privacy_url,
            "retention_days": str(self._retention_days),
            "phone": town.phone,
            "poison_line": poison_line(town.land),
        }

    def _template(self, key: str, language: str) -> str:
        for code in (language, "en", "de"):
            replies = self.languages[code].replies if code in self.languages else {}
            if key in replies:
                return replies[key]
        raise KeyError(f"no words for {key}")

    def weekdays(self, language: str) -> tuple[str, ...]:
        """Short names, Monday first."""
        known = self.languages.get(language)
        return (known if known and known.weekdays else self.languages["en"]).weekdays

    def _buttons(self, choices: Sequence[Choice], language: str) -> tuple[Button, ...]:
        return tuple(Button(c.data, c.label or self._button(c.key, language)) for c in choices)

    def _button(self, key: str, language: str) -> str:
        if key.startswith("language."):
            return self.languages[key.removeprefix("language.")].name
        return self.words(language, key)

    def _footer(self, language: str) -> str:
        return self.words(language, "footer")

    def _params(self, params: Mapping[str, str], language: str, now: datetime) -> dict[str, str]:
        filled = dict(params)
        if params.get("position"):
            ahead = int(params["position"]) - 1
            first = self.words(language, "first")
            filled["position_words"] = self._counted(language, "position_one", "position", ahead) if ahead else first
        if params.get("minutes"):
            filled["minutes_words"] = self._lasting(language, int(params["minutes"]))
        if params.get("opens"):
            filled["opens_words"] = self._moments.moment(datetime.fromisoformat(params["opens"]), language, now)
        if params.get("by"):
            filled["by_words"] = self._moments.by(datetime.fromisoformat(params["by"]), language, now)
        if params.get("wait"):
            filled["wait_words"] = self.words(language, f"wait.{params['wait']}").format_map(filled)
        if params.get("at"):
            local = datetime.fromisoformat(params["at"]).astimezone(self._calendar.zone)
            filled["at"] = f"{self._moments.day(local.date(), language)}, {self._moments.clock(local, language)}"
        return filled

    def _lasting(self, language: str, minutes: int) -> str:
        """ "10 Minuten", "90 Minuten", "2 Stunden"."""
        hours, rest = divmod(minutes, 60)
        if rest:
            return self._counted(language, "minute", "minutes", minutes)
        return self._counted(language, "hour", "hours", hours)

    def _counted(self, language: str, one: str, more: str, n: int) -> str:
        """ "3 Minuten", "3 хвилини", "5 хвилин": the label of the form that the language wants after the number."""
        form = plural(language, n)
        key = one if form == "one" else more
        return self.words(language, f"{more}.{form}", self.words(language, key)).format(n=n)


def _filled(document: Document, params: Mapping[str, str]) -> Document:
    def span(s: Span) -> Span:
        text = s.text
        for name, value in params.items():
            text = text.replace("{" + name + "}", value)
        return replace(s, text=text)

    def block(b: Block) -> Block:
        if isinstance(b, Paragraph):
            return Paragraph(tuple(span(s) for s in b.spans))
        return replace(b, items=tuple(tuple(span(s) for s in item) for item in b.items))

    return Document(tuple(block(b) for b in document.blocks))


def export_text(lines: Sequence[Mapping[str, str]], about: Mapping[str, str], title: str) -> str:
    """The citizen's own data as readable text: what is known, then the conversation line by line."""
    head = [title, "=" * len(title), *(f"{k}: {v}" for k, v in about.items() if v), ""]
    body = [f"[{line['at']}] {line['who']}: {line['text']}" for line in lines]
    return "\n".join([*head, *body, ""])
