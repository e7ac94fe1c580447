"""Questions about an office or a place rather than a matter: which one is meant, and what about it is asked.

Named, or the one spoken of just now, or that of the topic at hand; where it could be several, the citizen says which.
"""

from dataclasses import replace

from bot.conversation import Conversation
from bot.effects import Choice, Reply, Say, Turn
from bot.events import CitizenWrote
from bot.judging.answering import sure
from bot.judging.choices import ASK_HUMAN
from bot.offices.asks import asks
from bot.offices.question import OfficeQuestion
from bot.policy import Policy, Townhall
from nlu.days import encode
from nlu.phrases import tokenise

OFFERED = 6  # offices to choose from where nothing tells which one is meant
DISTRICTS = 8
PLACES = "places"
TIMES = frozenset({"hours", "next", "until"})
LEANING = {"office": "where", "appointment": "hours"}
"""Aspects of a matter, and what they ask of an office that was just told about."""


def about_office(c: Conversation, e: CitizenWrote, policy: Policy, townhall: Townhall) -> Turn | None:
    """The turn for a question about an office or a place; None for what the FAQ may know."""
    q = e.asked or _still(c, e) or _by_model(e)
    best = sure(c, e)
    if q is None:
        return None
    ours = (q.bare and ((q.offices and q.aspect in TIMES) or (c.office and q.aspect))) or (
        q.kind and q.aspect == "where"
    )
    if best and best.score >= policy.verbatim and not ours:
        return None  # an editor foresaw these very words
    if q.kind:
        if not q.names_it and (best or q.aspect):
            return None
        return _places(c, q.kind, q.district, townhall)
    when = encode(q.when) if q.when else ""
    if q.offices:
        return _named(c, e, q, when, townhall)
    return _unnamed(c, e, q, when, townhall) if q.bare else None


def _still(c: Conversation, e: CitizenWrote) -> OfficeQuestion | None:
    """What leans on the office told about, as elsewhere it leans on a matter: "wie lange noch?" until when it is open,
    "wie komm ich da hin mit dem Bus?" where it is, "kann ich ohne Termin kommen?" how it is open."""
    if not c.office:
        return None
    words = tokenise(e.masked)
    asked = asks().find(words)
    if asked is not None and asked.aspect == "until" and not asks().rest_of(words, asked.covered):
        return OfficeQuestion("until", bare=True)
    leans = e.manner.bare or (e.manner.points and not sure(c, e))
    aspect = next((LEANING[aspect] for aspect in e.manner.aspects if leans and aspect in LEANING), "")
    return OfficeQuestion(aspect, bare=True) if aspect else None


def _by_model(e: CitizenWrote) -> OfficeQuestion | None:
    """A question after hours that no phrase covers, but the model knows, and no entry answers; of our own offices."""
    if e.elsewhere:
        return None
    known = e.findings is not None and e.findings.decision != "withhold"
    if e.understanding is None or e.understanding.intent != "ask_opening_hours" or (known and not e.office):
        return None
    return OfficeQuestion("hours", (e.office,) if e.office else (), bare=True)


def picked(c: Conversation, choice: str, townhall: Townhall) -> Turn | None:
    """The turn for a button of ours: "o:office:aspect:when" or "w:kind:district"; None for an office that is gone."""
    kind, _, rest = choice.partition(":")
    first, _, told = rest.partition(":")
    if kind == "o" and first in townhall.offices:
        aspect, _, when = told.partition(":")
        return _told(c, first, aspect, when)
    if kind == "w" and first in townhall.places:
        return _places(c, first, told, townhall)
    return None


def _named(c: Conversation, e: CitizenWrote, q: OfficeQuestion, when: str, townhall: Townhall) -> Turn | None:
    aspect = q.aspect or ("hours" if when else "")
    if not aspect and c.office_asked and not c.office_asked.startswith(PLACES):
        aspect, _, when = c.office_asked.partition(":")  # the name answers "which office?"
    elif not aspect and sure(c, e) and not q.district:
        return None  # the name alone is also a wording of an entry
    if len(q.offices) > 1:
        return _which(c, q.offices, aspect or "hours", when, townhall)
    return _told(c, q.offices[0], aspect or "hours", when, q.district)


def _unnamed(c: Conversation, e: CitizenWrote, q: OfficeQuestion, when: str, townhall: Townhall) -> Turn | None:
    """ "und am samstag?", "wann wieder?", "habt ihr am 24.12. auf?"."""
    if not q.aspect and not q.when:
        asked, _, kind = c.office_asked.partition(":")
        return _places(c, kind, q.district, townhall) if asked == PLACES and q.district else None
    aspect = q.aspect or "hours"
    if c.office:
        return _told(c, c.office, aspect, when)
    if not (q.aspect or c.office_asked or (q.when and q.when.now and _of_opening(e))):
        return None  # a day alone is no question yet
    if aspect in ("where", "phone"):
        return None  # "wo ist das?" is about the matter at hand
    if c.entry:
        office = townhall.topic_office.get(c.topic, "")
        if office:
            return _told(c, office, aspect, when)
        if q.us:
            return _which(c, tuple(townhall.offices)[:OFFERED], aspect, when, townhall)
        reply = Reply("follow_up", entry=c.entry, revision=c.revision, aspects=("office",), otherwise=(ASK_HUMAN,))
        return Turn(replace(c, misses=0), (Say(reply),))  # others do that: where to ask them
    offered = {townhall.topic_office.get(option.topic, "") for option in c.offered}
    if len(offered) == 1 and "" not in offered:
        return _told(c, offered.pop(), aspect, when)  # whichever of them was meant, they do it there
    return _which(c, tuple(townhall.offices)[:OFFERED], aspect, when, townhall)


def _of_opening(e: CitizenWrote) -> bool:
    """Is "noch offen" said, which tells the time as well? "Was jetzt?" does not ask for hours."""
    asked = asks().find(tokenise(e.masked))
    return asked is not None and asked.opening


def _told(c: Conversation, office: str, aspect: str, when: str, district: str = "") -> Turn:
    """About that office; `district`: where one was asked for."""
    c = replace(c, misses=0, pending="", offered=(), office=office, office_asked="")
    return Turn(c, (Say(Reply("hours", {"aspect": aspect, "when": when, "district": district}, office=office)),))


def _which(c: Conversation, offices: tuple[str, ...], aspect: str, when: str, townhall: Townhall) -> Turn:
    buttons = tuple(Choice(f"o:{o}:{aspect}:{when}", label=townhall.offices[o]) for o in offices)
    c = replace(c, misses=0, pending="", offered=(), office="", office_asked=f"{aspect}:{when}")
    return Turn(c, (Say(Reply("office.which", {"when": when}, buttons)),))


def _places(c: Conversation, kind: str, district: str, townhall: Townhall) -> Turn | None:
    """Those of the district; without one a few, and the districts to choose from."""
    places = townhall.places.get(kind)
    if places is None:
        return None
    params = {"kind": kind, "district": district}
    c = replace(c, misses=0, pending="", offered=(), office="", office_asked=f"{PLACES}:{kind}")  # "und in Krummbach?"
    if district:
        return Turn(c, (Say(Reply("places.here", params)),))
    buttons = tuple(Choice(f"w:{kind}:{d}", label=name) for d, name in places[:DISTRICTS])
    return Turn(c, (Say(Reply("places.some", params, buttons)),))
