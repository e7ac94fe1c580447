"""A house in which everything that anybody could type holds an injection: citizens, clerks, editors, administrators."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.conversation import Line, Status
from bot.document import from_text, to_json
from bot.handoff.callback import Callback
from bot.handoff.intake import Intake
from bot.simulator.samples import sample
from bot.store.protocol import Write
from faq.entry import Facts, Link, Text
from tests.console.house import PASSWORD, House, content, later
from tests.console.injections import INJECTIONS, chunks

CHIEF = "evil"  # an admin, in charge of the conversations
OFFICE = "buergeramt"


@dataclass(frozen=True)
class Evil:
    """Ids of conversations and of an entry that hold them, and which texts their pages must show."""

    talk: str  # every text said by the citizen, written by a clerk, noted, named
    named: str  # by a citizen whose name is all of them
    filed: str  # with a file by each name
    waiting: tuple[str, ...]  # each about one of them, wanting to be called by it
    entry: str
    revision: str


def unplaced(text: str) -> str:
    """For canned responses, in which a word in braces is a place to be filled in."""
    return text.replace("{", "(")


async def filled(work: House) -> Evil:
    """Put all of them everywhere."""
    _staff(work)
    entry, revision = _corpus(work)
    _settings(work)
    await work.core.live_town.refresh()
    talk, named, filed = await _talk(work), await _named(work), await _filed(work)
    waiting = [
        await work.citizen(
            f"w{n}",
            text,
            sender=text,
            topic=text,
            language=text,
            callback=Callback(text, later(-60 - n), text, 1, later(-5)),
            waiting_since=later(-3600 + n),
        )
        for n, text in enumerate(INJECTIONS)
    ]
    return Evil(talk, named, filed, tuple(waiting), entry, revision)


def _staff(work: House) -> None:
    """Colleagues by these names, all of them here."""
    work.accounts.add(CHIEF, PASSWORD, "admin", display_name=INJECTIONS[59][:100])
    for n, text in enumerate(INJECTIONS):
        work.accounts.add(f"c{n}", PASSWORD, "clerk", display_name=text[:100])


async def everybody_here(work: House) -> None:
    """Their signs of life, each with a page of its own."""
    for n in range(len(INJECTIONS)):
        await work.core.store.beat(f"c{n}", "page", work.clock() + timedelta(hours=1), work.clock())


def _corpus(work: House) -> tuple[str, str]:
    """An entry for each handful, as a proposal of a clerk's; the first one is live, and its answer is all of them but
    for those that no release takes."""
    catalogue, live = work.core.catalogue, ("", "")
    for n, text in enumerate(chunks(290)):
        facts = Facts(text, (text,), text, text, text, Link(text, "https://stadt.example/x"))
        answer = "\n\n".join(text for text in INJECTIONS if "](" not in text) if n == 0 else text
        said = Text("de", text, tuple(text.splitlines()), answer, facts)
        made = replace(content(text, answer), texts={"de": said}, source=Link(text, "https://stadt.example/x"))
        saved = catalogue.save_draft(f"evil-{n}", made, "c1")
        if not live[0]:
            catalogue.publish(f"evil-{n}", saved.id, CHIEF)
            live = (f"evil-{n}", saved.id)
    return live


def _settings(work: House) -> None:
    """Teams, days and canned responses by these names, saved by a revision that says why in such words."""
    live = work.core.live_town
    names, teams = chunks(600), live.document("teams")
    teams = [{**team, "name": names[n % len(names)]} for n, team in enumerate(teams)]
    teams += [{"id": f"evil-{n}", "name": text, "office": OFFICE} for n, text in enumerate(names)]
    days = [
        {"date": (work.clock() + timedelta(days=30 + n)).date().isoformat(), "reason": text, "reason_en": text}
        for n, text in enumerate(INJECTIONS)
    ]
    holidays = [{"date": day["date"], "name": day["reason"]} for day in days]
    canned = [
        {"id": f"r{n}", "title": text, "shortcut": f"k{n}", "texts": {"de": unplaced(text)}}
        for n, text in enumerate(INJECTIONS)
    ]
    why = chunks(200)[0]
    live.save({"teams": teams, "special_days": days, "holidays": holidays, "canned": canned}, CHIEF, why)


async def _talk(work: House) -> str:
    """Everybody says everything; the forms of the intake are answered with it, too."""
    asked = Intake("schaden", "asked", (("ort", "m0"), ("was", "n3"), ("foto", "n5")), asking=False)
    ident = await _mine(work, "talk", INJECTIONS[0], intake=asked, outcome=INJECTIONS[1])
    at, lines = later(1), []
    for n, text in enumerate(INJECTIONS):
        name = text[:100]
        said = to_json(from_text(text))
        lines += [
            Line(f"n{n}", "citizen", at, text, text),
            Line(f"e{n}", "citizen", at, text, text + " ", edits=f"n{n}", what="edit"),
            Line(f"u{n}", "citizen", at, text, text, what="voice"),
            Line(f"r{n}", "clerk", at, text, text, name=name, document=said, what="clerk", user="c1"),
            Line(f"b{n}", "bot", at, text, document=said, footer=text, buttons=((text[:60], text),)),
            Line(f"o{n}", "note", at, text, text, name=name, user=CHIEF),
            Line(f"t{n}", "event", at, text, what="passed_on", name=name),
            Line(f"d{n}", "event", at, text, what="resolved", name=name),
        ]
    understanding = {
        "intent": INJECTIONS[2],
        "confidence": 0.5,
        "language": INJECTIONS[3],
        "source": INJECTIONS[4],
        "entities": [{"kind": text, "value": text} for text in INJECTIONS],
    }
    found = tuple(
        {"entry": f"x{n}", "title": text, "score": 0.5, "why": {text: 1.0}} for n, text in enumerate(chunks(2000))
    )
    lines.append(Line("last", "citizen", at, "x", "x", understanding=understanding, matches=found))
    held = await work.core.store.load(ident)
    assert held.conversation is not None
    await work.core.store.keep(ident, held.version, Write(held.conversation, tuple(lines)))
    return ident


async def _named(work: House) -> str:
    return await _mine(work, "named", "wer ich bin", sender=chunks(100_000)[0])


async def _filed(work: House) -> str:
    """A file by each name: the way in cleans it; every other one lies there as no way in would leave it."""
    ident = await _mine(work, "filed", "dateien")
    for n, text in enumerate(INJECTIONS):
        file = await work.file(ident, sample("photo", n) if n % 4 < 2 else b"nur worte %d" % n, text)
        held = await work.core.store.load(ident)
        assert held.conversation is not None
        raw = replace(file, name=text)
        if n % 2:
            await work.core.store.keep(ident, held.version, Write(held.conversation, attachments=(raw,)))
    return ident


async def _mine(work: House, chat: str, text: str, **more: object) -> str:
    charge = {"owner": CHIEF, "number": 7, "team": OFFICE, **more}
    return await work.citizen(chat, text, status=Status.ASSIGNED, **charge)
