"""Editors find what was asked in vain, and make something of it."""

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.facts.fact import FactKind
from bot.gaps.deeds import Deeds
from bot.gaps.gap import State, Use
from faq.entry import Text
from faq.trials import Trials
from tests.console.house import NOW, House, Visitor, content
from tests.gaps.made import BEES, RINK, ask_all, asked, gaps, keep, looked

LIST = "/console/faq/gaps"


def cluster(work: House, holds: str) -> str:
    found = gaps(work.core.catalogue.engine, NOW)
    return next(one.id for one in found.list() if any(holds in q.text for q in found.questions(one.id)))


def state(work: House, id: str) -> State:
    found = gaps(work.core.catalogue.engine, NOW).get(id)
    assert found
    return found.state


@pytest.fixture
def rink(at_work: House) -> str:
    """Four questions about the ice rink and three about bees, clustered."""
    engine = at_work.core.catalogue.engine
    ask_all(engine, [*RINK, *BEES], NOW)
    looked(engine, NOW)
    return cluster(at_work, "Eisbahn")


def form(page: str) -> dict[str, str]:
    """The fields of the page's last form with wordings, as a browser would post them."""
    text = page.partition('<form method="post" class="entry"')[2].partition("</form>")[0]
    fields = {n: html.unescape(v) for n, v in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', text)}
    fields.pop("checked", None)
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        fields[name] = chosen[1] if chosen else ""
    return fields


def trials(work: House) -> dict[str, tuple[str, ...]]:
    return {one.question: one.relevant for one in Trials(work.core.catalogue.engine).all()}


async def test_an_empty_list_says_what_to_do(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    page = await eda.text(LIST)
    assert "Noch ist keine da" in page
    assert 'aria-current="page">Lücken' in page
    assert (await eda.post(f"{LIST}/look")).status == 303
    assert "gerade geordnet" in await eda.text(LIST)


async def test_the_list_shows_the_worst_first_and_can_be_narrowed(at_work: House, rink: str) -> None:
    engine = at_work.core.catalogue.engine
    keep(engine, *(asked("Köpek vergisi ne kadar?", FactKind.REJECTED, NOW, language="tr") for _ in range(4)))
    looked(engine, NOW)
    eda = await at_work.signed_in("eda")
    page = await eda.text(LIST)
    places = [page.index(word) for word in ("Köpek", "Eisbahn", "Bienen")]
    assert places == sorted(places)
    assert "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4" in page  # the course, for who does not see it
    narrow = await eda.text(f"{LIST}?language=tr")
    assert "Köpek" in narrow
    assert "Eisbahn" not in narrow
    assert "nichts da" in await eda.text(f"{LIST}?state=foreign")
    assert "Eisbahn" in await eda.text(f"{LIST}?days=7&page=99&state=x&topic=")


async def test_a_draft_takes_a_part_of_the_questions_and_the_rest_tests_it(at_work: House, rink: str) -> None:
    eda = await at_work.signed_in("eda")
    page = await eda.text(f"{LIST}/{rink}")
    for text in RINK:
        assert html.escape(text) in page
    at = f"{LIST}/{rink}/decide?as=draft"
    fields = form(await eda.text(at))
    refused = await eda.post(at, fields)
    assert (refused.status, "niemand zu erkennen" in await refused.text()) == (400, True)
    assert form(await refused.text()) == fields  # nothing is lost
    keep(at_work.core.catalogue.engine, *(asked(text, at=NOW + timedelta(minutes=5)) for text in RINK))
    looked(at_work.core.catalogue.engine, NOW + timedelta(minutes=10))  # who asks meanwhile takes no wording away
    done = await eda.post(at, fields | {"checked": "1", "topic": "ausweise"})
    assert done.status == 303
    entry = done.headers["Location"].partition("entries/")[2].partition("?")[0]
    saved = at_work.core.catalogue.get(entry)
    assert saved is not None
    text = saved.head.text("de")
    taught, tested = {text.question, *text.variants}, set(trials(at_work))
    assert taught | tested == set(RINK)
    assert not taught & tested
    assert taught
    assert tested
    assert set(trials(at_work).values()) == {(entry,)}
    assert (saved.live, saved.head.topic, state(at_work, rink)) == (None, "ausweise", State.WORKING)
    assert "noch nicht veröffentlicht" in await eda.text(f"{LIST}/{rink}")
    assert (await eda.post(at, fields | {"checked": "1"})).status == 409  # decided already


async def test_a_draft_is_undone_with_its_trials(at_work: House, rink: str) -> None:
    eda = await at_work.signed_in("eda")
    at = f"{LIST}/{rink}/decide?as=draft"
    done = await eda.post(at, form(await eda.text(at)) | {"checked": "1"})
    entry = done.headers["Location"].partition("entries/")[2].partition("?")[0]
    page = await eda.text(f"{LIST}/{rink}")
    seen = re.search(r'/undo">.*?name="seen" value="(\d+)"', page)
    assert seen
    assert (await eda.post(f"{LIST}/{rink}/undo", {"seen": seen[1]})).status == 303
    assert (state(at_work, rink), trials(at_work)) == (State.OPEN, {})
    held = at_work.core.catalogue.get(entry)
    assert held
    assert held.status == "archived"
    assert {q.use for q in gaps(at_work.core.catalogue.engine).questions(rink)} == {Use.NONE}
    assert (await eda.post(f"{LIST}/{rink}/undo", {"seen": seen[1]})).status == 409
    # And drafted once more, it is another entry.
    again = await eda.post(at, form(await eda.text(at)) | {"checked": "1"})
    assert again.status == 303


async def test_wordings_join_an_entry_and_nothing_is_overwritten(at_work: House, rink: str) -> None:
    at_work.publish("eisbahn", "Wo ist die Eisbahn?")
    eda = await at_work.signed_in("eda")
    search = await eda.text(f"{LIST}/{rink}/decide?as=extend&q=eisbahn")
    assert "as=extend&amp;entry=eisbahn" in search
    at = f"{LIST}/{rink}/decide?as=extend&entry=eisbahn"
    fields = form(await eda.text(at)) | {"checked": "1"}
    before = at_work.core.catalogue.get("eisbahn")
    assert before
    at_work.core.catalogue.save_draft("eisbahn", content("Wo ist die Eisbahn?", "Am Markt."), "ada", before.head.id)
    late = await eda.post(at, fields)
    page = await late.text()
    assert (late.status, "jemand diesen Eintrag gespeichert" in page, trials(at_work)) == (409, True, {})
    assert (await eda.post(at, form(page) | {"checked": "1"})).status == 303
    held = at_work.core.catalogue.get("eisbahn")
    assert held
    assert held.head.number == 3
    assert held.head.text("de").answer == "Am Markt."  # on top of theirs
    taught = set(held.head.text("de").variants) - {"kurz gefragt"}
    assert taught
    assert taught | set(trials(at_work)) == set(RINK)
    assert not taught & set(trials(at_work))
    page = await eda.text(f"{LIST}/{rink}")
    seen = re.search(r'/undo">.*?name="seen" value="(\d+)"', page)
    assert seen
    assert (await eda.post(f"{LIST}/{rink}/undo", {"seen": seen[1]})).status == 303
    held = at_work.core.catalogue.get("eisbahn")
    assert held
    assert (held.head.text("de").variants, held.head.text("de").answer) == (("kurz gefragt",), "Am Markt.")


async def test_a_wording_goes_to_the_text_in_its_language_or_only_tests(at_work: House, rink: str) -> None:
    engine = at_work.core.catalogue.engine
    foreign = [
        asked("When does the Eisbahn open?", at=NOW, language="en"),
        asked("Eisbahn ne zaman?", at=NOW, language="tr"),
    ]
    keep(engine, *foreign)
    looked(engine, NOW)
    for one in foreign:  # wherever they were put
        if (home := cluster(at_work, one.text)) != rink:
            seen = next((deed.id for deed in Deeds(engine).of(home, 1)), 0)
            Deeds(engine).move(home, seen, "eda", [one.id], rink)
    eda = await at_work.signed_in("eda")
    drafting = await eda.text(f"{LIST}/{rink}/decide?as=draft")
    assert drafting.count("Der Entwurf beginnt auf Deutsch") == 2
    base = content("Wo ist die Eisbahn?", "Am Markt.")
    both = replace(base, texts={**base.texts, "en": Text("en", "Where is the rink?", (), "At the market.")})
    at_work.core.catalogue.save_draft("eisbahn", both, "ada")
    page_at = f"{LIST}/{rink}/decide?as=extend&entry=eisbahn"
    page = await eda.text(page_at)
    assert page.count("hat keinen Text in dieser Sprache") == 1
    fields = form(page) | {"checked": "1"}
    for name, value in list(fields.items()):
        if value in {one.text for one in foreign}:
            fields[name.replace("text.", "use.")] = "wording"  # of the Turkish one nobody was asked that
    assert (await eda.post(page_at, fields)).status == 303
    held = at_work.core.catalogue.get("eisbahn")
    assert held
    assert held.head.text("en").variants == (foreign[0].text,)
    assert not {one.text for one in foreign} & set(held.head.text("de").variants)
    assert foreign[1].text not in str(held.head.texts)


async def test_what_the_entry_knows_by_heart_is_no_trial(at_work: House, rink: str) -> None:
    at_work.publish("eisbahn", RINK[0])
    eda = await at_work.signed_in("eda")
    at = f"{LIST}/{rink}/decide?as=extend&entry=eisbahn"
    fields = form(await eda.text(at)) | {"checked": "1"}
    known = next(name for name, value in fields.items() if value == RINK[0])
    assert fields[known.replace("text.", "use.")] == ""  # left out by itself
    leak = await eda.post(at, fields | {known.replace("text.", "use."): "trial"})
    assert (leak.status, "steht so schon im Eintrag" in await leak.text()) == (400, True)


async def test_nothing_of_ours(at_work: House, rink: str) -> None:
    eda = await at_work.signed_in("eda")
    at = f"{LIST}/{rink}/decide?as=foreign"
    fields = form(await eda.text(at)) | {"checked": "1"}
    none = {name: "" for name in fields if name.startswith("use.")}
    assert (await eda.post(at, fields | none)).status == 400
    assert (await eda.post(at, fields)).status == 303
    assert trials(at_work) == dict.fromkeys(RINK, ())
    assert state(at_work, rink) is State.FOREIGN


async def test_another_office_does_it(at_work: House, rink: str) -> None:
    eda = await at_work.signed_in("eda")
    at = f"{LIST}/{rink}/decide?as=elsewhere"
    fields = form(await eda.text(at)) | {"checked": "1", "level": "land"}
    assert (await eda.post(at, fields | {"office": ""})).status == 400
    done = await eda.post(at, fields | {"office": "Eisamt", "phone": "115"})
    assert done.status == 303
    held = at_work.core.catalogue.get(done.headers["Location"].partition("entries/")[2].partition("?")[0])
    assert held
    assert held.head.elsewhere
    assert held.head.elsewhere.office == "Eisamt"


async def post(eda: Visitor, at: str, verb: str, **fields: str) -> tuple[int, str]:
    page = await eda.text(at)
    seen = re.search(r'name="seen" value="(\d+)"', page.partition(f"/{verb}")[2])
    assert seen
    answer = await eda.post(f"{at}/{verb}", {"seen": seen[1], **fields})
    return answer.status, await answer.text()


async def test_a_question_moves_and_stays_where_it_was_put(at_work: House, rink: str) -> None:
    engine = at_work.core.catalogue.engine
    bees, eda = cluster(at_work, "Bienen"), await at_work.signed_in("eda")
    (first, *_) = gaps(engine).questions(rink)
    assert (await post(eda, f"{LIST}/{rink}", "move", question=first.id, to=bees))[0] == 303
    looked(engine, NOW)
    assert first.id in {q.id for q in gaps(engine).questions(bees)}
    assert (await post(eda, f"{LIST}/{rink}", "undo"))[0] == 303
    assert {q.text for q in gaps(engine).questions(rink)} == set(RINK)
    assert (await post(eda, f"{LIST}/{rink}", "move", question=first.id, to="new"))[0] == 303
    assert len(gaps(engine).list()) == 3
    looked(engine, NOW)
    assert len(gaps(engine).list()) == 3  # what an editor set apart stays apart


async def test_two_clusters_are_joined_and_parted_again(at_work: House, rink: str) -> None:
    engine = at_work.core.catalogue.engine
    bees, eda = cluster(at_work, "Bienen"), await at_work.signed_in("eda")
    assert (await post(eda, f"{LIST}/{rink}", "merge", into=bees))[0] == 303
    assert len(gaps(engine).questions(bees)) == 7
    moved = await eda.get(f"{LIST}/{rink}")
    assert (moved.status, moved.headers["Location"]) == (303, f"{LIST}/{bees}")
    keep(engine, asked(RINK[0], at=NOW))
    looked(engine, NOW)
    assert len(gaps(engine).questions(bees)) == 8  # who comes later is there, too
    seen = Deeds(engine).of(rink)[0].id
    assert (await eda.post(f"{LIST}/{rink}/undo", {"seen": str(seen)})).status == 303
    assert {q.text for q in gaps(engine).questions(rink)} == set(RINK)


async def test_words_are_deleted_for_good_and_only_when_sure(at_work: House, rink: str) -> None:
    engine = at_work.core.catalogue.engine
    eda = await at_work.signed_in("eda")
    (first, *_) = gaps(engine).questions(rink)
    status, page = await post(eda, f"{LIST}/{rink}", "wipe", question=first.id, why="personal")
    assert (status, "nichts gelöscht" in page) == (409, True)
    assert (await post(eda, f"{LIST}/{rink}", "wipe", question=first.id, why="personal", sure="1"))[0] == 303
    assert html.escape(first.text) not in await eda.text(f"{LIST}/{rink}")
    found = gaps(engine).get(rink)
    assert found
    assert found.count == 3
    looked(engine, NOW)
    assert len(gaps(engine).questions(rink)) == 3  # and it is not taken in again


async def test_who_comes_second_is_told(at_work: House, rink: str) -> None:
    eda, ada = await at_work.signed_in("eda"), await at_work.signed_in("ada")
    await eda.text(f"{LIST}/{rink}")
    assert (await post(ada, f"{LIST}/{rink}", "name", title="Die <b>Eisbahn</b>"))[0] == 303
    late = await eda.post(f"{LIST}/{rink}/name", {"seen": "0", "title": "Schlittschuh"})
    assert (late.status, "Inzwischen hat jemand" in await late.text()) == (409, True)
    assert "Die &lt;b&gt;Eisbahn&lt;/b&gt;" in await eda.text(LIST)
    assert (await post(eda, f"{LIST}/{rink}", "undo"))[0] == 303
    assert "Die &lt;b&gt;Eisbahn" not in await eda.text(LIST)


async def test_auditors_read_figures_and_names_and_no_questions(at_work: House, rink: str) -> None:
    ron = await at_work.signed_in("ron")
    assert "Eisbahn" in await ron.text(LIST)
    page = await ron.text(f"{LIST}/{rink}")
    named = gaps(at_work.core.catalogue.engine).get(rink)
    assert named
    assert [html.escape(text) in page for text in RINK] == [text == named.text for text in RINK]
    assert "/decide" not in page
    assert "/move" not in page
    assert (await ron.get(f"{LIST}/{rink}/decide?as=draft")).status == 403
