"""What an administrator sets: it holds for the next citizen, tells what is wrong, and overwrites nobody unseen."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from bot.console.audit import Audit
from bot.console.settings.kinds import ALL
from bot.conversation import Status
from faq.town.sections import SECTIONS
from tests.console.house import NOW, PASSWORD, House
from tests.console.settings_form import PLACE, Page, opened, sent
from tests.house import House as Citizen
from tests.house import house as town_house


async def test_a_closed_day_reaches_the_next_citizen(at_work: House) -> None:
    """Console and worker are processes of their own, which share the database alone."""
    ada = await at_work.signed_in("ada")
    async with town_house(at_work.core.settings) as citizen:
        following = asyncio.create_task(citizen.core.live_town.follow())
        *_, before = await citizen.citizen("hat das bürgeramt am 24.11. auf?")
        assert "8–12, 13–16 Uhr" in before.text
        page = await opened(ada, "special_days")
        row = page.rows()
        new = {f"{row}__date": "2026-11-24", f"{row}__offices": ["buergeramt"], f"{row}__reason": "Rohrbruch"}
        response = await sent(ada, "special_days", page, why="Keller unter Wasser", **new)
        assert (response.status, response.headers["Location"]) == (303, PLACE + "special_days?done=saved")
        await taken_up(citizen, 2)
        *_, after = await citizen.citizen("hat das bürgeramt am 24.11. auf?")
        assert "geschlossen" in after.text
        assert "Rohrbruch" in after.text
        # Taken back, it is as before.
        await ada.get(PLACE + "special_days")
        undone = await ada.post(PLACE + "special_days/1/restore", {"based_on": "2"})
        assert undone.headers["Location"] == PLACE + "special_days?done=restored"
        await taken_up(citizen, 3)
        *_, again = await citizen.citizen("hat das bürgeramt am 24.11. auf?")
        assert again.text == before.text
        following.cancel()
    deeds = [(d.who, d.what, d.object) for d in await Audit(at_work.core.catalogue.engine).latest()]
    assert deeds[:2] == [("ada", "settings_saved", "special_days 3"), ("ada", "settings_saved", "special_days 2")]


async def taken_up(citizen: Citizen, number: int) -> None:
    """Until the worker's process has that revision."""
    async with asyncio.timeout(60):
        while (kept := citizen.core.live_town.live("special_days")) is None or kept.number < number:
            await asyncio.sleep(0.02)


async def test_every_section_saves_what_it_shows(at_work: House) -> None:
    """Saved untouched, nothing changes: no page loses anything on the way through its form."""
    assert set(ALL) == set(SECTIONS)
    ada = await at_work.signed_in("ada")
    for section in (*(name for name in ALL if name != "hours"), "hours?office=zulassungsstelle"):
        response = await sent(ada, section, await opened(ada, section))
        assert response.headers["Location"].startswith(f"{PLACE}{section.partition('?')[0]}?done=same"), section
    assert at_work.core.live_town.revisions.serial() == 0


async def test_hours_as_people_write_them(at_work: House) -> None:
    ada = await at_work.signed_in("ada")
    page = await opened(ada, "hours?office=wahlamt")
    assert (page.value("mon"), page.value("wed")) == ("8–12", "")
    shown = await sent(ada, "hours", page, "preview", tue="14-16:30 und 8.15 bis 12 Uhr", mon="geschlossen")
    text = await shown.text()
    assert "Wahlamt: heute 8:15–12, 14–16:30 Uhr; nächste Schließung Mi., 2.12. (Personalversammlung)" not in text
    assert "Wahlamt: heute 8:15–12, 14–16:30 Uhr" in text
    assert at_work.core.live_town.revisions.serial() == 0
    response = await sent(ada, "hours", page, tue="14-16:30 und 8.15 bis 12 Uhr", mon=None)
    assert response.headers["Location"] == PLACE + "hours?done=saved&office=wahlamt"
    week = at_work.core.town.offices["wahlamt"].hours
    assert [f"{s.start:%H:%M}-{s.end:%H:%M}" for s in week[1]] == ["08:15-12:00", "14:00-16:30"]
    assert 0 not in week
    wrong = await sent(ada, "hours", await opened(ada, "hours?office=wahlamt"), mon="vormittags", fri="8-12, 11-13")
    assert wrong.status == 400
    page = Page(await wrong.text())
    assert page.invalid == ["mon", "fri"]
    assert (page.value("mon"), page.value("fri")) == ("vormittags", "8-12, 11-13")
    assert "„vormittags“ ist keine Zeit." in page.text
    assert "Diese Zeiten überschneiden sich." in page.text


