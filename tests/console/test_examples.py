"""The page on which editors teach the understanding."""

import html
import re
from dataclasses import replace

import pytest

from bot.console.examples.pages import PLACE
from bot.taught.board import Board, Stand
from bot.taught.standing import standing
from faq.examples.reports import Reports
from faq.examples.revisions import Examples
from faq.jobs import Jobs
from faq.releases import Overtaken, Releases, State, Step
from faq.trials import Trials
from nlu.examples import Trial
from nlu.trying import compared
from tests.console.house import House, Visitor

FINE = "wo krieg ich denn meinen angelschein verlängert kollege"


def form(*lines: str, seen: int = 0, intent: str = "faq_question", **more: str) -> dict[str, str]:
    return {"language": "de", "intent": intent, "lines": "\n".join(lines), "based_on": str(seen), **more}


def examples(work: House) -> Examples:
    return Examples(work.core.catalogue.engine)


def typed(page: str) -> str:
    found = re.search(r'<textarea id="lines"[^>]*>(.*?)</textarea>', page, re.S)
    assert found
    return html.unescape(found[1])


async def editor(work: House, name: str = "eda") -> Visitor:
    visitor = await work.signed_in(name)
    await visitor.text(PLACE)
    return visitor


async def test_what_is_saved_is_a_draft_with_its_author(at_work: House) -> None:
    eda = await editor(at_work)
    answer = await eda.post(PLACE, form(FINE, "Moinsen, Frage zum Boot!", why="aus dem Hafen"))
    assert (answer.status, "done=saved" in answer.headers["Location"]) == (303, True)
    head = examples(at_work).head()
    assert (head.number, head.author, head.why) == (1, "eda", "aus dem Hafen")
    page = await eda.text(answer.headers["Location"])
    assert typed(page) == "\n".join(sorted([FINE, "Moinsen, Frage zum Boot!"]))
    assert "aus dem Hafen" in page
    assert f'+</span><span class="sr">dazu:</span> {FINE}' in page
    again = await eda.post(PLACE, form("Moinsen, Frage zum Boot!", FINE, seen=1))
    assert "done=same" in again.headers["Location"]
    assert examples(at_work).head().number == 1


async def test_what_may_not_be_taught_is_told_by_its_line_and_nothing_is_lost(at_work: House) -> None:
    Trials(at_work.core.catalogue.engine).add("Wo ist denn bitte der Bootsverleih?", "de", [], "editor", "eda")
    eda = await editor(at_work)
    lines = (FINE, "wo ist denn bitte der bootsverleih", "hallo")
    answer = await eda.post(PLACE, form(*lines, why="weil"))
    page = await answer.text()
    assert answer.status == 400
    assert typed(page).splitlines() == list(lines)
    assert 'value="weil"' in page
    problems = re.findall(r"<li>(Zeile \d: [^<]*)</li>", html.unescape(page))
    assert [p[:8] for p in problems] == ["Zeile 2:", "Zeile 3:"]
    assert "Prüffrage" in problems[0]
    assert "„Begrüßung“" in problems[1]
    assert examples(at_work).history() == ()


async def test_two_editors_do_not_overwrite_each_other(at_work: House) -> None:
    eda, ada = await editor(at_work), await editor(at_work, "ada")
    assert (await ada.post(PLACE, form("grüß gott die herren", intent="greet"))).status == 303
    assert (await ada.post(PLACE, form("vom hafen aus gefragt", seen=1))).status == 303
    answer = await eda.post(PLACE, form(FINE, seen=1))
    page = await answer.text()
    assert answer.status == 409
    assert typed(page) == FINE
    assert "vom hafen aus gefragt" in page
    assert "Ada B." in page
    assert 'name="based_on" value="2"' in page
    assert (await eda.post(PLACE, form(FINE, "vom hafen aus gefragt", seen=2))).status == 303
    assert len(examples(at_work).head().added) == 3
    nothing = await ada.post(PLACE, form("grüß gott die herren", intent="greet", seen=1))  # others saved elsewhere
    assert "done=same" in nothing.headers["Location"]


