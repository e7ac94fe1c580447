"""A day at the desk, set up behind the console: every kind of conversation there is, with names to find them by.

Everybody in it is invented. The house's clock stands at NOW, so that the same words stand on the pages each time.
"""

import struct
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.attachments.attachment import Attachment, Fate, attachment_id
from bot.composition import SAMPLE_TOWN
from bot.console.faq_form import form_of
from bot.conversation import Conversation, Line, Outcome, Reason, Status, conversation_id
from bot.deadlines import place
from bot.handoff.callback import Callback
from bot.handoff.desk import Clerk
from bot.handoff.fact import Handoff
from bot.handoff.intake import Intake
from bot.jobs.lint import ABOUT
from bot.message import DeliveryState, Limits
from bot.store.presence import Doing
from bot.store.protocol import START, Write
from faq.editing.typed import Typed
from faq.entry import NO_LINK, Content, Draft, Text
from faq.jobs import Jobs
from faq.lint.dismissed import Dismissals
from faq.lint.finding import (
    DropWording,
    Finding,
    Level,
    MergeWordings,
    OpenEntry,
    ReplaceLink,
    Reviewed,
    SideBySide,
)
from faq.lint.told import to_json
from faq.sources import read
from tests.console.house import NOW, PASSWORD, House, Pigeon
from tests.gaps.made import set_scene

KIM, LEA, ADA = Clerk("kim", "Kim B."), Clerk("lea", "Lea B.", leads=True), Clerk("ada", "Ada B.", leads=True)
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
NAME = "Wolfeschlegelsteinhausenbergerdorff-von und zu Hohenlohe-Langenburg-Schillingsfürst"
HOUR = 3600


def ago(seconds: float) -> datetime:
    """Before NOW."""
    return NOW - timedelta(seconds=seconds)


@dataclass(frozen=True)
class Talk:
    """One conversation. `said`: (by, seconds ago, words), the oldest first; `facts`: fields of the Conversation."""

    name: str
    sender: str
    said: Sequence[tuple[str, float, str]]
    channel: str = "telegram"
    language: str = "de"
    status: Status = Status.WAITING
    reason: Reason | None = Reason.ASKED
    team: str = "buergeramt"
    matches: Sequence[tuple[str, float]] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