async def test_two_change_different_offices(at_work: House) -> None:
    at_work.accounts.add("bea", PASSWORD, "admin")
    ada, bea = await at_work.signed_in("ada"), await at_work.signed_in("bea")
    mine, hers = await opened(ada, "hours?office=wahlamt"), await opened(bea, "hours?office=umweltamt")
    assert (await sent(ada, "hours", mine, sat="9-12")).status == 303
    assert (await sent(bea, "hours", hers, sat="10-12")).status == 303
    offices = at_work.core.town.offices
    assert offices["wahlamt"].hours[5]
    assert offices["umweltamt"].hours[5]
    # The same office: she sees his hours before hers hold.
    again = await sent(bea, "hours", mine, sat="11-12")
    assert again.status == 409
    text = await again.text()
    assert "Sa. 9–12" in text
    assert "Sa. 11–12" in text


async def test_nobody_is_overwritten_unseen(at_work: House) -> None:
    at_work.accounts.add("bea", PASSWORD, "admin", display_name="Bea C.")
    ada, bea = await at_work.signed_in("ada"), await at_work.signed_in("bea")
    mine, hers = await opened(ada, "holidays"), await opened(bea, "holidays")
    row = mine.rows()
    await sent(ada, "holidays", mine, **{f"{row}__date": "2026-11-30", f"{row}__name": "Stadtfest"})
    refused = await sent(bea, "holidays", hers, **{f"{row}__date": "2026-12-01", f"{row}__name": "Umzug"})
    assert refused.status == 409
    page = Page(await refused.text())
    assert "Ada B." in page.text
    assert "30.11.2026 · Stadtfest" in page.text
    assert page.value(f"{row}.name") == "Umzug"  # nothing she typed is lost
    assert {h.name for h in at_work.core.town.local_holidays} >= {"Stadtfest"}
    saved = await sent(bea, "holidays", page)
    assert saved.status == 303
    names = {h.name for h in at_work.core.town.local_holidays}
    assert "Umzug" in names
    assert "Stadtfest" not in names  # she saw it and chose; his version stays in the history
    assert at_work.core.live_town.revisions.get("holidays", 2) is not None


