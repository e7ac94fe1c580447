"""Two people for a crisis notice and a pinned answer, from the form to what citizens are told."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.audit import Audit
from bot.console.settings.kinds import ALL
from bot.console.settings.signing import Signing
from bot.effects import Reply
from bot.notices import in_force, pins_in_force
from bot.render import plain
from tests.console.house import NOW, House, Visitor, house

AT, ID = "/console/settings", "bitte-kochen-sie-das-wasse"
PIN = {
    "0.level": "answer",
    "0.wordings": "wasser abkochen\nkann ich das wasser trinken",
    "0.until": "24.11.2026, 18 Uhr",
    "0.texts.de": "Bitte kochen Sie das Wasser ab.",
    "based_on": "0",
    "action": "save",
}


async def posted(visitor: Visitor, section: str, fields: dict[str, str]) -> str:
    """What the page says after it."""
    await visitor.get(f"{AT}/{section}")
    response = await visitor.post(f"{AT}/{section}", fields)
    assert response.status == 303, await response.text()
    return await visitor.text(response.headers["Location"])


async def confirm(visitor: Visitor, section: str, number: int) -> str:
    await visitor.get(f"{AT}/{section}")
    response = await visitor.post(f"{AT}/{section}/confirm", {"id": ID, "based_on": str(number)})
    assert response.status == 303
    return await visitor.text(response.headers["Location"])


def pins(work: House) -> list[str]:
    return [pin.texts["de"] for pin in pins_in_force(work.core.calendar, NOW)]


async def test_a_pinned_answer_holds_once_a_second_person_confirmed_it(tmp_path: Path, redis_url: str) -> None:
    async with house(tmp_path, redis_url, four_eyes=True) as work:
        work.accounts.add("ben", "eine-lange-losung", "admin", display_name="Ben B.")
        ada, ben = await work.signed_in("ada"), await work.signed_in("ben")
        page = await posted(ada, "pinned", PIN)
        assert "Wartet auf eine zweite Person" in page
        assert "Das haben Sie geschrieben" in page
        assert pins(work) == []
        number = work.core.live_town.live("pinned")
        assert number
        assert "Jemand anders muss es bestätigen" in await confirm(ada, "pinned", number.number)
        assert pins(work) == []
        page = await ben.text(f"{AT}/pinned")
        assert "/pinned/confirm" in page
        assert "wasser abkochen" in page
        assert "hat sich inzwischen geändert" in await confirm(ben, "pinned", number.number - 1)
        assert "Bestätigt. Es gilt in zwei Sekunden" in await confirm(ben, "pinned", number.number)
        assert pins(work) == ["Bitte kochen Sie das Wasser ab."]
        # Other words wait again; what two people confirmed holds meanwhile.
        newest = work.core.live_town.live("pinned")
        assert newest
        form = PIN | {"0.id": ID, "based_on": str(newest.number)}
        page = await posted(ben, "pinned", form | {"0.texts.de": "Das Wasser ist sauber."})
        assert "Bis dahin gilt:" in page
        assert pins(work) == ["Bitte kochen Sie das Wasser ab."]
        newest = work.core.live_town.live("pinned")
        assert newest
        await confirm(ada, "pinned", newest.number)
        assert pins(work) == ["Das Wasser ist sauber."]
        # Ending it sooner, and taking it back, needs one.
        newest = work.core.live_town.live("pinned")
        assert newest
        sooner = {
            "0.texts.de": "Das Wasser ist sauber.",
            "0.until": "24.11.2026, 11 Uhr",
            "based_on": str(newest.number),
        }
        assert "Wartet" not in await posted(ada, "pinned", form | sooner)
        assert pins(work) == ["Das Wasser ist sauber."]
        await posted(ada, "pinned", {"based_on": str(newest.number + 1), "action": "save"})
        assert pins(work) == []
        # Brought back by one, it waits for a second.
        await ada.get(f"{AT}/pinned")
        await ada.post(f"{AT}/pinned/{newest.number}/restore", {"based_on": str(newest.number + 2)})
        assert pins(work) == []
        assert "Wartet auf eine zweite Person" in await ben.text(f"{AT}/pinned")
        deeds = [deed.what for deed in await Audit(work.core.settings.database).latest()]
        assert deeds.count("settings_confirmed") == 2


async def test_entries_are_named_by_question_or_id_and_must_be_there(tmp_path: Path, redis_url: str) -> None:
    async with house(tmp_path, redis_url) as work:
        work.publish("wasser-haerte", "Wie hart ist unser Wasser?")
        work.publish("wasser-zaehler", "Wie lese ich den Wasserzähler ab?")
        work.core.catalogue.save_draft("wasser-neu", work.core.catalogue.get("wasser-haerte").head.content, "eda")
        ada = await work.signed_in("ada")
        wanted = PIN | {"0.wordings": ""}
        for typed, said in (
            ("wasser-härte", "„wasser-härte“ ist kein veröffentlichter Eintrag."),
            ("wasser-neu", "„wasser-neu“ ist kein veröffentlichter Eintrag."),
            ("Wasser", "Meinten Sie: Wie hart ist unser Wasser? (wasser-haerte); Wie lese ich"),
        ):
            await ada.get(f"{AT}/pinned")
            refused = await ada.post(f"{AT}/pinned", wanted | {"0.entries": f"wasser-zaehler\n{typed}"})
            assert refused.status == 400
            page = await refused.text()
            assert said in page
            assert typed in page
        assert work.core.live_town.live("pinned") is None
        await posted(ada, "pinned", wanted | {"0.entries": "wie hart ist unser wasser\nwasser-zaehler"})
        kept = work.core.live_town.live("pinned")
        assert kept
        assert kept.content[0]["entries"] == ["wasser-haerte", "wasser-zaehler"]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("2026-12-02 00:30", "2026-12-02"),  # a day alone: its whole last day
        ("20261202", "2026-12-31 23:59"),
        ("2026-12-02 18:00", "2026-12-02 18:00:30"),
    ],
)
def test_a_later_end_needs_a_second_person_however_it_is_written(was: str, now: str) -> None:
    section, at = ALL["pinned"], datetime(2026, 11, 1, 8)
    assert isinstance(section, Signing)
    item = {"id": "x", "level": "answer", "wordings": ["wasser"], "until": was, "texts": {"de": "Abkochen."}}
    (held,) = section.confirmed(section.signed([item], [], "ada", at, True), "x", "ben", True)
    (longer,) = section.signed([item | {"until": now}], [held], "ada", at, True)
    assert longer.get("waits")
    (sooner,) = section.signed([item], [held | {"until": now}], "ada", at, True)
    assert not sooner.get("waits")
    assert (sooner["confirmed"], sooner["until"]) == ("ben", was)


async def test_a_crisis_needs_two_people_and_information_one(tmp_path: Path, redis_url: str) -> None:
    async with house(tmp_path, redis_url, four_eyes=True) as work:
        ada = await work.signed_in("ada")
        crisis = {"0.level": "crisis", "0.texts.de": "Abkochen", "0.open_ended": "yes", "0.topics": "abfall"}
        other = {"1.level": "information", "1.texts.de": "Stadtfest", "1.open_ended": "yes"}
        page = await posted(ada, "notices", crisis | other | {"based_on": "0", "action": "save"})
        assert "Wartet auf eine zweite Person" in page
        assert [notice.texts["de"] for notice in in_force(work.core.calendar, NOW)] == ["Stadtfest"]


async def test_where_one_person_is_enough(at_work: House) -> None:
    ada = await at_work.signed_in("ada")
    wrong = await ada.post(f"{AT}/pinned", PIN | {"0.wordings": ""})
    assert wrong.status in (400, 403)
    await ada.get(f"{AT}/pinned")
    wrong = await ada.post(f"{AT}/pinned", PIN | {"0.wordings": ""})
    assert wrong.status == 400
    assert "bei welchen Fragen" in await wrong.text()
    preview = await (await ada.post(f"{AT}/pinned", PIN | {"action": "preview"})).text()
    assert "Bei: wasser abkochen / kann ich das wasser trinken" in preview
    assert "Wartet" not in await posted(ada, "pinned", PIN)
    assert pins(at_work) == ["Bitte kochen Sie das Wasser ab."]
    book = at_work.core.phrasebook
    told = book.compose(Reply("pinned.correction", {"as_of": "2026-11-24"}, text="Es ist sauber."), "de", NOW)
    assert plain(told.document) == "Dazu kursiert eine falsche Nachricht. Richtig ist:\n\nEs ist sauber."
    assert told.footer.endswith("Stand 24.11.2026")


_ITEM = st.fixed_dictionaries(
    {"id": st.sampled_from("ab"), "level": st.sampled_from(["answer", "correction"]), "texts": st.just({"de": "x"})},
    optional={"until": st.sampled_from(["2026-11-25 08:00", "2026-11-26 08:00"]), "entries": st.just(["e"])},
)
_DOCUMENT = st.lists(_ITEM, max_size=2, unique_by=lambda item: item["id"])


def test_what_holds_while_another_version_waits_ends_with_it() -> None:
    """Nothing wrong may stay for want of a second person."""
    section, at = ALL["pinned"], datetime(2026, 11, 24, 10, 0)
    assert isinstance(section, Signing)
    late, soon = {"until": "2026-11-26 08:00"}, {"until": "2026-11-24 11:00"}
    said = {"id": "a", "level": "answer", "texts": {"de": "alt"}, "entries": ["e"]}
    document = section.confirmed(section.signed([{**said, **late}], [], "ada", at, True), "a", "ben", True)
    other = {**said, "texts": {"de": "neu"}}
    document = section.signed([{**other, **late}], document, "ada", at, True)
    (item,) = section.signed([{**other, **soon}], document, "ada", at, True)
    assert (item["waits"], item["until"], item["former"]["until"]) == (True, soon["until"], soon["until"])
    assert item["former"]["texts"] == {"de": "alt"}


def test_a_change_that_waits_is_taken_back_by_one_person() -> None:
    section, at = ALL["pinned"], datetime(2026, 11, 24, 10, 0)
    assert isinstance(section, Signing)
    said = {"id": "a", "level": "answer", "texts": {"de": "alt"}, "entries": ["e"], "open_ended": True}
    held = section.confirmed(section.signed([said], [], "ada", at, True), "a", "ben", True)
    changed = section.signed([{**said, "texts": {"de": "falsch"}}], held, "ada", at, True)
    assert changed[0]["waits"]
    assert section.signed([said], changed, "ada", at, True) == held


@given(st.lists(st.tuples(_DOCUMENT, st.sampled_from(["ada", "ben"])), max_size=6))
def test_nothing_holds_that_only_one_person_stands_for(steps: list[tuple[list[dict[str, Any]], str]]) -> None:
    """Whatever is written by whom, in whatever order: what no two people stand for waits."""
    section = ALL["pinned"]
    assert isinstance(section, Signing)
    document: Any = []
    for wanted, who in steps:
        before = document
        document = section.signed(wanted, before, who, datetime(2026, 11, 24, 10, 0), True)
        known = {item["id"] for item in before}
        for item in document:
            assert item.get("waits") or (item["id"] in known and item.get("confirmed"))
            assert "former" not in item.get("former", {})
        for item in [item for item in document if item.get("waits") and item["by"] != "ada"]:
            document = section.confirmed(document, item["id"], "ada", True)
    assert all(item.get("waits") or item["by"] != item["confirmed"] for item in document)