LOST = (("personalausweis-verloren", 0.62), ("ausweis-wiedergefunden", 0.31), ("personalausweis-beantragen", 0.07))
TALKS = (
    Talk(
        "waiting",
        "Erika Beispiel",
        (
            ("citizen", 700, "hab meinen perso in der bahn liegen lassen"),
            ("bot", 698, "Meinen Sie eines davon?"),
            ("citizen", 660, "nichts davon, ich brauche bitte einen Menschen"),
        ),
        matches=LOST,
        facts={"topic": "ausweise", "due": NOW + timedelta(minutes=12)},
    ),
    Talk(
        "late",
        "Horst Muster",
        (("citizen", 5400, "Mein Sperrmüll steht seit Montag vor der Tür und niemand holt ihn ab!"),),
        reason=Reason.COMPLAINT,
        team="bauen-umwelt",
        facts={"topic": "abfall", "due": ago(600)},
    ),
    Talk(
        "claimed",
        "Mehmet Muster",
        (
            ("citizen", 3000, "Guten Tag, mein Ausweis sollte letzte Woche fertig sein."),
            ("bot", 2998, "Das übernimmt ein Mensch aus dem Bürgeramt. Ihre Nummer ist 1003."),
            ("citizen", 2900, "Danke. Ich habe ihn am 2. November im Bürgeramt Nord beantragt."),
        ),
        channel="whatsapp",
        reason=Reason.PERSONAL,
        matches=LOST,
        facts={"topic": "ausweise"},
    ),
    Talk(
        "arabic",
        "ياسمين الحداد",
        (
            ("citizen", 900, "السلام عليكم، أين أجد Bürgeramt Nord؟ هاتفي 0171 23456789"),
            ("citizen", 840, "أريد التحدث مع موظف من فضلك"),
        ),
        language="ar",
    ),
    Talk(
        "ukrainian",
        "Оксана Коваленко",
        (("citizen", 780, "Доброго дня! Де я можу зареєструвати місце проживання у Лінденфурті?"),),
        channel="whatsapp",
        language="uk",
        reason=Reason.NOT_UNDERSTOOD,
    ),
    Talk(
        "long",
        NAME,
        (
            ("citizen", 600, f"{WORD}{WORD} https://stadt.example/{'a' * 120} {WORD}"),
            ("citizen", 590, "Und nun? " * 60),
        ),
        channel="web",
        reason=Reason.REJECTED,
        matches=LOST,
    ),
    Talk(
        "closing",
        "Anna Weber",
        (("citizen", 24 * HOUR - 3 * HOUR - 750, "Können Sie mir sagen, wann der Termin ist?"),),
        channel="whatsapp",
        matches=LOST[:1],
    ),
    Talk(
        "closed", "Jonas Keller", (("citizen", 30 * HOUR, "Wie geht es mit meinem Antrag weiter?"),), channel="whatsapp"
    ),
    Talk(
        "files",
        "Greta Sommer",
        (("citizen", 1500, "Hier ist ein Schlagloch, ich schicke Ihnen Bilder."),),
        channel="web",
        team="bauen-umwelt",
    ),
    Talk(
        "notes",
        "Paul Winter",
        (("citizen", 2400, "Ich ziehe am 1. Dezember um. Was muss ich mitbringen?"),),
        matches=(("wohnsitz-ummelden", 0.71),),
    ),
    Talk("two", "Nina Vogel", (("citizen", 420, "Bekomme ich eine Bescheinigung für die Steuer?"),)),
    Talk("theirs", "Omar Said", (("citizen", 1300, "Ich habe einen Brief bekommen und verstehe ihn nicht."),)),
    Talk(
        "intake",
        "Lotte Brandt",
        (
            ("citizen", 1100, "Die Ampel am Markt ist kaputt"),
            ("bot", 1098, "Wo ist das?"),
            ("citizen", 1040, "Am Markt, Ecke Lindenstraße"),
            ("bot", 1038, "Was ist passiert?"),
            ("citizen", 980, "Sie zeigt seit gestern Abend nur Gelb."),
        ),
        reason=Reason.TOPIC,
        team="ordnung-verkehr",
        facts={"topic": "verkehr"},
    ),
    Talk(
        "call",
        "Ingrid Falk",
        (("citizen", 15 * HOUR, "Bitte rufen Sie mich an: 0171 2345678, am besten ab 14 Uhr"),),
        facts={"callback": Callback("0171 2345678", ago(15 * HOUR), "am besten ab 14 Uhr", 1, ago(HOUR))},
    ),
    Talk(
        "call-arabic",
        NAME,
        (("citizen", 14 * HOUR, "+49 171 2345679"),),
        language="ar",
        facts={"callback": Callback("+49 171 2345679", ago(14 * HOUR), "بعد الساعة الثانية ظهرا")},
    ),
    Talk(
        "resolved",
        "Karl Otto",
        (("citizen", 9000, "Bis wann ist der Wertstoffhof offen?"), ("clerk", 8800, "Heute bis 18 Uhr.")),
        status=Status.RESOLVED,
        facts={"outcome": Outcome.ANSWERED, "resolved_at": ago(8000)},
    ),
    Talk("bot", "Tim", (("citizen", 300, "wann kommt der gelbe sack"),), status=Status.BOT, reason=None, team=""),
    Talk("undo", "Vera Lang", (("citizen", 1700, "Wer leert die Papierkörbe im Stadtpark?"),)),
)


