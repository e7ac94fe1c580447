"""The page of figures: empty, with a log counted by hand, for each role; what it hands out."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.facts.fact import Fact, FactKind, name_of
from bot.facts.kept import Facts
from tests.console.house import NOW, House, house
from tests.console.test_team import table, words
from tests.facts.test_metrics import HAND, log


def take(work: House, some: list[Fact]) -> None:
    Facts(work.core.catalogue.engine, work.core.zone).take(some)


def figure(page: str, key: str) -> str:
    """What stands in a tile: the count and its share."""
    at = page.index(f'id="n-{key}"')
    found = re.search(r'<p class="figure-value">(.*?)</p>', page[at:], re.S)
    assert found
    return words(found[1])


async def test_a_fresh_town_says_what_will_be_here(at_work: House) -> None:
    page = await (await at_work.signed_in("eda")).text("/console/numbers")
    assert "Noch ist nichts geschehen" in page
    assert "figure-value" not in page
    assert 'href="/console/numbers" aria-current="page"' in page


async def test_figures_with_definition_count_and_share(at_work: House) -> None:
    take(at_work, log())
    eda = await at_work.signed_in("eda")
    page = await eda.text("/console/numbers?from=2026-11-23&until=2026-11-24")
    assert figure(page, "conversations") == "4"
    assert figure(page, "at_once") == "5 56 % von 9"
    assert figure(page, "rejected") == "1 20 % von 5"
    assert "davor: 0" in page  # nothing happened on the 21st and 22nd, and the log begins on the 20th
    for key in ("conversations", "at_once", "wait"):
        assert f'id="n-{key}"' in page
    assert "auf die ohne Rückfrage eine Antwort kam" in page
    assert table(page, 'id="s-channel"') == [
        ["Telegram", "8", "", "5 (62 %)", "1 (12 %)", "2 (25 %)", "0 (0 %)"],
        ["webchat", "1", "", "0 (0 %)", "1 (100 %)", "0 (0 %)", "1 (100 %)"],
    ]
    assert table(page, 'id="h-most_rejected"') == [["auto", "1", "1"]]
    assert table(page, 'id="c-at_once"')[0] == ["23.11.", "3", "6", "50 %"]
    assert "vom Bürger gelöscht" in page
    assert "Heute ist noch nicht" not in page.replace("Der heutige Tag", "")
    assert "Der heutige Tag ist noch nicht zu Ende." in page  # it is the 24th
    assert "style=" not in page
    turkish = await eda.text("/console/numbers?from=2026-11-23&until=2026-11-24&language=tr")
    assert figure(turkish, "questions") == "3"
    assert 'id="s-language"' not in turkish
    assert "Sprache: <bdi>Türkisch</bdi>" in turkish
    weeks = await eda.text("/console/numbers?days=90")
    assert "Ein Balken ist eine Woche" in weeks
    assert "davor" not in weeks  # nobody counted then
    assert "Gezählt wird seit 20.11.2026." in weeks
    assert "Ein Balken ist ein Monat" in await eda.text("/console/numbers?days=365")


async def test_what_cannot_be_is_told_and_nothing_typed_is_lost(at_work: House) -> None:
    take(at_work, log())
    eda = await at_work.signed_in("eda")
    for query, why in (
        ("from=gestern&until=2026-11-24", "Das ist kein Datum"),
        ("from=2026-11-24&until=2026-11-23", "Das Ende liegt vor dem Anfang"),
        ("from=2020-01-01&until=2026-11-23", "Länger als 800 Tage"),
        ("days=17", ""),
        ("days=²", ""),
        ("from=0001-01-01&until=0001-01-01", "Das ist kein Datum"),
        ("until=9999-12-31", "Das ist kein Datum"),
        ("topic=%3Cb%3E&from=2026-11-24&until=2026-11-24", ""),
    ):
        response = await eda.get(f"/console/numbers?{query}")
        page = await response.text()
        assert response.status == 200, query
        assert (why in page) if why else ('role="alert"' not in page), query
    assert 'value="gestern"' in await eda.text("/console/numbers?from=gestern")


async def test_a_lead_sees_the_handoffs_of_own_teams(at_work: House) -> None:
    take(at_work, log())
    at_work.accounts.set_teams("lea", ["b"])
    lea, ron = await at_work.signed_in("lea"), await at_work.signed_in("ron")
    path = "/console/numbers?from=2026-11-23&until=2026-11-24"
    page, whole = await lea.text(path), await ron.text(path)
    assert (figure(page, "handed_off").split()[0], figure(whole, "handed_off").split()[0]) == ("1", "2")
    assert figure(page, "questions") == figure(whole, "questions") == "9"
    assert "nur die Ihrer Teams" in page
    assert "nur die Ihrer Teams" not in whole
    assert 'href="/console/faq/entries' not in page
    rows = list(csv.reader(io.StringIO(await lea.text(path.replace("?", "/table.csv?"))), delimiter=";"))
    assert rows[0][11] == "An Menschen übergeben"
    assert [row[11] for row in rows[1:]] == ["0", "1", "0"][1:]


async def test_the_table_is_that_counted_by_hand(at_work: House) -> None:
    take(at_work, log())
    eda = await at_work.signed_in("eda")
    response = await eda.get("/console/numbers/table.csv?from=2026-11-23&until=2026-11-24")
    assert response.headers["Content-Disposition"] == 'attachment; filename="stadtbote-2026-11-23-2026-11-24.csv"'
    text = (await response.read()).decode("utf-8-sig")
    head, first, second = csv.reader(io.StringIO(text), delimiter=";")
    assert head[:3] == ["Zeit", "Gespräche", "Fragen"]
    assert first == ["2026-11-23", *(str(by[1]) for by in HAND.values())]
    assert second == ["2026-11-24", *(str(by[2]) for by in HAND.values())]


async def test_open_data_of_a_month_that_is_over(at_work: House) -> None:
    at = datetime(2026, 10, 1, 9, tzinfo=UTC)
    some = [Fact(name_of(n), at, FactKind.BEGUN, "00aa", "telegram", "de", text="geheim") for n in range(8)]
    some += [Fact(name_of(n), at, FactKind.BEGUN, "00aa", "telegram", "tr") for n in range(8, 11)]
    take(at_work, some)
    eda = await at_work.signed_in("eda")
    rows = list(csv.reader(io.StringIO(await eda.text("/console/numbers/open-data.csv?days=90"))))
    assert rows[1] == ["2026-10", "conversations", "", "", "11"]
    assert ["2026-10", "conversations", "language", "tr", ""] in rows
    assert ["2026-10", "conversations", "language", "de", ""] in rows  # it would tell the other
    made: dict[str, Any] = json.loads(await eda.text("/console/numbers/open-data.json?days=90"))
    assert made["publisher"] == at_work.core.town.full_name
    assert "Anzahlen unter 5 fehlen" in made["description"]
    assert "00aa" not in json.dumps(made)


async def test_worse_answers_are_told_with_the_way_to_the_gaps(at_work: House) -> None:
    some, n = [], 0
    for day in range(1, 36):
        at = NOW - timedelta(days=day)
        for question in range(12):
            n += 1
            bad = question < (6 if day <= 7 else 1)
            kind, by = (FactKind.WITHHELD, "miss") if bad else (FactKind.ANSWERED, "search")
            some.append(Fact(name_of(n), at, kind, "00aa", "telegram", "uk", by=by, value=300 if bad else 900))
    take(at_work, some)
    page = await (await at_work.signed_in("eda")).text("/console/numbers")
    assert "Die Antworten sind schlechter geworden" in page
    assert "Ukrainisch: in den letzten 7 Tagen blieben 50\u202f% der Fragen" in page
    assert "Alle Sprachen: in den letzten 7 Tagen blieben 50\u202f%" in page
    assert "z von mindestens 4" in page


async def test_a_hostile_name_stays_a_name(tmp_path: Path, redis_url: str) -> None:
    async with house(tmp_path, redis_url) as work:
        evil = '<script>alert(1)</script>"'
        take(work, [Fact("x", NOW, FactKind.WITHHELD, "c", evil, evil[:8], evil, entry=evil)])
        take(work, [Fact("y", NOW, FactKind.ANSWERED, "c", evil, "de", evil, entry=evil, by="search")])
        page = await (await work.signed_in("eda")).text("/console/numbers")
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