async def test_examples_become_a_release_that_others_publish(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    engine = at_work.core.catalogue.engine
    eda = await editor(at_work)
    place = {"language": "de", "intent": "greet"}
    assert (await eda.post(PLACE + "/release", place)).status == 409, "nothing was added"
    await eda.post(PLACE, form(FINE))
    answer = await eda.post(PLACE + "/release", {**place, "title": "Angelschein"})
    made = Releases(engine).latest(1)[0]
    assert (made.nlu, made.title, made.by) == (examples(at_work).head().name, "Angelschein", "eda")
    assert (answer.status, answer.headers["Location"]) == (303, f"/console/faq/releases/{made.number}?done=proposed")
    assert Releases(engine).state(made.id) is State.PROVING
    assert Releases(engine).unsigned(made.id) == ("",), "a second person must sign"
    page = await eda.text(f"/console/faq/releases/{made.number}")
    assert 'Beispielsätze: <span class="soft">nur die mitgelieferten</span> → <b>Fassung 1</b>' in page
    assert made.nlu not in page, "a hash says nothing to an editor"
    job = Jobs(engine).latest("prove", made.id)
    assert job
    assert job.open


async def test_examples_are_tried_before_anybody_proposes_them(at_work: House) -> None:
    engine = at_work.core.catalogue.engine
    eda = await editor(at_work)
    await eda.post(PLACE, form(FINE))
    assert (await eda.post(PLACE + "/try", {"language": "de", "intent": "greet"})).status == 303
    name = examples(at_work).head().name
    job = Jobs(engine).latest("nlu", name)
    assert job
    assert job.open
    assert 'role="status">Wird ausprobiert' in await eda.text(PLACE)
    trials = (Trial("hallöchen du", "greet", "de"), Trial("danke schön dir", "thanks", "de"))
    comparison = compared(("a", "b"), trials, ["greet", "thanks"], ["thanks", "thanks"])
    Reports(engine).keep(name, "", comparison.json())
    page = await eda.text(PLACE)
    assert 'class="badge late">schlechter' in page
    assert "hallöchen du" in page
    assert "100,0 → 50,0" in page


@pytest.mark.parametrize(
    ("query", "status"), [("?language=fr", 400), ("?intent=nonsense", 400), ("?language=en&intent=greet", 200)]
)
async def test_only_what_is_taught(at_work: House, query: str, status: int) -> None:
    eda = await editor(at_work)
    assert (await eda.get(PLACE + query)).status == status
    assert (await eda.post(PLACE, form(FINE) | {"based_on": "x"})).status == 400


async def test_how_far_a_model_is_that_a_release_waits_for(at_work: House) -> None:
    board, settings = Board(at_work.redis), at_work.core.settings
    assert (await standing(at_work.redis, settings, "new")).way == "named", "nobody says that it serves"
    await board.say({"": Stand("serving", "2026-11-22T09:00:00+00:00")})
    found = await standing(at_work.redis, settings, "new")
    assert (found.way, found.stand, found.ready, found.workers) == ("own", None, 0, 0)
    assert (await standing(at_work.redis, replace(settings, nlu_url="off"), "new")).way == "keywords"


async def test_the_page_of_a_release_says_how_far_its_model_is(at_work: House) -> None:
    engine = at_work.core.catalogue.engine
    at_work.publish("perso", "Perso verloren?")
    eda = await editor(at_work)
    await eda.post(PLACE, form(FINE))
    releases, name = Releases(engine), examples(at_work).head().name
    made = releases.propose({}, "eda", nlu=name)
    releases.record(made.id, Step.PROVED, "worker", detail='{"verdict": "same"}')
    first, at = releases.live(), f"/console/faq/releases/{made.number}"
    assert first
    published = await (await at_work.signed_in("ada")).post(f"{at}/publish")
    assert published.headers["Location"] == f"{at}?done=published_loading"
    await Board(at_work.redis).say({name: Stand("starting", "2026-11-22T09:00:00+00:00")})
    page = await eda.text(f"/console/faq/releases/{made.number}")
    assert "Das Sprachmodell startet." in page
    assert "0 von 0 Arbeitsprozessen" in page
    assert f"</span> {FINE}</li>" in page, "a second person sees what was added"
    await Board(at_work.redis).say({})
    page = await eda.text(f"/console/faq/releases/{made.number}")
    assert "Ihr Rasa betreibt jemand anderes." in page
    assert f"stadtbote nlu train {made.number} --out" in page
    releases.loaded(made.id)
    at = f"/console/faq/releases/{first.number}"
    assert "sobald dessen Sprachmodell geladen ist" in await eda.text(at)
    for _ in range(2):  # one press, sent twice
        back = await eda.post(f"{at}/rollback", {"why": "versteht schlechter"})
        assert back.headers["Location"] == f"{at}?done=rolled_back_loading"
    assert releases.live() == made
    assert f"Sofort zurück zu Release {first.number}" in await eda.text(at)
    await eda.post(f"{at}/rollback", {"why": "eilt", "again": "1"})
    assert releases.live() == first
    releases.rollback(made.id, "eda", "doch")
    at_work.publish("dokument", "Dokument verloren?")
    with pytest.raises(Overtaken):
        releases.loaded(made.id)
    story = await eda.text(f"/console/faq/releases/{made.number}")
    assert "Während es geladen wurde, wurde etwas anderes veröffentlicht" in story[story.index('class="story"') :]
