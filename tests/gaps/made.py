"""Facts and looks for tests: what citizens asked in vain, made up."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, update

from bot.facts.fact import Fact, FactKind, name_of
from bot.facts.kept import Facts
from bot.gaps import intake
from bot.gaps.clustering import Beside, cluster
from bot.gaps.deeds import Decision, Deeds
from bot.gaps.gap import Found, State, Use
from bot.gaps.kept import Filter, Gaps
from bot.gaps.run import Looked, look
from bot.gaps.tables import clusters, questions
from faq.database import writing
from faq.encoder import HashingEncoder

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
RINK = (
    "Wann öffnet die Eisbahn?",
    "Wann öffnet die Eisbahn am Markt?",
    "wann öffnet die eisbahn morgen",
    "Ab wann öffnet die Eisbahn wieder?",
)
BEES = ("Darf ich Bienen im Garten halten?", "darf ich bienen halten", "Darf man Bienen halten im Garten")
_NAMED = {
    "gap": "Eisbahn",
    "gap_working": "Bienen",
    "gap_answered": "Kajaks",
    "gap_foreign": "undeskanzler",
}
_numbers = itertools.count(1)


def asked(text: str, kind: FactKind = FactKind.WITHHELD, at: datetime = NOW, citizen: str = "", **more: Any) -> Fact:
    """A question that got no answer, of a citizen of its own unless one is named."""
    number = next(_numbers)
    about = {"channel": "telegram", "language": "de", "by": "miss", "value": 120} | more
    return Fact(name_of(number), at, kind, citizen or f"citizen-{number}", text=text, **about)


def keep(engine: Engine, *some: Fact) -> None:
    """Into the database."""
    Facts(engine, BERLIN).take(some)


def ask_all(engine: Engine, texts: Sequence[str], at: datetime = NOW, **more: Any) -> list[Fact]:
    """Each asked by somebody else, an hour apart, the last at `at`."""
    some = [asked(text, at=at - timedelta(hours=n), **more) for n, text in enumerate(reversed(texts))]
    keep(engine, *some)
    return some


def set_scene(engine: Engine, entry: str) -> dict[str, str]:
    """Clusters in every state at NOW: open, in work on `entry`, answered by it and still asked, not ours, and the heap.
    Returns ids by name. No index is built: what was found is made up."""
    weeks = [NOW - timedelta(days=7 * n, hours=n) for n in range(8)]
    for n, at in enumerate(weeks):
        ask_all(engine, RINK[: 1 + (8 - n) // 2], at, topic="freizeit" if n % 2 else "")
    keep(engine, asked(RINK[1], FactKind.REJECTED, entry=entry, citizen="ann"), asked(RINK[2], channel="web"))
    keep(engine, asked("", FactKind.HANDED_OFF, NOW + timedelta(minutes=1), "ann", reason="asked"))
    ask_all(engine, BEES, weeks[1])
    ask_all(engine, ["Köpek vergisi ne kadar tutuyor?", "köpek vergisi ne kadar"], weeks[2], language="tr")
    ask_all(engine, ["كم تكلفة موقف السيارات السنوي؟"], weeks[1], language="ar", channel="whatsapp")
    ask_all(engine, ["Kajaks leihen, wo?", "kajaks leihen am see", "Kajaks leihen Preise"], weeks[3])
    ask_all(engine, ["wer wird bundeskanzler", "Wer wird Bundeskanzler?"], weeks[1])
    ask_all(engine, ["???", "[NAME]"])
    with writing(engine) as db:
        intake.take(db, NOW)
    cluster(engine, None, Beside((), (), None), NOW)
    found = gaps(engine)
    ids = {name: next(one.id for one in found.list() if word in one.text) for name, word in _NAMED.items()}
    deeds = Deeds(engine, lambda: NOW)
    uses = {
        name: {
            q.id: (Use.WORDING if n % 2 else Use.TRIAL, "") for n, q in enumerate(found.questions(ids[f"gap_{name}"]))
        }
        for name in ("working", "answered", "foreign")
    }
    deeds.decide(ids["gap_working"], 0, "eda", Decision("draft", State.WORKING, entry, 1, "", uses["working"]))
    deeds.decide(ids["gap_answered"], 0, "eda", Decision("extend", State.WORKING, entry, 1, "", uses["answered"]))
    deeds.decide(ids["gap_foreign"], 0, "ada", Decision("foreign", State.FOREIGN, uses=uses["foreign"]))
    with writing(engine) as db:
        live = {"state": State.ANSWERED, "release": 17, "live_at": NOW - timedelta(days=1)}
        db.execute(update(clusters).where(clusters.c.id == ids["gap_answered"]).values(live))
        told = Found("answer", ((entry, 0.94),)).to_json()
        db.execute(update(questions).where(questions.c.cluster == ids["gap_answered"]).values(found=told))
        near = Found("clarify", ((entry, 0.31), ("gelber-sack", 0.12))).to_json()
        db.execute(update(questions).where(questions.c.cluster == ids["gap"]).values(found=near))
    keep(engine, asked("kajaks leihen", at=NOW - timedelta(hours=3)))
    with writing(engine) as db:
        intake.take(db, NOW)
    cluster(engine, None, Beside((), (), None), NOW)
    return ids


def looked(engine: Engine, now: datetime = NOW, encoder: bool = False) -> Looked:
    """One look; by letters, or with an encoder that knows letters only."""
    return look(engine, now, HashingEncoder() if encoder else None)


def gaps(engine: Engine, now: datetime = NOW) -> Gaps:
    """The clusters, by that time."""
    return Gaps(engine, BERLIN, lambda: now)


def together(engine: Engine) -> set[frozenset[str]]:
    """The questions of each cluster."""
    found = gaps(engine)
    return {frozenset(q.text for q in found.questions(one.id)) for one in found.list(Filter())}
