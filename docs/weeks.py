"""Twelve weeks of an invented town for its pictures: what citizens asked, and what of it the bot could not answer.

Told as facts (bot.facts), as a turn tells them: figures and gaps are made of them as of any others. Chance is seeded
and time counts back from now, so the same pictures come out each time, but for their dates.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.facts.fact import Fact, FactKind, name_of

WEEKS = 12
SEED = 4711
CHANNELS = ("telegram",) * 5 + ("web",) * 4 + ("whatsapp",) * 3
LANGUAGES = ("de",) * 16 + ("en", "tr", "uk", "ar")
MATTERS = (
    ("personalausweis-beantragen", "ausweise", "buergeramt"),
    ("sperrmuell-anmelden", "abfall", "stadtservice"),
    ("gelber-sack", "abfall", "stadtservice"),
    ("personalausweis-verloren", "ausweise", "buergeramt"),
    ("wohngeld-beantragen", "soziales", "sozialamt"),
    ("biotonne", "abfall", "stadtservice"),
)
REASONS = ("asked", "asked", "not_understood", "rejected")


@dataclass(frozen=True)
class Gap:
    """Asked in vain: in these words, so often in each week, the oldest first."""

    texts: Sequence[tuple[str, str]]  # language, words
    weekly: Sequence[int]
    topic: str = ""


TOOLS = "Kann ich bei der Stadt eine Bohrmaschine leihen?"
GAPS = (
    Gap(
        (
            ("de", TOOLS),
            ("de", "kann man bei der stadt eine bohrmaschine leihen"),
            ("de", "Bohrmaschine leihen bei der Stadt, geht das?"),
            ("de", "wo kann ich eine bohrmaschine leihen"),
            ("de", "Kann ich mir bei der Stadt Werkzeug leihen?"),
            ("en", "Can I borrow a drill from the city?"),
            ("tr", "Belediyeden matkap ödünç alabilir miyim?"),
        ),
        (0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 6, 11),
        "kultur",
    ),
    Gap(
        (
            ("de", "Wo darf man in Lindenfurt Schlitten fahren?"),
            ("de", "wo kann man schlitten fahren"),
            ("de", "Schlitten fahren mit Kindern, wo ist das erlaubt?"),
        ),
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7),
        "kultur",
    ),
    Gap(
        (
            ("de", "Wo steht ein öffentlicher Bücherschrank?"),
            ("de", "gibt es hier einen öffentlichen bücherschrank"),
            ("uk", "Де є громадська книжкова шафа?"),
        ),
        (1, 2, 1, 2, 1, 2, 2, 1, 2, 2, 1, 2),
        "kultur",
    ),
    Gap(
        (
            ("de", "Darf ich im Stadtpark eine Drohne fliegen lassen?"),
            ("de", "drohne fliegen im stadtpark erlaubt?"),
        ),
        (3, 4, 5, 3, 4, 3, 4, 3, 3, 4, 3, 1),
    ),
    Gap((("de", "Kann ich ein Hochbeet an der Straße anlegen?"),), (0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1), "umwelt"),
)


def whole(today: date) -> tuple[date, date]:
    """The whole weeks that lie behind, but for the first, which may have begun late: a Monday, and a Sunday."""
    last = today - timedelta(days=today.weekday() + 1)
    return last - timedelta(days=7 * (WEEKS - 2) - 1), last


def facts(now: datetime) -> list[Fact]:
    """All of them, up to `now`."""
    r = random.Random(SEED)  # noqa: S311 - invented people need no secrets
    return [*_days(r, now), *_asked_in_vain(r, now)]


def _days(r: random.Random, now: datetime) -> Iterator[Fact]:
    """What goes well, more of it from week to week: for each gap that was closed, the next who asks is answered."""
    for back in range(1, WEEKS * 7):
        grown = 1 - back / (WEEKS * 7)
        weekend = (now - timedelta(days=back)).weekday() > 4
        for n in range(round((24 + 22 * grown) * r.uniform(0.85, 1.15) * (0.35 if weekend else 1))):
            yield from _question(r, _at(r, now, back), f"{back} {n}", 0.62 + 0.2 * grown)


def _at(r: random.Random, now: datetime, back: int) -> datetime:
    """So many days ago, while people are awake."""
    return (now - timedelta(days=back)).replace(hour=r.randrange(7, 19), minute=r.randrange(60))


def _question(r: random.Random, at: datetime, name: str, answered: float) -> Iterator[Fact]:
    channel, language = r.choice(CHANNELS), r.choice(LANGUAGES)
    entry, topic, office = MATTERS[min(len(MATTERS) - 1, int(r.expovariate(0.6)))]
    who = name_of("citizen", name)[:20]

    def fact(kind: FactKind, later: int = 0, **more: object) -> Fact:
        told = {"channel": channel, "language": language} | more
        return Fact(name_of(kind, name, later), at + timedelta(seconds=later), kind, who, **told)  # type: ignore[arg-type]

    about = {"entry": entry, "topic": topic, "office": office}
    yield fact(FactKind.BEGUN)
    luck = r.random()
    if luck < answered:
        yield fact(FactKind.ANSWERED, 2, by="search", value=r.randrange(780, 1000), **about)
        if r.random() < 0.24:
            yield fact(FactKind.PRAISED, 30, **about)
        elif r.random() < 0.06:
            yield fact(FactKind.REJECTED, 30, **about)
    elif luck < answered + 0.12:
        yield fact(FactKind.CLARIFIED, 2, topic=topic, value=r.randrange(300, 700))
        if r.random() < 0.2:
            yield fact(FactKind.CLARIFIED_IN_VAIN, 20, topic=topic)
        else:
            yield fact(FactKind.ANSWERED, 20, by="choice", **about)
    elif luck > 0.998:
        yield fact(FactKind.ALARM, 2, by="danger")
    else:
        yield fact(FactKind.WITHHELD, 2, by="miss", value=r.randrange(20, 120))
        if r.random() < 0.5:
            yield fact(FactKind.HANDED_OFF, 60, team="buergeramt", reason=r.choice(REASONS))
            yield fact(FactKind.CLAIMED, 400, team="buergeramt", value=round(r.expovariate(1 / 420)))
            yield fact(FactKind.FIRST_REPLY, 500, team="buergeramt", value=round(r.expovariate(1 / 600)))
            yield fact(FactKind.RESOLVED, 2400, team="buergeramt", reason="answered", value=2400)


def _asked_in_vain(r: random.Random, now: datetime) -> Iterator[Fact]:
    for g, gap in enumerate(GAPS):
        turn = 0
        for back, times in enumerate(reversed(gap.weekly)):
            for n in range(times):
                at = _at(r, now, back * 7 + r.randrange(1, 7))
                language, text = gap.texts[turn % len(gap.texts)]
                turn += 1
                name = f"gap {g} {back} {n}"
                who, channel = name_of(name)[:20], r.choice(CHANNELS)
                told = {"channel": channel, "language": language, "topic": gap.topic}
                value = r.randrange(60, 280)
                yield Fact(name_of(name, 1), at, FactKind.WITHHELD, who, by="miss", value=value, text=text, **told)
                if r.random() < 0.3:
                    later = at + timedelta(minutes=2)
                    yield Fact(name_of(name, 2), later, FactKind.HANDED_OFF, who, reason="not_understood", **told)