@pytest.mark.parametrize(
    ("section", "typed", "field", "says"),
    [
        ("special_days", {"date": "24.11."}, "date", "„24.11.“ ist kein Datum"),
        ("special_days", {"date": "2026-11-31"}, "date", "„2026-11-31“ ist kein Datum"),
        ("special_days", {"date": None, "reason": "x"}, "date", "Bitte ausfüllen."),
        ("special_days", {"date": "2026-11-24", "until": "2026-11-20"}, "until", "Das Ende liegt vor dem Anfang"),
        ("special_days", {"date": "2026-11-24", "offices": ["rathaus"]}, "offices", "Ein Amt „rathaus“ gibt es nicht"),
        ("special_days", {"date": "2026-12-24", "offices": ["wertstoffhof"]}, "", "Für 24.12.2026 steht"),
        ("holidays", {"date": "2026-12-24", "name": "X"}, "date", "24.12.2026 steht schon da"),
        ("holidays", {"date": "2026-12-23"}, "name", "Bitte ausfüllen."),
        ("teams", {"name": "Neu"}, "office", "Bitte ausfüllen."),
        ("promises", {"team": "buergeramt", "topic": "abfall", "minutes": "bald"}, "minutes", "ganze Zahl von 1 bis"),
        ("promises", {"team": "buergeramt", "minutes": "5"}, "", "schon eine Zusage"),
        ("routing", {"topic": ["abfall"], "team": "buergeramt"}, "district", "Bitte ausfüllen."),
        ("notices", {"level": "crisis", "texts.de": "X"}, "until", "Bitte ausfüllen."),
        ("notices", {"level": "crisis", "until": "bald", "texts.de": "X"}, "until", "„bald“ ist kein Zeitpunkt"),
        ("notices", {"until": "24.11.2026 18:00", "texts.de": "X"}, "level", "Bitte ausfüllen."),
        ("notices", {"level": "crisis", "open_ended": "yes", "texts.en": "X"}, "texts.de", "Bitte ausfüllen."),
        ("canned", {"title": "X", "texts.de": "Liebe {nmae}"}, "texts.de", "{nmae} wird nicht ausgefüllt"),
        ("canned", {"title": "X", "texts.en": "Hi"}, "texts.de", "Bitte ausfüllen."),
        ("canned", {"title": "X", "shortcut": "gt", "texts.de": "Hi"}, "shortcut", "gehört schon zu „Begrüßung“"),
        ("canned", {"title": "X", "shortcut": "G T", "texts.de": "Hi"}, "shortcut", "Höchstens 12 kleine"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(
    at_work: House, section: str, typed: dict[str, object], field: str, says: str
) -> None:
    ada = await at_work.signed_in("ada")
    page = await opened(ada, section)
    row = page.rows()
    response = await sent(ada, section, page, **{f"{row}.{name}": value for name, value in typed.items()})
    assert response.status == 400
    again = Page(await response.text())
    assert says in again.text
    if field:
        assert set(again.invalid) == {f"{row}.{field}"}
        assert f'id="p-{row}.{field}"' in again.text
        assert again.text.count(" autofocus") == 1
    # A browser's field for dates would show nothing of what is none.
    assert (f'name="{row}.date" type="text"' in again.text) == ("ist kein Datum" in says)
    for name, value in typed.items():
        assert again.value(f"{row}.{name}") == (value[0] if isinstance(value, list) else value or "")
    assert at_work.core.live_town.revisions.serial() == 0


async def test_a_notice_reaches_everybody_and_is_taken_back(at_work: House) -> None:
    ada, kim = await at_work.signed_in("ada"), await at_work.signed_in("kim")
    async with town_house(at_work.core.settings) as citizen:
        citizen.clock.now = NOW
        for number in (1, 2, 3):
            if number == 2:
                page = await opened(ada, "notices")
                typed = {"level": "crisis", "from": "24.11.2026 9:00", "until": "24.11.2026, 20 Uhr"}
                texts = {"texts.de": "Bitte kochen Sie Trinkwasser ab.", "texts.en": "Please boil tap water."}
                row = {f"0.{name}": value for name, value in (typed | texts).items()}
                seen = await (await sent(ada, "notices", page, "preview", **row)).text()
                assert "Gilt jetzt: Wichtiger Hinweis (bis Di., 24.11.2026, 20:00 Uhr): Bitte kochen" in seen
                assert "Auf Deutsch mit einem Satz dazu: Türkisch, Ukrainisch" in seen
                assert (await sent(ada, "notices", page, **row)).status == 303
                assert 'type="datetime-local" value="2026-11-24T09:00"' in (await opened(ada, "notices")).text
            elif number == 3:
                await ada.get(PLACE + "notices")
                undone = await ada.post(PLACE + "notices/1/restore", {"based_on": "2"})
                assert undone.headers["Location"] == PLACE + "notices?done=restored"
            await citizen.core.live_town.refresh()
            said = [line.what for line in await citizen.citizen("hallo")]
            assert said == (["greeting", "notice.crisis"] if number == 2 else ["greeting"])
            assert ("kochen" in await kim.text("/console/inbox")) == (number == 2)
            live = await kim.get("/console/inbox", headers={"X-Stadtbote-Live": "look"})  # a page open for hours
            assert ("kochen" in await live.text()) == (number == 2)
    deeds = [(d.who, d.what, d.object) for d in await Audit(at_work.core.catalogue.engine).latest()]
    assert [d for d in deeds if d[1] == "settings_saved"] == [
        ("ada", "settings_saved", "notices 3"),
        ("ada", "settings_saved", "notices 2"),
    ]


async def test_rows_come_and_go_without_script(at_work: House) -> None:
    ada = await at_work.signed_in("ada")
    page = await opened(ada, "holidays")
    first, count = page.value("0.date"), page.rows()
    longer = Page(await (await sent(ada, "holidays", page, "add", **{"1.name": "Halb getippt"})).text())
    assert (longer.rows(), longer.value("1.name")) == (count + 1, "Halb getippt")
    assert "autofocus" in longer.text
    shorter = Page(await (await sent(ada, "holidays", longer, "remove.0")).text())
    assert shorter.rows() == count - 1  # the empty one is gone as well
    assert shorter.value("0.name") == "Halb getippt"
    assert (await sent(ada, "holidays", shorter)).status == 303
    assert first not in {str(h.date) for h in at_work.core.town.local_holidays}


async def test_teams(at_work: House) -> None:
    ada = await at_work.signed_in("ada")
    page = await opened(ada, "teams")
    row = page.rows()
    new = {f"{row}.name": "Bürgeramt Süd", f"{row}.office": "buergeramt", "first": str(row)}
    assert (await sent(ada, "teams", page, **new)).status == 303
    teams = at_work.core.town.teams
    assert next(iter(teams)) == "buergeramt-sued"  # it takes what has no rule
    # A team that a rule names, and one that somebody waits for, stay.
    page = await opened(ada, "teams")
    needed = Page(await (await sent(ada, "teams", page, **{"1.name": None, "1.office": None})).text())
    assert "Zuständigkeiten braucht noch „buergeramt“" in needed.text
    await at_work.citizen("1", "hallo", team="buergeramt-sued")
    waiting = await sent(ada, "teams", page, **{"0.name": None, "0.office": None})
    assert waiting.status == 409
    assert "Bei „Bürgeramt Süd“ wartet noch 1 Gespräch" in await waiting.text()
    assert "buergeramt-sued" in at_work.core.town.teams
    held = await at_work.citizen("1", "danke", status=Status.RESOLVED)
    assert (await at_work.conversation(held)).team == "buergeramt-sued"


async def test_who_reads_what(at_work: House) -> None:
    """The check is by the accounts there are: kim and lea answer everywhere; without them only the teams of nea."""
    ada = await at_work.signed_in("ada")
    assert "Jedes Thema aus jedem Ortsteil erreicht jemanden." in (await opened(ada, "routing")).text
    at_work.accounts.disable("kim")
    at_work.accounts.disable("lea")
    at_work.accounts.add("nea", PASSWORD, "clerk", teams=["buergeramt"])
    text = (await opened(ada, "routing")).text
    assert "Kombinationen aus Thema und Ortsteil erreichen niemanden" in text
    assert "✕ niemand" in text
    assert "Teams ohne Mitglied:" in await ada.text("/console/settings")
    page = await opened(ada, "routing")
    topics = {name: "buergeramt" for name, _ in page.fields if name.startswith("topics.")}
    only = await sent(ada, "routing", page, "preview", **topics, **{"0.team": "buergeramt"})
    assert "Jedes Thema aus jedem Ortsteil erreicht jemanden." in await only.text()


async def test_what_breaks_is_said_where_it_is_broken(at_work: House) -> None:
    """The one who answers for a team is gone, or its office never opens: beside the teams, and in the overview."""
    ada = await at_work.signed_in("ada")
    assert "Das erreicht niemanden" not in (await opened(ada, "teams")).text
    page = await opened(ada, "hours?office=bauamt")
    shut = await sent(ada, "hours", page, "preview", **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), None))
    assert "(das Amt öffnet nie): " in await shut.text()
    at_work.accounts.disable("kim")
    at_work.accounts.disable("lea")
    at_work.accounts.add("nea", PASSWORD, "clerk", teams=["buergeramt"])
    teams = (await opened(ada, "teams")).text
    assert "Das erreicht niemanden" in teams
    assert "Bürgeramt Nord (kein Mitglied): " in teams
    assert "Seit zwei Wochen war niemand mehr in der Konsole von:" in teams  # nea never was
    overview = await ada.text("/console/settings")
    assert re.search(r'class="badge late">\d+ Lücken', overview)
    await at_work.signed_in("nea")
    assert "Seit zwei Wochen" not in await ada.text("/console/settings")
    # Her team goes: she would be there for nobody.
    at_work.core.live_town.save({"teams": [*at_work.core.live_town.document("teams"), SUED]}, "ada", "")
    at_work.accounts.set_teams("nea", ["sued"])
    gone = await opened(ada, "teams")
    row = gone.rows() - 1
    seen = await sent(ada, "teams", gone, "preview", **{f"{row}.name": None, f"{row}.office": None})
    assert "Nur für Teams da, die es nicht mehr gibt" in await seen.text()


SUED = {"id": "sued", "name": "Süd", "office": "buergeramt"}


async def test_clerks_read_what_they_may_send(at_work: House) -> None:
    at_work.accounts.add("nea", PASSWORD, "clerk", teams=["bauen-umwelt"])
    nea, kim = await at_work.signed_in("nea"), await at_work.signed_in("kim")
    hers, his = await nea.text(PLACE + "canned"), await kim.text(PLACE + "canned")
    assert "Begrüßung" in hers
    assert "Termin für den Ausweis" not in hers  # another team's
    assert "Termin für den Ausweis" in his
    assert 'name="action"' not in hers
    assert "/console/settings/canned" in await kim.text("/console/inbox")


async def test_former_versions(at_work: House) -> None:
    ada = await at_work.signed_in("ada")
    page = await opened(ada, "promises")
    await sent(ada, "promises", page, why="mehr Zeit", **{"0.minutes": "45"})
    seen = await ada.text(PLACE + "promises/1")
    assert "Bürgeramt · jedes Thema · Minuten: 30" in seen
    assert "Bürgeramt · jedes Thema · Minuten: 45" in seen
    assert "mehr Zeit" in (await opened(ada, "promises")).text
    assert (await ada.get(PLACE + "promises/9")).status == 404
    assert (await ada.get(PLACE + "promises/x")).status == 404
    stale = await ada.post(PLACE + "promises/1/restore", {"based_on": "1"})
    assert stale.status == 409
    assert at_work.core.town.promise("buergeramt") == 45
    assert (await ada.post(PLACE + "promises/1/restore", {"based_on": "2"})).status == 303
    assert at_work.core.town.promise("buergeramt") == 30
    office = at_work.core.town.offices["buergeramt"]
    late = datetime(2026, 11, 24, 14, 45, tzinfo=UTC)  # 15:45, a quarter before it shuts
    until = at_work.core.calendar.after(office, late, 30)
    assert until == datetime(2026, 11, 25, 7, 15, tzinfo=UTC)


async def test_a_form_that_makes_no_sense(at_work: House) -> None:
    ada = await at_work.signed_in("ada")
    await ada.get(PLACE + "holidays")
    for data in ({}, {"based_on": "x"}, {"based_on": "-1"}, {"based_on": "9" * 20}):
        assert (await ada.post(PLACE + "holidays", data)).status == 400
    assert (await ada.post(PLACE + "hours", {"based_on": "0", "office": "nowhere", "mon": "8-12"})).status == 400
    odd = {"based_on": "0", "999999.name": "x", "1.nothing": "x", "1.name": "\0", "action": "remove.x"}
    assert (await ada.post(PLACE + "holidays", odd)).status == 200
