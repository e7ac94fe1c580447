"""Many entries at once, and a list that its address narrows: what happened is said of each."""

from dataclasses import replace
from datetime import date, timedelta

from bot.console.faq_bulk import MOST
from bot.jobs.lint import ABOUT
from faq.entry import Text
from faq.jobs import Jobs
from faq.lint.finding import Finding, Level
from faq.lint.lint import RULES
from faq.lint.told import to_json
from tests.console.house import House, content

LIST, BULK = "/console/faq", "/console/faq/bulk"


def save(work: House, entry: str, author: str = "eda", **more: object) -> str:
    """A draft; returns how the list names it."""
    made = replace(content(f"Frage {entry}?", "Antwort."), **more)  # type: ignore[arg-type]
    return f"{entry} {work.core.catalogue.save_draft(entry, made, author).id}"


async def test_each_is_done_or_said_why_not(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    fit, unfit = save(at_work, "gut"), save(at_work, "unfertig", office="")
    overtaken, there = save(at_work, "alt"), save(at_work, "steuern", topic="steuern")
    state = at_work.core.catalogue.get("alt")
    assert state
    at_work.core.catalogue.save_draft("alt", state.head.content, "ada", state.head.id)
    await eda.text(LIST)

    async def do(*chosen: str, **fields: str) -> str:
        data = [("csrf", eda.token), *(("entry", one) for one in chosen), *fields.items()]
        response = await eda.client.post(BULK, data=data)
        return await response.text()

    page = await do(fit, unfit, overtaken, "fremd x", do="submit")
    assert "Erledigt: 1 von 4." in page
    assert "Es fehlt noch etwas" in page
    assert "Jemand hat inzwischen gespeichert" in page
    assert "Diese Antwort gibt es nicht" in page
    assert "Die neueste Fassung ist kein Entwurf" in await do(fit, do="submit")
    assert "Erledigt: 1 von 1." in await do(fit, do="take_back")
    assert "Sie liegt nicht bei der Prüfung" in await do(fit, do="take_back")
    page = await do(fit, there, do="topic", **{"value.topic": "steuern"})
    assert "Erledigt: 1 von 2." in page
    assert "Es stand schon so da" in page
    page = await do(there, do="review_by", **{"value.review_by": "2027-01-31"})
    assert "Erledigt: 1 von 1." in page
    found = {entry: at_work.core.catalogue.get(entry) for entry in ("gut", "steuern", "alt")}
    assert found["gut"]
    assert found["steuern"]
    assert found["alt"]
    assert (found["gut"].head.topic, found["gut"].head.author, found["gut"].head.number) == ("steuern", "eda", 2)
    assert found["steuern"].head.review_by == date(2027, 1, 31)
    assert found["alt"].head.number == 2
    assert "Der Wert fehlt" in await do(there, do="office", **{"value.office": "mondamt"})
    assert "Der Wert fehlt" in await do(there, do="review_by", **{"value.review_by": "morgen"})
    assert "Nichts ausgewählt" in await do(do="submit")
    assert (await eda.post(BULK, {"do": "delete"})).status == 400
    assert "es wurde nichts geändert" in await do(*[there] * (MOST + 1), do="submit")


async def test_the_address_narrows_and_sorts(at_work: House) -> None:
    base = content("Frage?", "Antwort.")
    texts = {**base.texts, "en": Text("en", "Question?", (), "Answer.")}
    save(at_work, "zebra", texts=texts, review_by=date(2026, 11, 23))
    save(at_work, "ahorn", author="ada", office="steueramt")
    eda = await at_work.signed_in("eda")

    async def rows(query: str) -> list[str]:
        page = await eda.text(f"{LIST}?{query}")
        return [part.partition('"')[0] for part in page.split('<th scope="row"><a href="/console/faq/entries/')[1:]]

    assert await rows("") == ["ahorn", "zebra"]
    assert await rows("down=1") == ["zebra", "ahorn"]
    assert await rows("sort=author&down=1") == ["zebra", "ahorn"]
    assert await rows("missing=en") == await rows("office=steueramt") == await rows("author=ada") == ["ahorn"]
    assert await rows("due=1") == ["zebra"]
    assert await rows("missing=xx&sort=xx&status=xx") == ["ahorn", "zebra"]
    page = await eda.text(f"{LIST}?q=frage&sort=as_of")
    assert 'aria-sort="ascending"' in page
    assert "q=frage&amp;sort=as_of&amp;down=1" in page
    assert await rows("status=changed") == []
    ron = await at_work.signed_in("ron")
    assert 'name="entry"' not in await ron.text(LIST)


async def test_entries_with_findings(at_work: House) -> None:
    for entry in ("gut", "schlecht"):
        save(at_work, entry)
    found = Finding("no_source", Level.HINT, ("schlecht",), "no_source", ())
    jobs = Jobs(at_work.core.catalogue.engine, at_work.clock)
    eda = await at_work.signed_in("eda")
    assert "0 Antworten" in await eda.text(f"{LIST}?findings=1")
    jobs.enqueue("lint", ABOUT, "eda")
    job = jobs.claim("test", timedelta(seconds=60))
    assert job
    jobs.done(job, {"state": "x", "entries": 2, "findings": [to_json(replace(found, rule=next(iter(RULES))))]})
    page = await eda.text(f"{LIST}?findings=1")
    assert "Frage schlecht?" in page
    assert "Frage gut?" not in page
