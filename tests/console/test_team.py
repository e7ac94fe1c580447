"""The page of who leads: against values counted by hand, and passing on what others have."""

import html
import re
from datetime import UTC, datetime, timedelta

from bot.console.chart import grouped
from bot.conversation import Conversation, Outcome, conversation_id
from bot.events import CitizenWrote, ClerkClaimed, ClerkResolved, ClerkWrote
from bot.message import Kind, Message
from tests.console.house import PASSWORD, House, later
from tests.console.test_inbox import claimed, why


def figures(page: str) -> dict[str, str]:
    found = re.findall(r'id="f-(\w+)">.*?<p class="figure-value">([^<]*)</p>', page, re.S)
    return {name: html.unescape(value) for name, value in found}


def table(page: str, where: str) -> list[list[str]]:
    """The cells of the rows of the table after that place, as words."""
    body = re.search(r"<tbody>(.*?)</tbody>", page[page.index(where) :], re.S)
    assert body
    rows = re.findall(r"<tr.*?>(.*?)</tr>", body[1], re.S)
    return [[words(cell) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.S)] for row in rows]


def words(markup: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", markup).split()))


async def asked(work: House, chat: str, at: datetime) -> str:
    """A citizen asks for a person, through step and store like everybody."""
    ident = conversation_id(work.core.secret, "telegram", chat)
    message = Message("m", "telegram", chat, Kind.COMMAND, at, "mensch")
    work.clock.at = at

    async def judge(_: Conversation) -> CitizenWrote:
        return CitizenWrote(message)

    await work.core.turns.apply(ident, judge, Conversation(ident, "telegram", chat))
    return ident


async def does(work: House, ident: str, at: datetime, event: ClerkClaimed | ClerkWrote | ClerkResolved) -> None:
    work.clock.at = at

    async def judge(_: Conversation) -> ClerkClaimed | ClerkWrote | ClerkResolved:
        return event

    await work.core.turns.apply(ident, judge)


async def rates(work: House, ident: str, at: datetime, thumb: str) -> None:
    """The citizen presses a thumb below the clerk's last word."""
    work.clock.at = at

    async def judge(c: Conversation) -> CitizenWrote:
        pressed = Message("r", "telegram", c.chat, Kind.CHOICE, at, choice=f"r:{c.number}:{thumb}")
        return CitizenWrote(pressed, rated=await work.core.store.handoff(ident, c.number))

    await work.core.turns.apply(ident, judge)


def clock(hour: int, minute: int = 0) -> datetime:
    """By the town's clock (one hour ahead of UTC), on the Tuesday of the house."""
    return datetime(2026, 11, 24, hour - 1, minute, tzinfo=UTC)


async def test_a_synthetic_day(at_work: House) -> None:
    kim = ClerkClaimed("kim", "Kim B.")
    # Yesterday's does not count, though it was answered today.
    old = await asked(at_work, "0", clock(11) - timedelta(days=1))
    night = await asked(at_work, "1", clock(6))  # the office opens at 8: its time runs from then on
    await does(at_work, old, clock(8, 1), kim)
    await does(at_work, night, clock(8, 4), kim)
    await does(at_work, night, clock(8, 10), ClerkWrote("kim", "Kim B.", "Guten Tag"))
    await does(at_work, night, clock(8, 12), ClerkResolved("kim", "Kim B.", Outcome.FORWARDED))
    await rates(at_work, night, clock(8, 13), "-")
    await rates(at_work, old, clock(8, 14), "-")  # nor does what is thought of yesterday's
    first = await asked(at_work, "2", clock(9))
    await does(at_work, first, clock(9, 1), kim)
    await does(at_work, first, clock(9, 2), ClerkWrote("kim", "Kim B.", "Guten Tag"))
    await rates(at_work, first, clock(9, 3), "+")
    second = await asked(at_work, "3", clock(9, 10))
    await does(at_work, second, clock(9, 30), ClerkClaimed("ada", "Ada B."))
    await asked(at_work, "4", clock(9, 40))
    lea = await at_work.signed_in("lea")
    at_work.clock.at = clock(10)
    page = await lea.text("/console/team")
    assert figures(page) == {
        "waiting": "1",
        "oldest": "20 min",
        "risk": "1",  # promised for 10:10
        "over": "0",
        "people": "1",
        "opened": "4",
        "wait": "4 min · 20 min",  # 1, 4 and 20 minutes
        "reply": "2 min · 10 min",  # 2 and 10 minutes
        "rated": "50\u202f% von 2",
    }
    hours = {row[0]: row[1:] for row in table(page, 'class="hours"')}
    assert hours["ab 6 Uhr"] == ["1", "0", "0"]
    assert hours["ab 8 Uhr"] == ["0", "1", "1"]
    assert hours["ab 9 Uhr"] == ["3", "1", "0"]
    assert "an eine andere Stelle verwiesen" in page
    at_work.accounts.add("uwe", PASSWORD, "lead", teams=["bauen-umwelt"])
    theirs = figures(await (await at_work.signed_in("uwe")).text("/console/team"))
    assert (theirs["opened"], theirs["wait"], theirs["waiting"]) == ("0", "–", "0")
    assert "nicht hilfreich" in await lea.text(f"/console/inbox/{night}")
    people = {row[0]: row for row in table(page, 'id="h-people"')}
    assert people["Kim B."][3:] == ["2", "1"]  # the old one waits for a word, the first was answered
    assert people["Ada B."][3:] == ["1", "1"]


async def test_what_must_be_read_soon_says_so(at_work: House) -> None:
    lea = await at_work.signed_in("lea")
    await at_work.citizen("1", "spät", due=later(-60), waiting_since=later(-7200))
    await at_work.citizen("2", "bald", due=later(14 * 60))
    await at_work.citizen("3", "morgen", due=later(86400))
    await at_work.citizen("4", "irgendwann")
    page = await lea.text("/console/team")
    assert {k: v for k, v in figures(page).items() if k in ("waiting", "oldest", "risk", "over", "people")} == {
        "waiting": "4",
        "oldest": "2 h",
        "risk": "1",
        "over": "1",
        "people": "1",
    }
    rows = [words(row) for row in re.findall(r'<li id="r-.*?</p>.*?</p>', page, re.S)]
    assert [row.split()[2] for row in rows] == ["spät", "irgendwann", "bald", "morgen"]
    assert "Überfällig" in rows[0]
    assert "Zusage in Gefahr" in rows[2]
    assert "wartet 2 h" in rows[0]


async def test_a_lead_passes_on_what_others_have(at_work: House) -> None:
    lea, kim = await at_work.signed_in("lea"), await at_work.signed_in("kim")
    conversation = await claimed(at_work, kim)
    url = f"/console/team/{conversation}/transfer"
    refused = await lea.post(url, {"to": "clerk:ada"})
    assert refused.status == 409
    assert "Ada B. ist nicht da" in why(await refused.text(), f"why-{conversation}")
    at_work.clock.at = later(9 * 3600)
    await kim.get("/console/inbox")
    await at_work.core.store.be_away("kim", "pause", later(10 * 3600))
    at_work.accounts.add("uwe", PASSWORD, "lead", teams=["buergeramt"])
    uwe = await at_work.signed_in("uwe")
    page = await (await uwe.post(url, {"to": "team:bauen-umwelt"})).text()
    assert "niemand da" in why(page, f"why-{conversation}")
    assert 'name="anyway"' in page
    assert (await uwe.post(url, {"to": "team:bauen-umwelt", "anyway": "1"})).status == 303
    assert (await at_work.conversation(conversation)).team == "bauen-umwelt"
    # Now it is another team's: it does not exist for Uwe any more.
    assert conversation not in await uwe.text("/console/team")
    assert (await uwe.post(url, {"to": "team:buergeramt"})).status == 404
    assert (await lea.post(url, {"to": "clerk:uwe"})).status == 303
    c = await at_work.conversation(conversation)
    assert (c.owner, c.team, c.unseen) == ("uwe", "buergeramt", True)


async def test_an_empty_day_says_what_there_is(at_work: House) -> None:
    page = await (await at_work.signed_in("ada")).text("/console/team")
    assert "Niemand wartet, und niemand ist im Gespräch." in page
    assert figures(page)["wait"] == "–"
    assert 'role="img"' in page


async def test_every_figure_has_its_definition_beside_it(at_work: House) -> None:
    page = await (await at_work.signed_in("lea")).text("/console/team")
    for name in figures(page):
        assert re.search(
            rf'<details id="d-{name}"><summary[^>]*>Was heißt das\?</summary><p[^>]*>[^<]{{20,}}</p>', page
        )


def test_bars_fill_their_room() -> None:
    first, second = grouped(["8", "9"], [[4, 2], [0, 1]])
    assert (first.middle, second.middle) == (180, 540)
    assert [(b.height, b.y, b.value) for b in first.bars] == [(160, 0, 4), (0, 160, 0)]
    assert [(b.height, b.y) for b in second.bars] == [(80, 80), (40, 120)]
    assert all(b.x >= 0 and b.x + b.width <= 720 for g in (first, second) for b in g.bars)
    assert grouped([], []) == ()
    assert grouped(["8"], [[0]])[0].bars[0].height == 0


async def told(work: House, chat: str) -> str:
    """What a citizen reads who asks for a person now."""
    lines = await work.core.store.transcript(await asked(work, chat, work.clock.at))
    return next(line.text for line in lines if line.what == "handoff.open")


async def test_a_citizen_is_told_honestly_whether_anybody_is_here(at_work: House) -> None:
    at_work.clock.at = clock(10)
    assert "Gerade ist niemand am Platz. Jemand liest Ihre Nachricht spätestens heute, 10:30 Uhr." in await told(
        at_work, "1"
    )
    at_work.accounts.add("uwe", PASSWORD, "clerk", teams=["bauen-umwelt"])
    await (await at_work.signed_in("uwe")).text("/console/inbox")
    assert "niemand am Platz" in await told(at_work, "2")  # another team's
    await (await at_work.signed_in("kim")).text("/console/inbox")
    said = await told(at_work, "3")
    assert "niemand am Platz" not in said
    assert "Vor Ihnen warten 2. Jemand liest Ihre Nachricht spätestens heute, 10:30 Uhr." in said
    with at_work.core.catalogue.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE accounts")
    assert "niemand am Platz" not in await told(at_work, "4")  # nobody can tell, and the handoff goes on