class Stage:
    """Sets conversations up in a house; `ids` are theirs by name."""

    def __init__(self, work: House) -> None:
        self.work, self.core = work, work.core
        self.ids: dict[str, str] = {}
        limits = {"whatsapp": Limits(4096, 8, 64, attachments=True, window=24 * HOUR)}
        for name in ("telegram", "whatsapp", "web"):
            pigeon = Pigeon(name)
            pigeon.limits = limits.get(name, Limits(4096, 8, 64, attachments=True))
            self.core.channels[name] = pigeon

    def corpus(self) -> None:
        """The sample town's answers, one of them changed and not yet published."""
        catalogue = self.core.catalogue
        catalogue.load([d for d in read(SAMPLE_TOWN) if isinstance(d, Draft)], "eda", publish=True)
        state = catalogue.get("gelber-sack")
        assert state is not None
        head = state.head
        german = replace(head.content.texts["de"], question="Was darf in den Gelben Sack und was nicht?")
        self.ids["revision"] = head.id
        texts = {**head.content.texts, "de": german}
        catalogue.save_draft("gelber-sack", replace(head.content, texts=texts), "eda", head.id)
        lost = catalogue.get("personalausweis-beantragen")
        assert lost is not None
        typed = form_of(lost.head.content) | {"texts.de.answer": "Den Ausweis beantragen Sie"}
        Typed(catalogue.engine, self.core.turns.now).keep("eda", lost.entry, lost.head.id, typed)

    async def set(self, talk: Talk) -> str:
        """One conversation as the table says; returns its id."""
        ident = conversation_id(self.core.secret, talk.channel, talk.name)
        self.ids[talk.name] = ident
        first, last = talk.said[0][1], min(seconds for by, seconds, _ in talk.said if by == "citizen")
        number = 0 if talk.status is Status.BOT else await self.core.store.next_number()
        c = Conversation(
            ident,
            talk.channel,
            talk.name,
            status=talk.status,
            number=number,
            reason=talk.reason,
            team=talk.team,
            language=talk.language,
            sender=talk.sender,
            started=ago(first),
            last_citizen=ago(last),
            waiting_since=ago(first) if talk.status is Status.WAITING else None,
        )
        c = replace(c, **talk.facts)
        lines = tuple(self._line(talk, n, *said) for n, said in enumerate(talk.said))
        window = self.core.channels[talk.channel].limits.window
        await self.core.store.keep(ident, 0, Write(c, lines, urgency=place(c, window)))
        return ident

    def _line(self, talk: Talk, number: int, by: str, seconds: float, text: str) -> Line:
        line = Line(f"m{number}", by, ago(seconds), text, text)
        if by == "citizen":
            meant = {"intent": "faq_question", "confidence": 0.62, "language": talk.language, "source": "keywords"}
            some = tuple(self._match(entry, score) for entry, score in talk.matches)
            return replace(line, understanding=meant, matches=some)
        if by == "bot":
            return replace(line, footer="Automatische Antwort")
        return replace(line, name="Kim B.", what="clerk")

    def _match(self, entry: str, score: float) -> dict[str, Any]:
        why = {"strength": 0.6, "title": 0.4}
        return {"entry": entry, "revision": "", "title": entry, "score": score, "why": why}

    async def more(self, name: str, *lines: Line, files: Sequence[Attachment] = (), **facts: Any) -> None:
        """Further lines, files and facts of one that was set up."""
        held = await self.core.store.load(self.ids[name])
        assert held.conversation is not None
        c = replace(held.conversation, **facts)
        window = self.core.channels[c.channel].limits.window
        write = Write(c, lines, attachments=tuple(files), urgency=place(c, window), handoff=c.handoff)
        await self.core.store.keep(c.id, held.version, write)

    async def settle(self, state: DeliveryState = DeliveryState.READ) -> None:
        """All that is in the outbox comes to this end."""
        store = self.core.store
        await store.own_lanes("stage", 60)
        for outgoing in (await store.read(0, "stage", None, START, 99, 0.0)).outgoing:
            await store.take(outgoing, "stage")
            await store.settle(outgoing, state)

    async def file(self, name: str, content: bytes, called: str) -> Attachment:
        """A file that was taken in, for a line of that conversation."""

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        named = Attachment(attachment_id(f"{name}{called}"), called, source="there")
        return await self.core.intake.take(self.ids[name], named, chunks())


