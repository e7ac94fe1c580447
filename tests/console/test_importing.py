"""Importing in the console: columns by a person, what would change, then the change; and entries taken out again."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import FormData
from openpyxl import Workbook, load_workbook

from bot.console.import_words import words_of
from bot.console.words import Words, texts
from bot.importing.shelf import KEPT, MOST, Shelf
from bot.jobs.importing import run
from bot.jobs.kinds import KINDS, JobFailed, Work
from bot.jobs.work import perform
from faq.jobs import Jobs
from faq.sources import table
from tests.console.house import NOW, House, Visitor, content

PLACE = "/console/faq/import"
FOREIGN = (
    "Nr;Was gefragt wird;Antworttext;Intern\n7;Wo ist das Fundbüro?;Im Rathaus.;x\n8;Wann ist Markt?;Samstags.;y\n"
)


async def hand_in(visitor: Visitor, raw: bytes | str, name: str = "liste.csv") -> tuple[int, str]:
    """Status, and where it leads or what the page says."""
    await visitor.get(PLACE)
    form = FormData({"csrf": visitor.token})
    form.add_field("file", raw.encode() if isinstance(raw, str) else raw, filename=name)
    response = await visitor.client.post(PLACE, data=form, allow_redirects=False)
    return response.status, response.headers.get("Location") or await response.text()


def work(house: House) -> list[str]:
    """What a worker would do; returns how each job ended."""
    jobs, ended = Jobs(house.core.catalogue.engine, house.clock), []
    while job := jobs.claim("test", timedelta(minutes=1), {"import-check", "import"}):
        perform(jobs, Work(house.core.settings, house.core.catalogue.engine, job, lambda step, share: None))
        found = jobs.get(job.id)
        assert found
        ended.append(found.error or found.state)
    return ended


async def step(house: House, visitor: Visitor, place: str, action: str, **columns: str) -> str:
    """Press that button, let a worker do it, and look."""
    response = await visitor.post(place, {"action": action, **columns})
    assert response.status == 303, await response.text()
    assert "data-wait" in await visitor.text(place)
    assert work(house) == ["done"]
    return await visitor.text(place)


COLUMNS = {"column.0": "id", "column.1": "question", "column.2": "answer", "column.3": ""}


async def test_a_foreign_table_from_its_columns_to_drafts(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    status, place = await hand_in(eda, FOREIGN)
    assert (status, place.startswith(PLACE)) == (303, True)
    page = await eda.text(place)
    assert "Wir haben geraten" in page
    assert '<option value="answer" selected>' in page
    assert "Im Rathaus. · Samstags." in page
    unmapped = await eda.post(place, {"action": "check", **COLUMNS, "column.1": ""})
    assert unmapped.status == 400
    assert "welche Spalte die Frage" in await unmapped.text()
    twice = await eda.post(place, {"action": "check", **COLUMNS, "column.3": "answer"})
    assert "Zwei Spalten sind dasselbe Feld" in await twice.text()
    assert (await eda.post(place, {"action": "take"})).status == 409  # nobody has looked yet
    page = await step(at_work, eda, place, "check", **COLUMNS)
    assert "2 neu, 0 geändert, 0 unverändert" in page
    assert at_work.core.catalogue.list().total == 0
    page = await step(at_work, eda, place, "take")
    assert "2 neu, 0 geändert, 0 unverändert" in page
    assert 'href="/console/faq/entries/7"' in page
    state = at_work.core.catalogue.get("8")
    assert state
    assert (state.head.text("de").answer, state.head.author, state.live) == ("Samstags.", "eda", None)
    assert not list((at_work.core.settings.home / "imports").glob("*/file.*"))
    # The next quarter's list: the columns are remembered, one row differs.
    _, again = await hand_in(eda, FOREIGN.replace("Samstags.", "Sonntags."))
    page = await eda.text(again)
    assert "So wie beim letzten Mal" in page
    page = await step(at_work, eda, again, "check", **COLUMNS)
    assert "0 neu, 1 geändert, 1 unverändert" in page
    assert "Samstags." in page
    assert "Sonntags." in page
    await step(at_work, eda, again, "take")
    assert len(at_work.core.catalogue.history("8")) == 2
    assert len(at_work.core.catalogue.history("7")) == 1


async def test_errors_are_told_by_row_and_nothing_is_saved(at_work: House) -> None:
    book = Workbook()
    for row in (["Frage", "Antwort", "Stand"], ["Wo?", "=1+1", None], ["Wer?", "<script>x</script>", "gestern"]):
        book.active.append(row)  # type: ignore[union-attr]
    raw = io.BytesIO()
    book.save(raw)
    eda = await at_work.signed_in("eda")
    _, place = await hand_in(eda, raw.getvalue(), "liste.xlsx")
    page = await step(
        at_work, eda, place, "check", **{"column.0": "question", "column.1": "answer", "column.2": "as_of"}
    )
    assert "3 Fehler" in page
    assert "Hier steht eine Formel" in page
    assert "Hier steht HTML (&lt;script&gt;)" in page
    assert "„gestern“ ist kein Datum" in page
    assert 'value="take"' not in page
    assert (await eda.post(place, {"action": "take"})).status == 409
    assert at_work.core.catalogue.list().total == 0


async def test_columns_are_called_as_in_the_editor(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    editor = await eda.text("/console/faq/new")
    _, place = await hand_in(eda, "Frage;Antwort;Unterlagen;Zuständig\nWo?;Hier.;Ausweis;buergeramt\n")
    page = await eda.text(place)
    for field, word in (("documents", "Mitzubringen"), ("office", "Amt")):
        assert f'<option value="{field}" selected>{word}</option>' in page
        assert f">{word}</label>" in editor
    assert '<option value="fee">Kosten</option>' in page


async def test_what_is_wrong_with_the_whole_file_is_said_of_it(at_work: House) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as packed:
        packed.writestr("../../boese.md", "# Wo?\n\nHier.")
    eda = await at_work.signed_in("eda")
    _, place = await hand_in(eda, raw.getvalue(), "ordner.zip")
    assert "Die Datei enthält „../../boese.md“" in await step(at_work, eda, place, "check")


async def test_of_two_who_take_the_same_in_the_second_reads_that_nothing_was_taken(at_work: House) -> None:
    eda, ada = await at_work.signed_in("eda"), await at_work.signed_in("ada")
    columns = {f"column.{n}": column for n, column in enumerate(("id", "question", "answer"))}
    places = [
        (who, (await hand_in(who, f"Kennung;Frage;Antwort\nneu;Neu?;{answer}\n"))[1])
        for who, answer in ((eda, "Ja."), (ada, "Nein."))
    ]
    for who, place in places:
        await step(at_work, who, place, "check", **columns)
    first, second = [await step(at_work, who, place, "take") for who, place in places]
    assert ">Übernommen<" in first
    assert "sind Entwürfe" in first
    assert ">Nichts übernommen<" in second
    assert "Nicht angefasst" in second
    assert "sind Entwürfe" not in second


async def test_what_came_between_looking_and_taking_is_told_and_nothing_is_saved(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    _, place = await hand_in(eda, "Frage;Antwort\nHund?;Ja.\nWauwau?;Nein.\n")
    columns = {"column.0": "question", "column.1": "answer"}
    await step(at_work, eda, place, "check", **columns)
    at_work.core.catalogue.save_draft("hund", content("Wauwau?", "Von Hand."), "ada")  # now both rows are this entry
    page = await step(at_work, eda, place, "take")
    assert "Das fragt schon Zeile 2" in page
    assert 'value="take"' not in page
    for file in (at_work.core.settings.home / "imports").glob("*/file.csv"):
        file.write_text("Frage;Antwort\nKatze?;Ja.\n")
    page = await step(at_work, eda, place, "check", **columns)  # looked at anew, it may be taken in
    assert "Das fragt schon" not in page
    await step(at_work, eda, place, "take")
    assert at_work.core.catalogue.get("katze")


async def test_a_worker_that_dies_after_the_last_step_leaves_no_wrong_word(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    _, place = await hand_in(eda, FOREIGN)
    await step(at_work, eda, place, "check", **COLUMNS)
    engine, jobs = at_work.core.catalogue.engine, Jobs(at_work.core.catalogue.engine, at_work.clock)
    await eda.post(place, {"action": "take"})
    job = jobs.claim("dies", timedelta(0), {"import"})
    assert job
    run(Work(at_work.core.settings, engine, job, lambda step, share: None))
    at_work.clock.at += timedelta(seconds=1)
    assert work(at_work) == ["done"]
    assert "2 neu, 0 geändert" in await eda.text(place)
    assert (await eda.post(place, {"action": "take"})).status == 303  # pressed once more: it is done


async def test_what_somebody_saves_between_looking_and_taking_is_left_alone(at_work: House) -> None:
    at_work.publish("markt", "Wann ist Markt?", "Montags.")
    eda = await at_work.signed_in("eda")
    _, place = await hand_in(eda, "Kennung;Frage;Antwort\nmarkt;Wann ist Markt?;Samstags.\nneu;Neu?;Ja.\n")
    await step(at_work, eda, place, "check", **{f"column.{n}": c for n, c in enumerate(("id", "question", "answer"))})
    state = at_work.core.catalogue.get("markt")
    assert state
    at_work.core.catalogue.save_draft("markt", content("Wann ist Markt?", "Dienstags."), "ada", state.head.id)
    page = await step(at_work, eda, place, "take")
    assert "Nicht angefasst" in page
    assert "1 neu, 0 geändert" in page
    state = at_work.core.catalogue.get("markt")
    assert state
    assert state.head.text("de").answer == "Dienstags."


@pytest.mark.parametrize(
    ("raw", "name", "says"),
    [
        (b"PK\x03\x04 kaputt", "liste.xlsx", "lässt sich nicht entpacken"),
        (b"\x00" * 100, "liste.csv", "UTF-16"),
        (b"", "liste.csv", "enthält keine Tabelle"),
    ],
)
async def test_a_file_that_cannot_be_read(at_work: House, raw: bytes, name: str, says: str) -> None:
    eda = await at_work.signed_in("eda")
    _, place = await hand_in(eda, raw, name)
    page = await eda.text(place)
    assert says in page
    assert 'value="check"' not in page
    assert (await eda.post(place, {"action": "check"})).status == 409
    assert (await eda.post(place, {"action": "discard"})).status == 303
    assert (await eda.get(place)).status == 404


async def test_what_is_not_taken(at_work: House) -> None:
    eda, ada = await at_work.signed_in("eda"), await at_work.signed_in("ada")
    assert (await hand_in(eda, b"x", "liste.exe"))[0] == 400
    assert (await eda.post(PLACE, {"file": "nur text"})).status == 400
    status, said = await hand_in(eda, b"x" * (20 * 1024 * 1024 + 1))
    assert (status, "größer als 20 MB" in said) == (400, True)
    assert (await hand_in(eda, b"x" * (23 * 1024 * 1024)))[0] == 413
    _, place = await hand_in(eda, FOREIGN)
    assert (await ada.get(place)).status == 404  # a file is its owner's
    assert (await eda.post(place, {"action": "nonsense"})).status == 400
    folder = at_work.core.settings.home / "imports"
    assert len(list(folder.glob("*/file.csv"))) == 1


async def test_a_file_that_is_gone_ends_the_job_in_words(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    _, place = await hand_in(eda, FOREIGN)
    await eda.post(place, {"action": "check", **COLUMNS})
    for file in (at_work.core.settings.home / "imports").glob("*/file.csv"):
        file.unlink()
    assert work(at_work) == ["gone"]
    assert "Das hat nicht geklappt" in await eda.text(place)
    assert issubclass(JobFailed, Exception)


def test_the_shelf_is_small_and_tidied(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    for n in range(MOST + 2):
        shelf.put("eda", f"{n}.csv", NOW + timedelta(minutes=n), [b"a", b"b"], 2)
    shelf.put("ada", "x.csv", NOW, [b"x"], 2)
    assert [one.name for one in shelf.of("eda")] == ["4.csv", "3.csv", "2.csv"]
    assert shelf.file("../../etc/passwd") is None
    assert shelf.get("../imports", "eda") is None
    shelf.tidy(NOW + KEPT + timedelta(minutes=3))
    assert ([one.name for one in shelf.of("eda")], shelf.of("ada")) == (["4.csv", "3.csv"], [])
    shelf.remember("eda", ["a"], {"a": "question"})
    assert shelf.remembered("eda", ["a"]) == {"a": "question"}
    assert (shelf.remembered("ada", ["a"]), shelf.remembered("eda", ["b"])) == ({}, {})


async def test_entries_go_out_and_come_back_the_same(at_work: House) -> None:
    at_work.publish("markt", "=Wann ist Markt?", 'Samstags;\n\n"früh" 🥕')
    at_work.core.catalogue.save_draft("neu", content("Neu?", "Ja."), "eda")
    eda = await at_work.signed_in("eda")
    for kind in ("csv", "xlsx", "jsonl", "zip"):
        response = await eda.get(f"/console/faq/export?format={kind}&which=newest")
        assert response.status == 200
        assert f"faq-2026-11-24.{kind}" in response.headers["Content-Disposition"]
        raw = await response.read()
        _, place = await hand_in(eda, raw, f"faq.{kind}")
        columns = {f"column.{n}": name for n, name in enumerate(table.headers())} if kind in ("csv", "xlsx") else {}
        page = await step(at_work, eda, place, "check", **columns)
        assert "0 neu, 0 geändert, 2 unverändert" in page, kind
        assert "Es gibt nichts zu tun" in page
        if kind == "xlsx":
            sheet = load_workbook(io.BytesIO(raw)).active
            assert sheet
            cells = [cell for cell in sheet[2] if cell.value == "=Wann ist Markt?"]
            assert [(cell.data_type, cell.quotePrefix) for cell in cells] == [("s", True)]
    live = await (await eda.get("/console/faq/export?format=jsonl")).text()
    assert live.count("\n") == 1
    chosen = await (await eda.get("/console/faq/export?format=jsonl&which=newest&q=neu")).text()
    assert chosen.count("\n") == 1
    assert (await eda.get("/console/faq/export?format=csv&topic=parken")).status == 409
    assert (await eda.get("/console/faq/export?format=exe")).status == 400


def test_every_fault_has_words() -> None:
    """Each name of a fault in the sources, as it stands there."""
    folder = Path(table.__file__).parent
    paths = [*folder.glob("*.py"), folder.parent / "importing" / "plan.py"]
    code = "\n".join(path.read_text("utf-8") for path in paths)
    found = set(re.findall(r'"((?:file|zip|xml|xlsx|csv|encoding|text|table|header|cell|sheet|same|markdown|xzufi|json)'
                           r'\.[a-z0-9-]+)"', code)) - {"text.json"}  # fmt: skip
    found |= {"empty", "day", "twice", "html", *(f"town.{name}" for name in ("several", "long", "near", "strange"))}
    assert len(found) > 35
    words = texts("de")
    assert {name for name in found if f"import.wrong.{name.replace('-', '_')}" not in words} == set()


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_field_has_a_name_of_its_own(language: str) -> None:
    words = words_of(Words(language, ZoneInfo("Europe/Berlin"), NOW))
    assert list(words) == list(table.headers())
    assert len(set(words.values())) == len(words)
    assert {"import", "import-check"} <= set(KINDS)
