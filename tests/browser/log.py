"""An invented log of facts for the page of figures: a town of which little is known yet, and one after a year."""

import random
from collections.abc import Iterator
from datetime import timedelta

from bot.facts.fact import Fact, FactKind, name_of
from bot.facts.kept import Facts
from tests.browser.stage import Stage
from tests.console.house import NOW

CHANNELS = ("telegram",) * 5 + ("web",) * 4 + ("whatsapp",) * 3
LANGUAGES = ("de",) * 16 + ("tr", "uk", "en", "ar")
MATTERS = (
    ("personalausweis-beantragen", "ausweise", "buergeramt"),
    ("personalausweis-verloren", "ausweise", "buergeramt"),
    ("wohngeld-beantragen", "wohnen", "sozialamt"),
    ("gelber-sack", "abfall", "bauhof"),
    ("hund-anmelden", "steuern", "steueramt"),
)
TEAMS = ("buergeramt", "bauen-umwelt", "ordnung-verkehr")


def facts(days: int, a_day: int, worse: int = 0) -> list[Fact]:
    """Those of so many days up to now; in the last `worse` days less is known."""
    r = random.Random(days)
    return [fact for back in range(days) for fact in _day(r, back, a_day, back < worse)]


def _day(r: random.Random, back: int, a_day: int, is_worse: bool) -> Iterator[Fact]:
    weekend = (NOW - timedelta(days=back)).weekday() > 4
    for n in range(max(1, round(a_day * r.uniform(0.7, 1.3) * (0.4 if weekend else 1)))):
        at = NOW - timedelta(days=back, minutes=r.randrange(1, 120))
        channel, language = r.choice(CHANNELS), r.choice(LANGUAGES)
        entry, topic, office = MATTERS[min(len(MATTERS) - 1, int(r.expovariate(0.7)))]
        matter = {"entry": entry, "topic": topic, "office": office}
        told: list[tuple[FactKind, dict[str, object]]] = [(FactKind.BEGUN, {})]
        luck = r.random() - (0.25 if is_worse else 0)
        if luck > 0.3:
            told.append((FactKind.ANSWERED, matter | {"by": "search", "value": r.randrange(600, 1000)}))
            told += [(FactKind.PRAISED, matter)] * (r.random() < 0.2) + [(FactKind.REJECTED, matter)] * (
                r.random() < 0.1
            )
        elif luck > 0.15:
            told.append((FactKind.CLARIFIED, {"topic": topic, "value": r.randrange(200, 600)}))
            told.append((FactKind.ANSWERED, matter | {"by": "choice"}))
        else:
            told.append((FactKind.WITHHELD, {"by": "miss", "value": r.randrange(0, 300)}))
            if r.random() < 0.5:
                team = r.choice(TEAMS)
                reason = r.choice(("asked", "not_understood", "rejected"))
                outcome = r.choice(("answered", "answered", "forwarded", "withdrawn"))
                told.append((FactKind.HANDED_OFF, {"team": team, "reason": reason}))
                told.append((FactKind.CLAIMED, {"team": team, "value": round(r.expovariate(1 / 500))}))
                told.append((FactKind.FIRST_REPLY, {"team": team, "value": round(r.expovariate(1 / 800))}))
                told.append((FactKind.RESOLVED, {"team": team, "reason": outcome, "value": 3000}))
                told += [(FactKind.RATED, {"team": team, "value": int(r.random() < 0.8)})] * (r.random() < 0.4)
        for m, (kind, values) in enumerate(told):
            ident = name_of(back, n, m)
            yield Fact(ident, at, kind, "00000001aaaaaaaaaaaa", channel, language, **values)  # type: ignore[arg-type]


async def first_day(stage: Stage) -> None:
    """The town answers since this morning."""
    _take(stage, facts(1, 14))


async def year(stage: Stage) -> None:
    """It has answered for a year, and lately worse."""
    _take(stage, facts(365, 12, worse=7))


def _take(stage: Stage, some: list[Fact]) -> None:
    core = stage.work.core
    Facts(core.catalogue.engine, core.zone).take(some)
