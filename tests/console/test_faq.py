"""The editor: nothing typed is lost, nothing unfit goes live, and two people see each other."""

import html
import re
from dataclasses import replace
from datetime import date

import pytest

from bot.composition import SAMPLE_TOWN
from bot.console import faq_form
from bot.console.audit import Audit
from faq.catalogue import WrongStatus
from faq.entry import LEICHT, Content, Draft, Problem, Text, content_to_json
from faq.sources.yaml_corpus import read
from tests.console.house import House, Visitor, content

TODAY = date(2026, 11, 24)
NEW = {
    "entry": "hund-anmelden",
    "topic": "steuern",
    "office": "steueramt",
    "texts.de.question": "Wie melde ich meinen Hund an?",
    "texts.de.variants": "hund anmelden\r\nhundesteuer\r\n\r\n",
    "texts.de.answer": "Das geht **online**.",
    "texts.de.facts.documents": "Impfpass\r\nChipnummer",
    "texts.de.facts.link.url": "https://stadt.example/hund",
    "source.url": "https://stadt.example/quelle",
    "as_of": "2026-11-01",
}
ONE = "/console/faq/entries/perso"


async def form(visitor: Visitor, path: str) -> dict[str, str]:
    """The fields of the editor's form as a browser would post them."""
    page = await visitor.text(path)
    inside = re.search(r'<form method="post"[^>]*id="entry-form".*?</form>', page, re.S)
    assert inside
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', inside[0]))
    fields |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', inside[0], re.S))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', inside[0], re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return {name: html.unescape(value) for name, value in fields.items()}


