"""The lint's page: what a run found, mended by a click, or noted as right with a reason."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.console.audit import Audit
from bot.jobs.kinds import Work
from bot.jobs.lint import ABOUT, run
from bot.linting import examples
from faq.entry import Content, Draft, Facts, Link, Text
from faq.jobs import Jobs
from faq.trials import Trials
from tests.console.house import House, Visitor

PAGE = "/console/faq/lint"


def content(question: str, answer: str = "Im Bürgeramt.", variants: tuple[str, ...] = (), fee: str = "") -> Content:
    text = Text("de", question, variants, answer, Facts(fee))
    return Content({"de": text}, "ausweise", "buergeramt", Link("Quelle", "https://stadt.de/q"), date(2026, 11, 2))


TWO = [
    Draft("hund-an", content("Wie melde ich meinen Hund an?", fee="10,00 €")),
    Draft("hund-neu", content("Wie melde ich meinen Hund an", "Nur online.", ("hundemarke",), "12,00 €")),
]


def load(work: House, *drafts: Draft) -> None:
    work.core.catalogue.load(list(drafts), "kim", publish=True)


def checked(work: House) -> None:
    """A worker has done what was ordered."""
    engine = work.core.catalogue.engine
    jobs = Jobs(engine, work.clock)
    jobs.enqueue("lint", ABOUT, "eda")
    job = jobs.claim("worker", timedelta(minutes=1))
    assert job
    assert jobs.done(job, run(Work(work.core.settings, engine, job, lambda step, share: None)))


async def names(visitor: Visitor, rule: str) -> list[str]:
    return re.findall(r'id="f-([0-9a-f]{16})"', await visitor.text(f"{PAGE}?rule={rule}"))


async def test_from_the_first_look_to_an_empty_list(at_work: House) -> None:
    load(at_work, *TWO)
    eda = await at_work.signed_in("eda")
    assert "Noch nie geprüft" in await eda.text(PAGE)
    assert (await eda.post(PAGE)).headers["Location"] == f"{PAGE}?done=ordered"
    page = await eda.text(PAGE)
    assert "Die Prüfung läuft" in page
    assert 'data-wait="1"' in page
    checked(at_work)
    page = await eda.text(PAGE)
    assert "Gebühren widersprechen sich" in page
    assert "kommt mit zu wenig Geld" in page, "why it matters"
    assert "„10,00 €“ und „12,00 €“" in page
    assert 'href="/console/faq/entries/hund-neu"' in page
    assert 'id="rule-duplicate"' not in await eda.text(f"{PAGE}?rule=fee")
    assert "Nichts" not in await eda.text(f"{PAGE}?level=error")
    assert "Dazu wurde nichts gefunden" in await eda.text(f"{PAGE}?q=wohngeld")
    beside = await eda.text(f"{PAGE}/beside?one=hund-an&other=hund-neu")
    assert beside.count("verschieden") >= 2
    assert "Ausweise und Pässe" in beside  # by name, and days as people write them
    assert "2.11.2026" in beside
    assert "2026-11-02" not in beside
    assert (await eda.get(f"{PAGE}/beside?one=hund-an&other=nichts")).status == 404


async def test_a_fix_is_a_draft_on_top_of_the_newest_version(at_work: House) -> None:
    load(at_work, *TWO)
    checked(at_work)
    eda = await at_work.signed_in("eda")
    (id,) = await names(eda, "duplicate")
    done = await eda.post(f"{PAGE}/{id}", {"action": "fix", "fix": "1"})
    assert done.headers["Location"] == "/console/faq/entries/hund-an?done=saved"
    state = at_work.core.catalogue.get("hund-an")
    assert state
    assert state.head.text("de").variants == ("hundemarke",)
    assert state.live
    assert state.live.text("de").variants == (), "nothing is published by a fix"
    again = await eda.post(f"{PAGE}/{id}", {"action": "fix", "fix": "1"})
    assert again.status == 409
    assert "gilt nicht mehr" in await again.text()
    assert "Einträge geändert" in await eda.text(PAGE)
    assert (await eda.post(f"{PAGE}/{id}", {"action": "fix", "fix": "9"})).status == 400
    assert (await eda.post(f"{PAGE}/0123456789abcdef", {"action": "fix", "fix": "0"})).status == 409


async def test_what_is_right_so_is_noted_with_a_reason_until_the_texts_change(at_work: House) -> None:
    load(at_work, *TWO)
    checked(at_work)
    eda = await at_work.signed_in("eda")
    (id,) = await names(eda, "duplicate")
    refused = await eda.post(f"{PAGE}/{id}", {"action": "dismiss", "why": "  "})
    assert refused.status == 400
    assert "Schreiben Sie, warum" in await refused.text()
    done = await eda.post(f"{PAGE}/{id}", {"action": "dismiss", "why": "Nur für <b>Züchter</b>", "rule": "duplicate"})
    assert done.status == 303
    assert await names(eda, "duplicate") == []
    page = await eda.text(f"{PAGE}?dismissed=1&rule=duplicate")
    assert "Nur für &lt;b&gt;Züchter&lt;/b&gt;" in page
    assert await names(eda, "duplicate&dismissed=1") == [id]
    deeds = await Audit(at_work.core.catalogue.engine).latest()
    assert (deeds[0].what, deeds[0].object) == ("lint_dismissed", "duplicate hund-an")
    await eda.post(f"{PAGE}/{id}", {"action": "restore"})
    assert await names(eda, "duplicate") == [id]
    await eda.post(f"{PAGE}/{id}", {"action": "dismiss", "why": "so"})
    load(at_work, Draft("hund-neu", content("Wie melde ich meinen Hund an", "Ganz anders.", ("hundemarke",))))
    checked(at_work)
    (other,) = await names(eda, "duplicate")
    assert other != id


@pytest.mark.parametrize("ago", [0, 10])
async def test_an_entrys_page_mends_what_no_run_has_found_yet_or_one_long_ago(at_work: House, ago: int) -> None:
    due = replace(content("Wohin mit dem Hund?", "TODO"), review_by=date(2026, 11, 2))
    load(at_work, Draft("wohin", due))
    if ago:
        at_work.clock.at -= timedelta(days=ago)
        checked(at_work)
        at_work.clock.at += timedelta(days=ago)
    eda = await at_work.signed_in("eda")
    page = await eda.text("/console/faq/entries/wohin")
    assert 'href="#texts.de.answer"' in page, "where the placeholder stands"
    (id,) = re.findall(r'action="/console/faq/lint/([0-9a-f]{16})"', page)
    mended = {"action": "fix", "fix": "1", "entry": "wohin"}
    assert (await eda.post(f"{PAGE}/{id}", mended)).headers["Location"] == "/console/faq/entries/wohin?done=saved"
    state = at_work.core.catalogue.get("wohin")
    assert state
    assert state.head.as_of == at_work.clock.at.date(), "the day of the click"
    assert (await eda.post(f"{PAGE}/{id}", mended)).status == 409


async def test_an_example_that_is_nobodys_trial_is_about_no_entry(at_work: House) -> None:
    catalogue = at_work.core.catalogue
    Trials(catalogue.engine, at_work.clock).add(examples(catalogue)[0], "de", [], "written", "eda")
    checked(at_work)
    eda = await at_work.signed_in("eda")
    (id,) = await names(eda, "leaked")
    assert (await eda.post(f"{PAGE}/{id}", {"action": "dismiss", "why": "so"})).status == 303
    assert [deed.object for deed in await Audit(catalogue.engine).latest()][:1] == ["leaked"]


async def test_an_auditor_reads_and_changes_nothing(at_work: House) -> None:
    load(at_work, *TWO)
    checked(at_work)
    ron = await at_work.signed_in("ron")
    page = await ron.text(PAGE)
    assert "Gebühren widersprechen sich" in page
    assert 'name="action"' not in page
    assert "Jetzt prüfen" not in page


async def test_an_entrys_page_says_what_the_lint_found(at_work: House) -> None:
    load(at_work, *TWO, Draft("frei", content("Was ist frei?", "TODO: nachtragen")))
    eda = await at_work.signed_in("eda")
    page = await eda.text("/console/faq/entries/frei")
    assert "Im Text (Deutsch) steht „TODO“" in page, "the quick rules at once"
    assert "Keine Funde" in await eda.text("/console/faq/entries/hund-an")
    checked(at_work)
    page = await eda.text("/console/faq/entries/hund-an")
    assert "fragen dasselbe und antworten" in page, "what compares entries, of the last run"
    assert f"{PAGE}/beside?one=hund-an&amp;other=hund-neu" in page


async def test_of_a_rule_the_first_findings_are_kept_and_the_rest_is_counted(
    at_work: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.lint.MOST", 1)
    load(at_work, *(Draft(f"hund-{n}", content(f"Wie melde ich den Hund {n} an?", "TODO")) for n in range(3)))
    checked(at_work)
    eda = await at_work.signed_in("eda")
    assert len(await names(eda, "placeholder")) == 1
    assert "Dazu kommen 2 weitere" in await eda.text(f"{PAGE}?rule=placeholder")
