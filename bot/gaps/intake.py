"""From facts to questions of the gap loop: what was withheld, turned down, or asked back about in vain."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, insert, or_, select, update

from bot.facts.fact import FactKind
from bot.facts.tables import facts
from bot.gaps.gap import HARM, Use
from bot.gaps.tables import clusters, questions
from faq.database import reading, writing

SETTLED = timedelta(minutes=30)
"""Who has pressed no button by then has chosen none."""

TAKEN_OVER = timedelta(hours=1)
"""A handoff so long after a question counts as its consequence."""

LOOK_BACK = timedelta(days=2)
NO_GAPS = ("later", "other_town", "office")
"""Put off and answered next; another town's; asked back about which office: nothing is missing."""


def take(db: Connection, now: datetime) -> list[str]:
    """Take what is new, into no cluster yet; returns its ids. What has lost its words loses its vector."""
    ids = list(db.execute(_new(now).order_by(facts.c.at, facts.c.id)).scalars())
    blank = {"cluster": "", "placed": False, "again": False, "handed": False, "use": Use.NONE}
    blank |= {"trial": "", "asked": "", "found": "", "encoder": "", "vector": None}
    if ids:
        db.execute(insert(questions), [{"fact": one, **blank} for one in ids])
    _forget(db)
    _handed(db, now, ids)
    return ids


def waiting(db: Connection, now: datetime) -> bool:
    """Is there anything new to take?"""
    return db.execute(_new(now).limit(1)).first() is not None


def _new(now: datetime) -> Select[Any]:
    """The ids of facts that are gaps and not taken yet."""
    chosen = facts.alias()
    told = exists().where(
        chosen.c.conversation == facts.c.conversation,
        chosen.c.text == facts.c.text,
        chosen.c.at >= facts.c.at,
        or_(
            chosen.c.kind == FactKind.CLARIFIED_IN_VAIN,
            and_(chosen.c.kind == FactKind.ANSWERED, chosen.c.by == "choice"),
        ),
    )
    known = exists().where(questions.c.fact == facts.c.id)
    unchosen = and_(facts.c.at < now - SETTLED, ~told)
    return select(facts.c.id).where(
        facts.c.kind.in_([str(kind) for kind in HARM]),
        facts.c.text != "",
        facts.c.by.not_in(NO_GAPS),
        or_(facts.c.kind != FactKind.CLARIFIED, unchosen),
        ~known,
    )


def forget(engine: Engine) -> bool:
    """Whether something of words was left that are gone; now it is gone, too. Looks are ordered for what is new: where
    nobody asks anything, what was erased would lie here until somebody does."""
    with reading(engine) as db:
        left = (select(questions.c.fact).where(_wordless()), select(clusters.c.id).where(_emptied()))
        if all(db.execute(query.limit(1)).first() is None for query in left):
            return False
    with writing(engine) as db:
        _forget(db)
    return True


def _forget(db: Connection) -> None:
    """A vector tells of its words: it goes with them; and what questions shared goes with the last of them."""
    db.execute(update(questions).where(_wordless()).values(vector=None))
    db.execute(update(clusters).where(_emptied()).values(words=""))


def _wordless() -> ColumnElement[bool]:
    wordless = select(facts.c.id).where(facts.c.text == "", facts.c.id == questions.c.fact)
    gone = or_(exists(wordless), ~exists().where(facts.c.id == questions.c.fact))
    return and_(questions.c.vector.is_not(None), gone)


def _emptied() -> ColumnElement[bool]:
    held = exists().where(questions.c.cluster == clusters.c.id, facts.c.id == questions.c.fact, facts.c.text != "")
    return and_(clusters.c.words != "", ~held)


def _handed(db: Connection, now: datetime, ids: Iterable[str]) -> None:
    """Note of which questions a person took over."""
    asked = select(facts.c.id, facts.c.conversation, facts.c.at).join(questions, questions.c.fact == facts.c.id)
    asked = asked.where(questions.c.handed.is_(False), facts.c.conversation != "")
    fresh = set(ids)
    rows = [row for row in db.execute(asked).all() if row.id in fresh or row.at >= now - LOOK_BACK]
    if not rows:
        return
    since = min(row.at for row in rows)
    query = select(facts.c.conversation, facts.c.at).where(facts.c.kind == FactKind.HANDED_OFF, facts.c.at >= since)
    taken: dict[str, list[datetime]] = {}
    for row in db.execute(query).all():
        taken.setdefault(row.conversation, []).append(row.at)
    found = [
        row.id for row in rows if any(row.at <= at <= row.at + TAKEN_OVER for at in taken.get(row.conversation, ()))
    ]
    for start in range(0, len(found), 500):  # SQLite takes so many values and not many more
        some = found[start : start + 500]
        db.execute(update(questions).where(questions.c.fact.in_(some)).values(handed=True))