def picture(width: int = 320, height: int = 240) -> bytes:
    """A PNG: a grey road with a dark hole in it."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            hole = ((x - width * 0.55) / 90) ** 2 + ((y - height * 0.6) / 50) ** 2
            shade = 60 if hole < 0.8 else 96 if hole < 1 else 150 + (x * 7 + y * 13) % 23
            rows += bytes((shade, shade, shade + 6))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(rows), 9)),
        (b"IEND", b""),
    )
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


async def set_day(stage: Stage) -> None:
    """Everything at once: the sample town on a Tuesday at ten, four people at work, eighteen conversations."""
    work, core = stage.work, stage.core
    stage.corpus()
    await _past(stage)
    work.accounts.add("lang", PASSWORD, "clerk", display_name=NAME, teams=["bauen-umwelt"])
    for talk in TALKS:
        await stage.set(talk)
    for user in ("kim", "ada", "lang"):
        await core.store.beat(user, "stage", NOW + timedelta(days=1), NOW)
    await core.store.be_away("lea", "meeting", NOW + timedelta(days=1))
    ids, desk = stage.ids, core.desk
    for name in ("claimed", "arabic", "long", "closing", "closed", "files", "notes", "two", "intake"):
        await desk.claim(KIM, ids[name])
    await desk.claim(ADA, ids["theirs"])
    await stage.settle()
    await desk.write(KIM, ids["claimed"], "Guten Tag, ich sehe für Sie nach. Einen Moment bitte.")
    await stage.settle(DeliveryState.READ)
    await desk.write(KIM, ids["claimed"], "Der Ausweis ist da. Sie können ihn ab morgen, 8 Uhr, abholen.")
    await stage.settle(DeliveryState.DELIVERED)
    ids["reply"] = (await core.store.transcript(ids["claimed"]))[-1].id
    await desk.write(KIM, ids["arabic"], "مرحبا، يقع المكتب في Nordmarkt 7.\n\nSie erreichen es mit dem Bus 3.")
    await stage.settle(DeliveryState.SENT)
    await desk.note(KIM, ids["notes"], "War schon zweimal da. Bitte an die Wohnungsgeberbestätigung erinnern.")
    await stage.more("notes", Line("e0", "citizen", ago(2000), "Am 1. Januar, nicht im Dezember.", edits="m0"))
    await desk.write(KIM, ids["notes"], "Bitte bringen Sie Ausweis und Wohnungsgeberbestätigung mit.")
    await stage.settle(DeliveryState.UNKNOWN)
    await desk.write(KIM, ids["notes"], "Haben Sie meine Nachricht bekommen?")
    await stage.settle(DeliveryState.FAILED)
    await _files(stage)
    await _answers(stage)
    await _proposal(stage)
    stage.ids |= set_scene(core.catalogue.engine, "personalausweis-verloren")
    _checked(stage)
    hours = core.live_town.document("hours")
    core.live_town.save({"hours": {**hours, "wahlamt": {"mon": ["09:00-11:00"]}}}, "ada", "Umzug ins Rathaus")
    for name, doing in (("two", Doing.TYPING), ("claimed", Doing.LOOKING)):
        await core.store.attend(ids[name], "ada", doing, NOW + timedelta(days=1), NOW)
    resolved = await work.conversation(ids["resolved"])
    fact = Handoff(resolved.number, "buergeramt", "abfall", "telegram", "asked", ago(9000), claimed=ago(8900))
    fact = replace(fact, replied=ago(8800), ended=ago(8000), outcome="answered", rating="good")
    await stage.more(
        "resolved", Line("r0", "event", ago(8000), "answered", name="Kim B.", what="resolved"), handoff=fact
    )
    await desk.resolve(KIM, ids["undo"], Outcome.FORWARDED)
    await stage.settle()


def _checked(stage: Stage) -> None:
    """The lint has run, and found one of each kind of what can be done."""
    engine = stage.core.catalogue.engine
    one, other = "gelber-sack", "biotonne"
    fees = {"one": "46,00 €, unter 24 Jahren 27,60 €", "other": "48,00 €"}
    looked, again = NOW.date(), NOW.date() + timedelta(days=182)
    moved = ReplaceLink(one, "https://alt.lindenfurt.example/saecke", "https://www.lindenfurt.example/gelber-sack")
    long = "Melden Sie sich, " + "wenn die Säcke nicht geholt wurden, " * 5 + "beim Stadtservice."
    hard = {"language": "de", "words": "33", "sentence": long}
    found = [
        Finding("fee", Level.ERROR, (one, other), "fee.entries", (SideBySide(one, other),), fees),
        Finding(
            "shared",
            Level.WARNING,
            (one, other),
            "shared",
            (SideBySide(one, other), DropWording(one, "de", "säcke"), MergeWordings(one, other)),
            {"wording": "säcke"},
        ),
        Finding(
            "review",
            Level.WARNING,
            (one,),
            "review.due",
            (OpenEntry(one), Reviewed(one, looked, again)),
            {"due": "2026-11-01"},
        ),
        Finding("moved_link", Level.HINT, (one,), "moved_link", (moved,), {"url": moved.old, "target": moved.new}),
        Finding("hard", Level.HINT, (one,), "hard.sentence", (OpenEntry(one, "texts.de.answer"),), hard),
    ]
    jobs = Jobs(engine, lambda: NOW)
    jobs.enqueue("lint", ABOUT, "eda")
    job = jobs.claim("stage", timedelta(minutes=5), ["lint"])
    assert job
    told = {"state": "", "entries": 344, "findings": [to_json(one) for one in found]}
    assert jobs.done(job, told)
    Dismissals(engine, lambda: NOW).dismiss(found[-1], "eda", "Der Satz zählt auf, was jeder wissen muss.")


async def _proposal(stage: Stage) -> None:
    """A clerk's reply that is to become an entry."""
    text = Text("de", "Ist mein Ausweis schon fertig?", answer="Rufen Sie im Bürgeramt an.")
    fresh = Content({"de": text}, "ausweise", "", NO_LINK, NOW.date())
    stage.core.catalogue.save_draft("ist-mein-ausweis-schon-fertig-1a2b3c", fresh, "kim")