async def test_a_new_entry_from_draft_to_review(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    await eda.get("/console/faq/new")
    saved = await eda.post("/console/faq/new", NEW | {"action": "save"})
    assert saved.headers["Location"] == "/console/faq/entries/hund-anmelden?done=saved"
    state = at_work.core.catalogue.get("hund-anmelden")
    assert state
    assert state.live is None
    text = state.head.text("de")
    assert (text.variants, text.facts.documents) == (("hund anmelden", "hundesteuer"), ("Impfpass", "Chipnummer"))
    assert "en" not in state.head.texts
    page = await eda.text("/console/faq/entries/hund-anmelden?done=saved")
    assert "Der Entwurf ist gespeichert" in page
    assert "<strong>online</strong>" in page  # the preview
    assert "Automatische Antwort" in page
    fields = await form(eda, "/console/faq/entries/hund-anmelden")
    again = await eda.post("/console/faq/entries/hund-anmelden", fields | {"action": "submit"})
    assert again.headers["Location"].endswith("?done=submitted")
    state = at_work.core.catalogue.get("hund-anmelden")
    assert state
    assert (state.live, state.status) == (None, "review")
    assert state.head.number == 1  # nothing was changed: no second version
    releases = await eda.text("/console/faq/releases?entry=hund-anmelden")
    assert "Wie melde ich meinen Hund an?" in releases
    changed = fields | {"texts.de.answer": "Jetzt anders.", "action": "save"}
    assert (await eda.post("/console/faq/entries/hund-anmelden", changed)).status == 303
    state = at_work.core.catalogue.get("hund-anmelden")
    assert state
    assert (state.head.number, state.head.text("de").answer, state.head.author) == (2, "Jetzt anders.", "eda")


async def test_problems_stand_beside_their_fields(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    await eda.get("/console/faq/new")
    bad = NEW | {"entry": "Nicht Gut!", "as_of": "gestern", "texts.de.answer": "", "action": "save"}
    response = await eda.post("/console/faq/new", bad)
    page = await response.text()
    assert response.status == 400
    for name in ("entry", "as_of", "texts.de.answer"):
        assert f'id="p-{name}"' in page
        assert re.search(
            rf'name="{re.escape(name)}"[^>]*aria-invalid="true" aria-describedby="p-{re.escape(name)}"', page
        )
    assert 'value="Wie melde ich meinen Hund an?"' in page
    assert not at_work.core.catalogue.list().total
    unfit = NEW | {"texts.de.answer": "[x](javascript:alert(1))", "action": "submit"}
    response = await eda.post("/console/faq/new", unfit)
    assert response.status == 409
    page = await response.text()
    assert "nicht zur Prüfung gegeben" in page
    assert 'id="p-texts.de.answer"' in page
    state = at_work.core.catalogue.get("hund-anmelden")
    assert state
    assert state.live is None


async def test_what_is_missing_is_wrong_only_once_somebody_hands_it_in(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    blank = await form(eda, "/console/faq/new")
    pages = [await eda.text("/console/faq/new")]
    for action in ({"action": "preview"}, {"action": "add", "language": "tr"}):  # nobody has saved it yet
        pages.append(await (await eda.post("/console/faq/new", blank | action)).text())
    for page in pages:
        assert not re.search(r'aria-invalid|class="problems"|Fehlt noch|Bitte ausfüllen|class="alert"', page)
    wrong = await eda.post("/console/faq/new", blank | {"entry": "Hund!", "action": "preview"})
    assert 'id="p-entry"' in await wrong.text()  # what is there may be wrong

    begun = blank | {"entry": "hund", "texts.de.question": "Wohin mit dem Hund?"}
    path = (await eda.post("/console/faq/new", begun | {"action": "save"})).headers["Location"]
    page = await eda.text(path)
    assert "Noch nicht fertig" in page
    assert 'id="l-texts.de.answer">Fehlt noch.</p>' in page
    assert re.search(r'name="texts.de.answer"[^>]* aria-describedby="l-texts.de.answer"', page)
    assert not re.search(r'aria-invalid|class="problems"|class="alert"', page)

    path = path.partition("?")[0]
    refused = await eda.post(path, await form(eda, path) | {"action": "submit"})
    page = await refused.text()
    assert refused.status == 409
    assert re.search(r'id="p-texts.de.answer"><li>Bitte ausfüllen', page)
    assert re.search(r'name="texts.de.answer"[^>]*aria-invalid="true"', page)


async def test_a_name_that_is_taken(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    eda = await at_work.signed_in("eda")
    response = await eda.post("/console/faq/new", NEW | {"entry": "perso", "action": "save"})
    assert response.status == 409
    page = await response.text()
    assert "gibt es schon" in page
    assert "Das geht **online**." in page
    state = at_work.core.catalogue.get("perso")
    assert state
    assert state.head.number == 1


async def test_two_editors_at_once_lose_nothing(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?", "Erste Fassung.")
    eda, ada = await at_work.signed_in("eda"), await at_work.signed_in("ada")
    edas, adas = await form(eda, ONE), await form(ada, ONE)
    await ada.post(ONE, adas | {"texts.de.answer": "Adas Fassung.", "action": "save"})
    response = await eda.post(ONE, edas | {"texts.de.answer": "Edas Fassung.", "action": "submit"})
    page = await response.text()
    assert response.status == 409
    assert "Ada B." in page
    assert "Adas Fassung." in page  # beside …
    assert re.search(r'name="texts.de.answer"[^>]*>Edas Fassung\.</textarea>', page)  # … what was typed
    state = at_work.core.catalogue.get("perso")
    assert state
    assert state.live
    assert state.head.text("de").answer == "Adas Fassung."
    assert state.live.text("de").answer == "Erste Fassung."
    based_on = re.search(r'name="based_on" value="(\w+)"', page)
    assert based_on
    again = edas | {"texts.de.answer": "Beide Fassungen.", "based_on": based_on[1], "action": "save"}
    assert (await eda.post(ONE, again)).status == 303
    answers = [v.revision.text("de").answer for v in at_work.core.catalogue.history("perso")]
    assert answers == ["Beide Fassungen.", "Adas Fassung.", "Erste Fassung."]
    history = await eda.text(ONE)
    assert "Fassung 3" in history
    assert "antwortet jetzt" in history


async def test_an_entry_is_taken_out_by_a_release(at_work: House) -> None:
    first = at_work.publish("perso", "Perso verloren?", "Alt.")
    eda = await at_work.signed_in("eda")
    page = await eda.text(ONE)
    assert "Herausnehmen vorschlagen" in page
    taken_out = await eda.post(ONE + "/archive")
    assert taken_out.headers["Location"] == "/console/faq/releases?remove=perso"
    assert 'value="perso"' in await eda.text(taken_out.headers["Location"])
    assert (await eda.post("/console/faq/releases", {"removed": "perso"})).status == 303
    state = at_work.core.catalogue.get("perso")
    assert state
    assert state.live
    assert state.live.id == first  # until two people have published that
    at_work.publish("andere", "Andere?")
    for path in (f"/console/faq/entries/andere/{first}", ONE + "/nothing", "/console/faq/entries/nothing"):
        assert (await eda.get(path)).status == 404
    await eda.post(ONE, await form(eda, ONE) | {"texts.de.answer": "Neu.", "action": "submit"})
    deeds = [(d.what, d.object) for d in await Audit(at_work.core.settings.database).latest()]
    assert deeds[:3] == [("faq_submitted", "perso"), ("faq_saved", "perso"), ("release_proposed", "2")]


async def test_only_a_draft_goes_to_review(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    eda = await at_work.signed_in("eda")
    again = await eda.post(ONE, await form(eda, ONE) | {"action": "submit"})
    assert again.status == 409
    assert "liegt schon bei der Prüfung oder ist veröffentlicht" in await again.text()
    unknown = await eda.post(ONE, await form(eda, ONE) | {"action": "publish"})
    assert unknown.headers["Location"].endswith("?done=saved")  # releases publish, this page does not
    at_work.core.catalogue.save_draft("idee", content("Idee?", "x"), "eda")
    assert (await eda.post("/console/faq/entries/idee/archive")).headers["Location"].endswith("?done=archived")
    state = at_work.core.catalogue.get("idee")
    assert state
    assert state.status == "archived"
    with pytest.raises(WrongStatus):  # published while its page was open
        at_work.core.catalogue.archive("perso", "eda", if_live=False)


async def test_texts_without_a_field_here_are_kept(at_work: House) -> None:
    base = content("Perso verloren?", "Antwort.")
    more = {
        "pl": Text("pl", "Pytanie?", (), "Tak."),
        "tr": Text("tr", "Soru?", (), "Cevap."),
        LEICHT: Text(LEICHT, "Perso verloren?", ("x",), "Ganz leicht."),
    }
    saved = at_work.core.catalogue.save_draft("perso", replace(base, texts={**base.texts, **more}), "import")
    eda = await at_work.signed_in("eda")
    changed = await form(eda, ONE) | {"texts.de.question": "Perso weg?", "action": "save"}
    assert (await eda.post(ONE, changed)).status == 303
    state = at_work.core.catalogue.get("perso")
    assert state
    assert state.head.id != saved.id
    assert state.head.texts["tr"] == more["tr"]
    assert state.head.texts["pl"] == more["pl"]
    assert state.head.texts[LEICHT] == replace(more[LEICHT], question="Perso weg?")
    gone = await form(eda, ONE) | {"texts.leicht.answer": "", "action": "save"}
    await eda.post(ONE, gone)
    state = at_work.core.catalogue.get("perso")
    assert state
    assert LEICHT not in state.head.texts


async def test_preview_without_and_with_script(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    await eda.get("/console/faq/new")
    fields = NEW | {"texts.en.question": "How?", "texts.en.answer": "- one\n- two"}
    page = await (await eda.post("/console/faq/new", fields | {"action": "preview"})).text()
    assert "<strong>online</strong>" in page
    fragment = await (await eda.post("/console/faq/preview", fields)).text()
    assert "<html" not in fragment
    assert "Bitte mitbringen" in fragment
    english = await (await eda.post("/console/faq/preview", fields | {"look": "en"})).text()
    assert '<li dir="auto">one</li>' in english
    assert "Bitte mitbringen" not in english
    assert not at_work.core.catalogue.list().total
    assert (await eda.post("/console/faq/preview", {})).status == 200


async def test_list(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    assert "Schreiben Sie die erste Antwort" in await eda.text("/console/faq")
    assert "keine Antwort" in await eda.text("/console/faq?q=hund")
    for n in range(60):
        at_work.publish(f"e{n:02}", f"Frage {n:02}?")
    at_work.core.catalogue.save_draft("entwurf", content("Nur Entwurf?", "x"), "eda")
    page = await eda.text("/console/faq")
    assert "61 Antworten" in page
    assert "Seite 1 von 2" in page
    assert page.count('scope="row"') == 50
    assert (await eda.text("/console/faq?page=2")).count('scope="row"') == 11
    assert (await eda.text("/console/faq?q=frage+07")).count('scope="row"') == 1
    assert (await eda.text("/console/faq?status=draft")).count('scope="row"') == 1
    assert (await eda.text("/console/faq?topic=parken")).count('scope="row"') == 0
    for odd in ("page=x", "page=99999", "page=-1", "status=odd", "topic=odd"):
        assert (await eda.get("/console/faq?" + odd)).status == 200


async def test_asking(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    await eda.get("/console/ask")
    assert (await eda.post("/console/ask", {"question": " "})).status == 400
    nobody = await eda.post("/console/ask", {"question": "perso weg"})
    assert nobody.status == 503
    page = await nobody.text()
    assert "Gerade antwortet kein Arbeitsprozess" in page
    assert 'value="perso weg"' in page
    match = {"entry": "perso", "revision": "x", "title": "Perso verloren?", "topic": "ausweise", "score": 0.62}
    meant = {"intent": "faq_question", "confidence": 0.9, "source": "rasa", "entities": [], "ranking": []}
    for decision, says in (
        ("answer", "würde antworten"),
        ("clarify", "würde nachfragen"),
        ("withhold", "einen Menschen"),
    ):
        ranking = [] if decision == "withhold" else [match | {"why": {"strength": 0.7, "brandneu": 0.3}}]
        at_work.oracle.answer = {
            "question": "perso weg",
            "language": "de",
            "decision": decision,
            "words_only": True,
            "thresholds": {"answer": 0.8, "clarify": 0.35, "option": 0.4},
            "ranking": ranking,
            "options": ["perso"],
            "understanding": meant,
        }
        response = await eda.post("/console/ask", {"question": "perso weg, anrufen unter 0171 2345678"})
        page = await response.text()
        assert response.status == 200
        assert says in page
        assert "nur nach Wörtern" in page
        if ranking:
            assert ("würde angeboten" in page) == (decision == "clarify")
            assert "seltene Wörter 70\u202f%" in page
            assert "brandneu 30\u202f%" in page
            assert 'width="372"' in page  # 0.62 of 600
    assert at_work.oracle.asked[-1] == "perso weg, anrufen unter [PHONE]"
    for told, asked_in in (("tr", "tr"), ("xx", ""), ("", "")):
        page = await (await eda.post("/console/ask", {"question": "pasaport", "language": told})).text()
        assert at_work.oracle.languages[-1] == asked_in
        assert page.count(" selected>") == (1 if asked_in else 0)


def test_the_sample_town_survives_the_form() -> None:
    drafts = [d for d in read(SAMPLE_TOWN) if isinstance(d, Draft)]
    assert len(drafts) > 100
    for draft in drafts:
        before = _tidy(draft.content)
        after, problems = faq_form.content_of(faq_form.form_of(draft.content), draft.content, TODAY)
        assert not problems
        assert content_to_json(_tidy(after)) == content_to_json(before), draft.entry


def _tidy(c: Content) -> Content:
    """White space at the ends is the form's to take."""
    return replace(
        c, texts={k: replace(t, answer=t.answer.strip(), question=t.question.strip()) for k, t in c.texts.items()}
    )


@pytest.mark.parametrize(
    ("problem", "field", "line"),
    [
        (Problem("source", "link.unsafe"), "source.url", 0),
        (Problem("texts.de", "text.german-missing"), "texts.de.question", 0),
        (Problem("texts.en.variants.3", "variant.twice"), "texts.en.variants", 4),
        (Problem("texts.de.facts.link", "link.unsafe"), "texts.de.facts.link.url", 0),
        (Problem("texts.leicht.question", "field.missing"), "texts.leicht.answer", 0),
        (Problem("valid_until", "dates.reversed"), "valid_until", 0),
    ],
)
def test_where_a_problem_is_shown(problem: Problem, field: str, line: int) -> None:
    assert faq_form.field_of(problem) == field
    assert field in faq_form.names()
    assert faq_form.line_of(problem) == line


def test_a_form_full_of_nonsense_is_never_a_crash() -> None:
    for value in ("", "x", "\x00\ud800", "2026-02-30", "\n\n", "🙂" * 100):
        form = faq_form.tidied(dict.fromkeys(faq_form.names(), value))
        made, _ = faq_form.content_of(form, None, TODAY)
        content_to_json(made)
