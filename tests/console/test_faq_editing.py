"""Editing: translations come and go, typed words outlive their page, versions are compared and come back."""

import time
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console import faq_form
from bot.console.faq_conflict import clashes, merged
from bot.console.faq_diff import compared
from bot.console.faq_preview import previews
from bot.console.faq_typed import HERE
from faq.editing.typed import LARGEST
from faq.entry import LEICHT, Revision, Text
from tests.console.house import House, content
from tests.console.test_faq import NEW, ONE, form

ANSWER = "texts.de.answer"


def head(work: House, entry: str = "perso") -> Revision:
    state = work.core.catalogue.get(entry)
    assert state
    return state.head


async def test_translations_come_and_go(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    eda = await at_work.signed_in("eda")
    page = await (await eda.post(ONE, await form(eda, ONE) | {"action": "add", "language": "tr"})).text()
    assert 'name="texts.tr.answer"' in page
    assert 'value="open"' in page
    assert 'name="texts.uk.answer"' not in page
    turkish = {"texts.tr": "open", "texts.tr.question": "Kimlik kayıp mı?", "texts.tr.answer": "Gelin."}
    easy = {"texts.leicht": "open", "texts.leicht.answer": "Kommen Sie."}
    await eda.post(ONE, await form(eda, ONE) | turkish | easy | {"action": "save"})
    texts = head(at_work).texts
    assert texts["tr"].answer == "Gelin."
    assert texts[LEICHT].question == "Perso verloren?"
    page = await (await eda.post(ONE, await form(eda, ONE) | {"action": "drop:tr"})).text()
    assert "wird entfernt" in page
    assert "Gelin." in page  # until it is saved it can be kept
    assert "tr" in head(at_work).texts
    page = await (await eda.post(ONE, await form(eda, ONE) | {"texts.tr": "gone", "action": "keep:tr"})).text()
    assert "wird entfernt" not in page
    await eda.post(ONE, await form(eda, ONE) | {"texts.tr": "gone", "action": "save"})
    assert set(head(at_work).texts) == {"de", LEICHT}
    odd = await eda.post(ONE, await form(eda, ONE) | {"action": "drop:de"})
    assert "wird entfernt" not in await odd.text()


async def test_an_older_translation_is_marked(at_work: House) -> None:
    base = content("Perso verloren?", "Alt.")
    english = {**base.texts, "en": Text("en", "Lost?", (), "Old.")}
    at_work.core.catalogue.save_draft("perso", replace(base, texts=english), "kim")
    eda = await at_work.signed_in("eda")
    assert "Original ist neuer" not in await eda.text(ONE)
    await eda.post(ONE, await form(eda, ONE) | {ANSWER: "Neu.", "action": "save"})
    page = await eda.text(ONE)
    assert "mit Fassung 2 geändert, diese Übersetzung entstand zu Fassung 1" in page
    await eda.post(ONE, await form(eda, ONE) | {"texts.en.answer": "New.", "action": "save"})
    assert "Original ist neuer" not in await eda.text(ONE)


async def test_a_translation_that_is_still_right_is_marked_no_longer(at_work: House) -> None:
    """A typing error mended in German is no reason to translate anew; the next change is asked about again."""
    base = content("Perso verloren?", "Komen Sie.")
    both = {**base.texts, "en": Text("en", "Lost?", (), "Come."), "fr": Text("fr", "Perdu ?", (), "Venez.")}
    at_work.core.catalogue.save_draft("perso", replace(base, texts=both), "kim")
    eda = await at_work.signed_in("eda")
    await eda.post(ONE, await form(eda, ONE) | {ANSWER: "Kommen Sie.", "action": "save"})
    fields = await form(eda, ONE)
    said = await eda.post(ONE, fields | {"action": "right:en", "texts.de.question": "Perso weg?"})
    page = await said.text()
    assert (said.status, "Vermerkt" in page) == (200, True)
    assert 'value="Perso weg?"' in page, "what was typed stays typed"
    assert ('value="right:en"' in page, 'value="right:fr"' in page) == (False, True)
    page = await eda.text(ONE)
    assert page.count("Original ist neuer:") == 1
    assert page.count("ist älter als der deutsche Text") == 1, "the lint says the same"
    await eda.post(ONE, await form(eda, ONE) | {"texts.de.facts.fee": "5 €", "action": "save"})
    assert (await eda.text(ONE)).count("Original ist neuer:") == 2
    late = await eda.post(ONE, fields | {"action": "right:en"})
    assert (late.status, "Nicht vermerkt" in await late.text()) == (409, True)
    assert (await eda.text(ONE)).count("Original ist neuer:") == 2
    assert (await eda.post(ONE, await form(eda, ONE) | {"action": "right:tr"})).status == 400


async def test_what_is_typed_is_kept_for_its_writer_alone(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    eda, ada = await at_work.signed_in("eda"), await at_work.signed_in("ada")
    fields = await form(eda, ONE)
    kept = await eda.post(ONE + "/autosave", fields | {ANSWER: "Mitten im"})
    assert (await kept.json())["said"].startswith("Zwischengespeichert um 10:00")
    page = await eda.text(ONE)
    assert "nicht gespeichert" in page
    assert "Mitten im" not in page  # offered, not put over what is saved
    assert (await form(eda, ONE + "?typed"))[ANSWER] == "Mitten im"
    assert "Mitten im" not in await ada.text(ONE + "?typed")
    assert f"{ONE}?typed" in await eda.text("/console/faq")  # whose browser closed finds it again
    assert "Angefangen und nicht gespeichert" not in await ada.text("/console/faq")
    await eda.post(ONE + "/typed", {"do": "discard"})
    assert (await form(eda, ONE + "?typed"))[ANSWER] == "Mitten im"
    assert "Zurückholen" in await eda.text(ONE)
    back = await eda.post(ONE + "/typed", {"do": "restore"})
    assert back.headers["Location"] == ONE + "?typed"
    # Somebody else saves meanwhile: what was typed meets it as a conflict, and is gone once it is saved.
    await ada.post(ONE, await form(ada, ONE) | {ANSWER: "Adas.", "action": "save"})
    assert "Inzwischen wurde diese Antwort gespeichert" in await eda.text(ONE)
    typed = await form(eda, ONE + "?typed")
    conflict = await eda.post(ONE, typed | {"action": "save"})
    assert conflict.status == 409
    assert "Adas." in await conflict.text()
    again = typed | {"based_on": head(at_work).id, "action": "save"}
    assert (await eda.post(ONE, again)).status == 303
    assert "?typed" not in await eda.text(ONE)
    # The same as saved is nothing to keep, and too much is said.
    same = await eda.post(ONE + "/autosave", await form(eda, ONE))
    assert (await same.json())["said"] == ""
    assert "?typed" not in await eda.text(ONE)
    much = await eda.post(ONE + "/autosave", fields | {ANSWER: "x" * LARGEST})
    assert much.status == 413
    assert "selbst" in (await much.json())["said"]


async def test_a_new_entry_is_kept_too(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    await eda.get("/console/faq/new")
    await eda.post("/console/faq/new/autosave", NEW | {"action": ""})
    fields = await form(eda, "/console/faq/new?typed")
    assert (fields["entry"], fields["texts.de.question"]) == ("hund-anmelden", NEW["texts.de.question"])
    assert (await eda.post("/console/faq/new", fields | {"action": "save"})).status == 303
    assert "?typed" not in await eda.text("/console/faq/new")


async def test_taking_theirs_without_script(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?", "Erste.")
    eda, ada = await at_work.signed_in("eda"), await at_work.signed_in("ada")
    edas, adas = await form(eda, ONE), await form(ada, ONE)
    await ada.post(ONE, adas | {ANSWER: "Adas.", "texts.de.facts.fee": "5 €", "action": "save"})
    page = await (await eda.post(ONE, edas | {ANSWER: "Edas.", "action": "save"})).text()
    assert page.count("beide geändert") == 1
    taken = {f"take.{ANSWER}": "mine", "take.texts.de.facts.fee": "theirs", "take.entry": "theirs"}
    mine = edas | {ANSWER: "Edas.", "based_on": head(at_work).id, "action": "save"} | taken
    assert (await eda.post(ONE, mine)).status == 303
    text = head(at_work).text("de")
    assert (text.answer, text.facts.fee) == ("Edas.", "5 €")


async def test_versions_are_compared_and_come_back(at_work: House) -> None:
    first = at_work.publish("perso", "Perso verloren?", "Das kostet 5 Euro im Bürgeramt.")
    eda, ada = await at_work.signed_in("eda"), await at_work.signed_in("ada")
    await eda.post(ONE, await form(eda, ONE) | {ANSWER: "Das kostet 7 Euro im Bürgeramt.", "action": "save"})
    second = head(at_work).id
    page = await eda.text(f"{ONE}/compare?a={first}&b={second}")
    assert '<del><span class="sr">gestrichen: </span>5</del>' in page
    assert '<ins><span class="sr">eingefügt: </span>7</ins>' in page
    other = at_work.publish("andere", "Andere?")
    for query in (f"a={other}", "b=nothing"):
        assert (await eda.get(f"{ONE}/compare?{query}")).status == 404
    await eda.text(f"{ONE}/{first}")
    stale = await eda.post(ONE + "/restore", {"revision": first, "based_on": first})
    assert stale.status == 409
    assert "inzwischen gespeichert" in await stale.text()
    back = await eda.post(ONE + "/restore", {"revision": first, "based_on": second})
    assert back.headers["Location"].endswith("?done=restored")
    assert (head(at_work).number, head(at_work).text("de").answer) == (3, "Das kostet 5 Euro im Bürgeramt.")
    same = await eda.post(ONE + "/restore", {"revision": first, "based_on": head(at_work).id})
    assert same.headers["Location"].endswith("?done=kept")
    assert "veröffentlicht" in await ada.text(ONE)


async def test_to_review_and_back(at_work: House) -> None:
    eda = await at_work.signed_in("eda")
    await eda.get("/console/faq/new")
    unfit = await eda.post("/console/faq/new", NEW | {"office": "", "action": "submit"})
    assert unfit.status == 409
    assert "nicht zur Prüfung gegeben" in await unfit.text()
    one = "/console/faq/entries/hund-anmelden"
    done = await eda.post(one, await form(eda, one) | {"office": "steueramt", "action": "submit"})
    assert done.headers["Location"].endswith("?done=submitted")
    page = await eda.text(one)
    assert "Zurückziehen" in page
    assert "Eda B." in page
    revision = head(at_work, "hund-anmelden").id
    assert (await eda.post(one + "/take-back", {"revision": "another"})).status == 409
    assert (await eda.post(one + "/take-back", {"revision": revision})).status == 303
    state = at_work.core.catalogue.get("hund-anmelden")
    assert state
    assert state.status == "draft"
    assert (await eda.post(one + "/take-back", {"revision": revision})).status == 409


async def test_who_else_is_at_it(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    eda, ada = await at_work.signed_in("eda"), await at_work.signed_in("ada")
    based_on = (await form(eda, ONE))["based_on"]
    alone = await (await eda.post(ONE + "/here", {"doing": "looking", "based_on": based_on})).text()
    assert not alone.strip()
    await ada.post(ONE + "/here", {"doing": "typing", "based_on": based_on})
    seen = await (await eda.post(ONE + "/here", {"doing": "looking", "based_on": based_on})).text()
    assert "Ada B." in seen
    assert "schreibt gerade" in seen
    await ada.post(ONE, await form(ada, ONE) | {ANSWER: "Neu.", "action": "save"})
    seen = await (await eda.post(ONE + "/here", {"doing": "looking", "based_on": based_on})).text()
    assert "hat inzwischen Fassung 2 gespeichert" in seen
    assert "Eda B." in await ada.text(ONE)
    await eda.post(ONE + "/here", {"doing": "", "based_on": based_on})
    assert "Eda B." not in (await ada.text(ONE)).partition('id="others"')[2].partition("editor")[0]
    at_work.clock.at += HERE + timedelta(seconds=1)


@pytest.mark.parametrize("key", ["99001001001000", "99 001 001 001 000"])
async def test_a_service_key_is_checked(at_work: House, key: str) -> None:
    at_work.publish("perso", "Perso verloren?")
    eda = await at_work.signed_in("eda")
    await eda.post(ONE, await form(eda, ONE) | {"service_key": key, "action": "save"})
    assert head(at_work).content.service_key == "99001001001000"
    assert "14 Ziffern" not in await eda.text(ONE)
    await eda.post(ONE, await form(eda, ONE) | {"service_key": key[:-1], "action": "save"})
    assert "14 Ziffern" in await eda.text(ONE)


async def test_three_channels_cut_and_count(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    eda = await at_work.signed_in("eda")
    fields = await form(eda, ONE) | {ANSWER: "Ein Satz mit **Nachdruck**. " * 200, "of": "perso"}
    page = await (await eda.post("/console/faq/preview", fields)).text()
    telegram, whatsapp, web = page.split('<section class="phone ')[1:4]
    assert "Nachricht 1 von 2" in telegram
    assert "von 4.096 Zeichen" in telegram
    assert "<b>Nachdruck</b>" in telegram
    assert "von 1.024 Zeichen" in whatsapp
    assert "<strong>Nachdruck</strong>" in whatsapp
    assert "*Nachdruck*" not in whatsapp
    assert "Nachricht" not in web
    assert "👍" in web


HOSTILE = "<script>alert(1)</script>\0\ud800\u202e**[(*a _b \n- x\n- y" + "<b>" * 200


async def test_hostile_words_are_shown_and_saved(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    eda = await at_work.signed_in("eda")
    sent = (HOSTILE.encode("utf-8", "replace").decode() * 30)[:20_000]
    fields = await form(eda, ONE) | {ANSWER: sent, "texts.de.question": sent[:300]}
    shown = await eda.post("/console/faq/preview", fields)
    assert shown.status == 200
    assert "<script" not in await shown.text()
    assert (await eda.post(ONE + "/autosave", fields)).status == 200
    assert (await eda.post(ONE, fields | {"action": "save"})).status == 303
    assert "<script>alert" not in await eda.text(ONE)
    assert "\0" not in head(at_work).text("de").answer


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_comparison_holds_both_texts(before: str, after: str) -> None:
    pieces = compared(before, after)
    assert "".join(p.text for p in pieces if p.kind != "in") == before
    assert "".join(p.text for p in pieces if p.kind != "out") == after
    assert all(p.text for p in pieces)
    assert all(a.kind != b.kind for a, b in pairwise(pieces))


def test_long_texts_that_share_nothing_keep_nobody_waiting() -> None:
    """Whoever may save a draft may save one of 4 MB."""
    before, after = (" ".join(f"{n % 997}{sign}" for n in range(20_000)) for sign in "ab")
    began = time.process_time()
    pieces = compared(f"Anfang {before}", f"Anfang {after}")
    assert time.process_time() - began < 1
    assert [(p.kind, p.text) for p in pieces] == [("same", "Anfang "), ("out", before), ("in", after)]


def test_words_that_follow_each_other_are_one_change() -> None:
    told = [(p.kind, p.text) for p in compared("Wo bekomme ich Säcke?", "Was darf in den?")]
    assert told == [("out", "Wo bekomme ich Säcke"), ("in", "Was darf in den"), ("same", "?")]


def test_a_comparison_names_words() -> None:
    found = compared("Der Hund ist groß.", "Der alte Hund ist klein.")
    told = [(p.kind, p.text) for p in found]
    assert told == [
        ("same", "Der "),
        ("in", "alte "),
        ("same", "Hund ist "),
        ("out", "groß"),
        ("in", "klein"),
        ("same", "."),
    ]


_FORMS = st.fixed_dictionaries(dict.fromkeys(("topic", "office", ANSWER), st.sampled_from("ab")))


@given(_FORMS, _FORMS, _FORMS)
def test_no_change_of_either_side_is_lost(mine: dict[str, str], theirs: dict[str, str], base: dict[str, str]) -> None:
    empty = dict.fromkeys((*faq_form.names(), *faq_form.marks()), "")
    found = clashes(empty | mine, empty | theirs, empty | base)
    kept = merged(empty | mine, empty | theirs, {one.field for one in found if one.take == "theirs"})
    for name in mine:
        changed = {form[name] for form in (mine, theirs) if form[name] != base[name]}
        both = mine[name] != base[name] and theirs[name] != base[name] and mine[name] != theirs[name]
        assert kept[name] in (changed or {base[name]})
        assert both == any(one.field == name and one.both for one in found)


def test_every_language_on_every_channel(at_work: House) -> None:
    at_work.publish("perso", "Perso verloren?")
    found = previews(at_work.core, head(at_work), ["de", "ar", LEICHT], at_work.clock())
    assert [(p.language, [phone.channel for phone in p.phones]) for p in found] == [
        (language, ["telegram", "whatsapp", "web"]) for language in ("de", "ar", LEICHT)
    ]
    assert "Automatische Antwort" in found[0].phones[2].bubbles[0].footer