async def _files(stage: Stage) -> None:
    photo = await stage.file("files", picture(), "Schlagloch Lindenstraße.png")
    paper = await stage.file("files", b"%PDF-1.4\n%%EOF\n", f"Antrag {WORD}.pdf")
    ours = await stage.file("files", b"%PDF-1.4\n%%EOF\n\n", "Merkblatt Straßenschäden.pdf")
    gone = Attachment(attachment_id("gone"), "Video.mp4", fate=Fate.REFUSED, reason="type", source="x", size=9_000_000)
    lost = Attachment(attachment_id("lost"), "Foto 2.jpg", fate=Fate.FAILED, reason="disk", source="x")
    await stage.more(
        "files",
        Line("f0", "citizen", ago(1400), what="photo", attachments=(photo.id,)),
        Line("f1", "citizen", ago(1390), what="document", attachments=(paper.id,)),
        Line("f2", "citizen", ago(1380), what="video", attachments=(gone.id,)),
        Line("f3", "citizen", ago(1370), what="photo", attachments=(lost.id,)),
        Line(
            "f4", "clerk", ago(1300), "Danke, hier das Merkblatt.", name="Kim B.", what="clerk", attachments=(ours.id,)
        ),
        files=(photo, paper, gone, lost, ours),
    )


async def _answers(stage: Stage) -> None:
    photo = await stage.file("intake", picture(), "Ampel.png")
    line = Line("p0", "citizen", ago(900), what="photo", attachments=(photo.id,))
    answers = (("ort", "m2"), ("was", "m4"), ("foto", "p0"))
    await stage.more("intake", line, files=(photo,), intake=Intake("schaden", "topic", answers, asking=False))


async def _past(stage: Stage) -> None:
    """What was handed off and answered today, for the chart."""
    subjects = ("Was kostet ein Reisepass?", "Ist die Urkunde fertig?", "Danke, alles klar!", "Wo kann ich parken?")
    for n in range(14):
        opened = NOW.replace(hour=7 + (0, 0, 1, 1, 1, 1, 0)[n % 7], minute=(n * 11) % 50)
        seconds, quick = (NOW - opened).total_seconds(), timedelta(minutes=2 + n % 9)
        said = (("citizen", seconds, subjects[n % 4]),)
        await stage.set(Talk(f"past{n}", "Maria Musterfrau", said, status=Status.RESOLVED, facts={"topic": "ausweise"}))
        number = (await stage.work.conversation(stage.ids[f"past{n}"])).number
        due = opened + timedelta(minutes=20)
        fact = Handoff(number, "buergeramt", "ausweise", "telegram", "asked", opened, due=due)
        fact = replace(fact, claimed=opened + quick, replied=opened + 2 * quick, ended=opened + 4 * quick)
        fact = replace(fact, outcome=list(Outcome)[n % 3], rating=("good", "good", "bad", "")[n % 4])
        await stage.more(f"past{n}", handoff=fact)


STORM = (
    "Sturm: Der Stadtpark und der Zoo bleiben bis Mittwoch geschlossen. Bitte gehen Sie nicht unter Bäume, melden Sie "
    "umgestürzte Bäume der Feuerwehr unter 112 und rechnen Sie bei Bus und Bahn mit längeren Wartezeiten."
)
NOTICES = (
    {"id": "sturm", "level": "crisis", "until": "2026-12-02 18:00", "texts": {"de": STORM}},
    {
        "id": "wahl",
        "level": "information",
        "open_ended": True,
        "texts": {"de": "Briefwahl geht ab Montag.", "en": "Vote by post."},
    },
)
"""What everybody is to know, as a document of the settings."""


async def set_crowd(stage: Stage) -> None:
    """Two hundred wait in a storm, in all languages, some of them late, some with endless names."""
    stage.core.live_town.save({"notices": list(NOTICES)}, "ada", "Sturm")
    await stage.core.live_town.refresh()
    subjects = (
        "Wo ist mein Antrag?",
        WORD,
        "Der Termin passt mir nicht, kann ich ihn verlegen?",
        "مرحبا، أحتاج مساعدة",
    )
    teams = ("buergeramt", "bauen-umwelt", "ordnung-verkehr")
    for n in range(200):
        words = f"{subjects[n % 4]} ({n + 1})"
        due = {"due": NOW + timedelta(minutes=n - 20)} if n % 3 else {}
        waiting = Talk(
            f"w{n}",
            NAME if n % 4 == 1 else f"Person {n}",
            (("citizen", 60 * (200 - n), words),),
            channel=("telegram", "whatsapp", "web")[n % 3],
            language=("de", "de", "tr", "ar")[n % 4],
            reason=list(Reason)[n % 7],
            team=teams[n % 3],
            facts=due,
        )
        await stage.set(waiting)
