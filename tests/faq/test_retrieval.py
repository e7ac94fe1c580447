"""Search: what it finds, what it tells, and that a changed index is the same as a new one."""

import gc
import weakref
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.encoder import Encoder, HashingEncoder
from faq.entry import Draft, Revision, Text, revision_of
from faq.policy import Thresholds, decide, options, shipped_thresholds
from faq.retrieval.documents import Document
from faq.retrieval.groups import Groups
from faq.retrieval.index import Index, Search
from faq.retrieval.learned import Lessons
from faq.retrieval.terms import Terms, terms
from faq.retrieval.text import fold, words
from faq.retrieval.thesaurus import Concept, Thesaurus, thesaurus
from faq.retrieval.tongues import sentences, tongues_of
from faq.retrieval.words import Postings
from faq.sources import read
from faq.vectors import VectorCache
from tests.faq.town import CORPUS, NOW, TOWN, content


def seen(search: Search) -> list[tuple[str, float]]:
    return [(match.revision.id, round(match.score, 5)) for match in search.matches]


QUESTIONS = [
    "ausweis verloren",
    "hund",
    "Sperrmüll abholen",
    "kita",
    "wetter morgen",
    "heiraten im standesamt",
    "perso",
]


@pytest.mark.parametrize("query", ["PERSO WEG!!", "personalausweis ferloren", "Ausweis verloren was tun"])
def test_it_finds_what_is_meant(encoder: Encoder, query: str) -> None:
    index = Index.build(TOWN, encoder)
    assert index.search(query).matches[0].revision.entry == "perso-verloren"
    assert not index.search(query).words_only


def test_umlauts_are_spelt_as_people_do() -> None:
    assert fold("Führerschein") == fold("FUEHRERSCHEIN") == fold("fuhrerschein")
    assert words("Bürger*innen und Ärzt:in") == words("Burgerinnen und Arztin")


def test_offices_words_are_known_also_in_compounds() -> None:
    book = Thesaurus({"führerschein": ["Fahrerlaubnis"], "gelbe tonne": ["Verpackungen"]})
    assert book.concepts("wo ist die gelbe Tonne") == [
        Concept(("gelbe", "tonne"), (("verpackungen",),), ("Verpackungen",))
    ]
    (compound,) = book.concepts("Führerscheinentzug")
    assert compound.instead == (("fahrerlaubnis", "entzug"),)
    assert book.concepts("und der die das") != []  # nothing but small words is still a question


def test_the_shipped_synonyms_say_something_new() -> None:
    for concept in (one for said in ("perso", "müll", "führerschein") for one in thesaurus().concepts(said)):
        assert concept.instead
        assert concept.words not in concept.instead


@pytest.mark.parametrize(
    ("language", "query", "german"),
    [
        ("en", "I lost my passport", "Reisepass"),
        ("fr", "renouveler mon titre de séjour", "Aufenthaltserlaubnis Aufenthaltstitel"),
        ("tr", "ehliyetimi kaybettim", "Führerschein Fahrerlaubnis"),
        ("uk", "які документи потрібні", "Unterlagen Dokumente"),
        ("ru", "сколько стоит загранпаспорт", "Reisepass"),
        ("ar", "أين أحصل على رخصة القيادة", "Führerschein Fahrerlaubnis"),
    ],
)
def test_terms_of_other_languages_are_the_offices_words(language: str, query: str, german: str) -> None:
    meant = [phrase for concept in thesaurus().concepts(query, language) for phrase in concept.phrases]
    assert german in meant
    assert terms().at(words(query)[:1], "xx") == (0, ())


def test_the_longest_term_is_taken_and_a_term_is_no_part_of_another_word() -> None:
    book = Terms({"languages": ["en"], "terms": {"Pkw": ["car"], "Parkausweis": ["parking permit, park"]}})
    assert book.at(["parking", "permits"], "en") == (2, ("Parkausweis",))
    assert book.at(["cars"], "en") == (1, ("Pkw",))
    assert book.at(["carpet"], "en") == (0, ())
    assert book.at([], "en") == (0, ())


def test_a_foreign_question_finds_the_german_entry_by_its_terms() -> None:
    index = Index.build(TOWN, None)
    assert index.search("як зареєструвати собаку", "uk").matches[0].revision.entry == "hund-anmelden"
    assert index.search("je veux me marier", "fr").matches[0].revision.entry == "heiraten"


def test_every_language_says_the_same_sentences() -> None:
    assert {"de", *terms().languages} <= set(sentences())
    assert len({len(some) for some in sentences().values()}) == 1


def test_a_vector_without_its_language_is_still_of_length_one(encoder: Encoder) -> None:
    tongues = tongues_of(encoder, VectorCache(":memory:"))
    vector = encoder.encode_queries(["Wo kann ich mein Auto abmelden?"])[0]
    assert np.linalg.norm(tongues.question(vector)) == pytest.approx(1, abs=1e-4)
    assert np.linalg.norm(tongues.question(vector, [("Personalausweis",), ()])) == pytest.approx(1, abs=1e-4)
    assert (tongues.question(vector, [("no phrase of ours",)]) == tongues.question(vector)).all()
    assert sum(tongues.shares(vector).values()) == pytest.approx(1)
    alone = tongues.passages(vector[None], ["de"])
    assert np.isfinite(alone).all()
    assert np.linalg.norm(tongues.passages(vector[None], ["xx"])) == pytest.approx(1, abs=1e-4)


@pytest.mark.encoder
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr", "tr", "uk", "ru", "ar"])
def test_the_language_of_a_question_is_heard_in_its_vector(embedded: Encoder, language: str) -> None:
    tongues = tongues_of(embedded, VectorCache(":memory:"))
    asked = {"en": "Where can I pay the fee for my dog?", "fr": "Où payer la taxe pour mon chien ?",
             "tr": "Köpeğim için vergiyi nerede ödeyebilirim?", "uk": "Де сплатити податок за собаку?",
             "ru": "Где заплатить налог за собаку?", "ar": "أين أدفع ضريبة الكلب؟"}[language]  # fmt: skip
    shares = tongues.shares(embedded.encode_queries([asked])[0])
    assert max(shares, key=lambda one: shares[one]) == language
    found = Index.build(TOWN, embedded).search(asked, "de")
    assert found.matches[0].revision.entry == "hund-anmelden"


def test_scores_are_probabilities_in_order(encoder: Encoder) -> None:
    index = Index.build(TOWN, encoder)
    for query in QUESTIONS:
        matches = index.search(query, limit=6).matches
        scores = [match.score for match in matches]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        for match in matches:
            assert sum(match.why.values()) == pytest.approx(1, abs=0.01) or not any(match.why.values())


def test_a_known_wording_is_sure_and_a_strangers_question_is_not(encoder: Encoder) -> None:
    index = Index.build(TOWN, encoder)
    known = index.search("Wie melde ich meinen Hund an?")
    assert decide(known) == "answer"
    assert decide(index.search("spiel mir ein lied vom tod")) == "withhold"
    assert known.matches[0].score > index.search("xqz").matches[0].score


def test_what_a_title_repeats_is_told_from_what_the_entry_holds_beyond() -> None:
    index = Index.build(TOWN, None)
    title = index.search("Eheschließung")
    wording = index.search("Hochzeit")
    assert title.matches[0].revision.entry == wording.matches[0].revision.entry == "heiraten"
    assert title.evidence["share"] == wording.evidence["share"] == 1
    assert title.evidence["beyond"] == pytest.approx(0, abs=1e-6)
    assert wording.evidence["beyond"] == pytest.approx(1, abs=1e-6)
    assert 0.2 < index.search("Eheschließung Hochzeit").evidence["beyond"] < 0.8


@given(st.text(max_size=40) | st.sampled_from([r.text("de").question for r in TOWN]))
@settings(max_examples=60)
def test_what_is_beyond_a_title_is_a_share(query: str) -> None:
    told = Index.build(TOWN, None).search(query).evidence
    assert not told or 0 <= told["beyond"] <= told["share"] + 1e-6


def test_empty_things() -> None:
    assert Index.build([], HashingEncoder()).search("hund").matches == ()
    assert decide(Index.build([], None).search("hund")) == "withhold"
    index = Index.build(TOWN, HashingEncoder())
    assert index.search("   ").matches == ()
    assert index.search("???").matches
    assert Index.build(TOWN[:1], HashingEncoder()).search("ausweis").matches


@given(st.lists(st.tuples(st.none() | st.dates(), st.none() | st.dates()), min_size=6, max_size=6), st.dates())
@settings(max_examples=30)
def test_only_what_is_valid_that_day_is_found(spans: list[tuple[date | None, date | None]], today: date) -> None:
    dated = [replace(r, valid_from=a, valid_until=b) for r, (a, b) in zip(TOWN, spans, strict=True)]
    index = Index.build(dated, None)
    assert len(index.search("sperrmüll", limit=9).matches) == len(TOWN)
    found = {match.revision.entry for match in index.search("sperrmüll", limit=9, today=today).matches}
    assert found == {revision.entry for revision in dated if revision.valid_on(today)}


class Broken(HashingEncoder):
    """Fails once it has built."""

    broken = False

    def encode_queries(self, texts: list[str]) -> np.ndarray:
        if self.broken:
            raise RuntimeError("out of memory")
        return super().encode_queries(texts)


def test_words_still_answer_when_the_encoder_fails() -> None:
    encoder = Broken()
    index = Index.build(TOWN, encoder)
    encoder.broken = True
    search = index.search("ausweis verloren")
    assert search.words_only
    assert search.matches[0].revision.entry == "perso-verloren"
    assert Index.build(TOWN, encoder).words_only
    assert Index.build(TOWN, None).search("ausweis verloren").matches == search.matches


def variants(number: int) -> list[Revision]:
    """The town's entries in a later wording."""
    return [
        revision_of(r.entry, number, content(f"{r.texts['de'].question} {number}", "Neu.", variants=()), "kim", NOW)
        for r in TOWN
    ]


def stepped(step: str, now: Revision, number: int, changed: Revision) -> Revision:
    """An entry's next version: another office (nothing that is searched), another answer, or all of it."""
    text = now.texts["de"]
    match step:
        case "move":
            return revision_of(now.entry, number, replace(now.content, office=f"amt-{number}"), "kim", NOW)
        case "answer":
            texts = {"de": replace(text, answer=f"{text.answer} Nummer {number}.")}
            return revision_of(now.entry, number, replace(now.content, texts=texts), "kim", NOW)
        case "restore":
            return next(revision for revision in TOWN if revision.entry == now.entry)
    return changed


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["change", "remove", "restore", "move", "answer"])), max_size=8
    )
)
@settings(max_examples=25)
def test_an_updated_index_is_the_same_as_a_rebuilt_one(steps: list[tuple[int, str]]) -> None:
    encoder, cache = HashingEncoder(), VectorCache(":memory:")
    live = {revision.entry: revision for revision in TOWN}
    index = Index.build(TOWN, encoder, cache)
    for number, (place, step) in enumerate(steps, 2):
        entry = TOWN[place].entry
        if step == "remove":
            live.pop(entry, None)
            index = index.updated([], [entry])
        else:
            live[entry] = stepped(step, live.get(entry, TOWN[place]), number, variants(number)[place])
            index = index.updated([live[entry]])
    rebuilt = Index.build(live.values(), encoder, cache)
    assert [r.id for r in index.revisions] == [r.id for r in rebuilt.revisions]
    for query in QUESTIONS:
        assert seen(index.search(query)) == seen(rebuilt.search(query))
        assert {m.revision for m in index.search(query).matches} == {m.revision for m in rebuilt.search(query).matches}


def test_what_says_the_same_is_neither_counted_nor_encoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = VectorCache(":memory:")
    index = Index.build(TOWN, HashingEncoder(), cache)
    moved = [revision_of(r.entry, 2, replace(r.content, office="anderswo"), "kim", NOW) for r in TOWN]
    monkeypatch.delattr(Document, "counted")
    cache.close()
    for made in (Postings, Groups, Lessons):
        monkeypatch.delattr(made, "__init__")
    after = index.updated(moved)
    assert set(after.revisions) == set(moved)
    assert not after.words_only
    for query in QUESTIONS:
        found, before = after.search(query).matches, index.search(query).matches
        assert [(m.revision.entry, m.score) for m in found] == [(m.revision.entry, m.score) for m in before]


def test_an_index_goes_without_the_collector() -> None:
    """Workers set what is in force aside from it (bot.garbage): what were in a cycle would stay for ever."""
    gc.disable()
    try:
        index = Index.build(TOWN, HashingEncoder())
        index.search(QUESTIONS[0])
        after = index.updated(variants(2))
        gone = weakref.ref(index), weakref.ref(after)
        del index, after
        assert [ref() for ref in gone] == [None, None]
    finally:
        gc.enable()


def test_the_old_index_stays_as_it_was() -> None:
    index = Index.build(TOWN, HashingEncoder())
    before = [seen(index.search(query)) for query in QUESTIONS]
    index.updated(variants(2), ["heiraten"])
    assert [seen(index.search(query)) for query in QUESTIONS] == before


def test_an_english_question_finds_the_english_text() -> None:
    english = Text("en", "How do I register my dog?", ("dog tax",), "At the tax office.")
    both = revision_of("hund-anmelden", 2, content(texts={**TOWN[2].texts, "en": english}), "kim", NOW)
    index = Index.build(TOWN, HashingEncoder()).updated([both])
    assert index.search("register dog", "en").matches[0].revision == both
    assert len({match.revision.entry for match in index.search("dog", "en", limit=9).matches}) == len(TOWN)


def test_policy() -> None:
    index = Index.build(TOWN, HashingEncoder())
    search = index.search("ausweis")
    first = search.matches[0].score
    assert decide(search, Thresholds(first, 0, 0.02)) == "answer"
    assert decide(search, Thresholds(1.01, first, 0.02)) == "clarify"
    assert decide(search, Thresholds(1.01, 1.01, 0.02)) == "withhold"
    assert 1 <= len(options(search, Thresholds(1, 0, 0))) <= 3
    assert options(search, Thresholds(1, 0, 1.0)) == search.matches[:1]
    for limits in (shipped_thresholds(), shipped_thresholds(words_only=True)):
        assert 0 < limits.clarify < limits.answer < 1


@pytest.mark.encoder
@pytest.mark.slow
def test_the_sample_town_answers_in_other_words(embedded: Encoder) -> None:
    """Asked with a wording that was taken out of it, the town finds most entries first and nearly all among three."""
    from faq.fitting.observe import own_wordings
    from tests.faq.town import encoder_cache

    town = own_wordings("town", [draft for draft in read(CORPUS) if isinstance(draft, Draft)], 0)
    index = Index.build(town.revisions, embedded, VectorCache(Path(encoder_cache()) / "vectors.sqlite"))
    ranks = [
        next(
            (i for i, m in enumerate(index.search(t.query, t.language).matches, 1) if m.revision.entry in t.relevant), 9
        )
        for t in town.trials[::4]
    ]
    assert np.mean([rank == 1 for rank in ranks]) >= 0.8
    assert np.mean([rank <= 3 for rank in ranks]) >= 0.9


def test_a_large_corpus_is_looked_at_closely_where_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The documents that are not compared vector by vector stay behind, the others have the exact likeness."""
    revisions = [
        revision_of(d.entry, 1, d.content, "town", NOW) for d in read(CORPUS / "ausweise.yml") if isinstance(d, Draft)
    ]
    exact = Index.build(revisions, HashingEncoder())
    for name, value in (("_EXACT", 0), ("_BY_MEANING", 3), ("_BY_WORDS", 3)):
        monkeypatch.setattr(f"faq.retrieval.vectors.{name}", value)
    rough = Index.build(revisions, HashingEncoder())
    for query in QUESTIONS:
        near, all_ = rough.signals(query).values, exact.signals(query).values
        same = np.isclose(near["wording"], all_["wording"], atol=1e-5)
        assert 3 <= same.sum() <= 6 < len(same), query
    asked = [text.variants[0] for r in revisions for text in r.texts.values() if text.variants]
    agree = [rough.search(q).matches[0].revision.entry == exact.search(q).matches[0].revision.entry for q in asked]
    assert np.mean(agree) > 0.95


@given(st.lists(st.integers(1, 4), min_size=1, max_size=20), st.integers(1, 9))
@settings(max_examples=40)
def test_groups_are_summed_in_steps(sizes: list[int], at_once: int) -> None:
    vectors = np.random.default_rng(1).standard_normal((sum(sizes), 3)).astype(np.float32)
    ends = np.cumsum(sizes)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("faq.retrieval.groups._AT_ONCE", at_once)
        found = Groups(vectors, sizes).sums()
    right = [vectors[end - size : end].sum(axis=0) for size, end in zip(sizes, ends, strict=True)]
    np.testing.assert_allclose(found, right, atol=1e-5)


def test_work_in_small_steps_comes_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Big steps would keep the other threads of a worker waiting."""
    revisions = [
        revision_of(d.entry, 1, d.content, "town", NOW) for d in read(CORPUS / "abfall.yml") if isinstance(d, Draft)
    ]
    monkeypatch.setattr("faq.retrieval.vectors._EXACT", 0)  # a large corpus has centres, too
    at_once = Index.build(revisions, HashingEncoder())
    for module in ("faq.vectors", "faq.retrieval.groups", "faq.retrieval.tongues"):
        monkeypatch.setattr(f"{module}._AT_ONCE", 7)
    in_steps = Index.build(revisions, HashingEncoder())
    for query in QUESTIONS:
        one, other = at_once.signals(query).values, in_steps.signals(query).values
        for name in one:
            np.testing.assert_allclose(one[name], other[name], atol=2e-4, err_msg=name)


ODD = {
    "a page": "Wie melde ich meinen Hund an? " * 600,
    "one word": "a" * 20_000,
    "words of nobody": " ".join(f"schnurpsel{number}" for number in range(1500)),
    "small words": "an " * 6000,
    "prefixes": "ab in " * 3000,
    "clauses": "melde an. " * 2000,
    "commas": "," * 20_000,
    "emoji": "😀🐶🚗",
    "a letter": "a",
    "SQL": "'; DROP TABLE entries; --",
    "half a character": "hund \ud83d anmelden",
    "a null": "a\x00b",
    "from the right": "\u202eabc",
}


@pytest.mark.parametrize("words_only", [True, False])
@pytest.mark.parametrize("query", ODD.values(), ids=ODD.keys())
def test_nothing_that_is_typed_breaks_the_search_or_makes_it_sure(query: str, words_only: bool) -> None:
    index = Index.build(TOWN, None if words_only else HashingEncoder())
    search = index.search(query)
    assert search.words_only == words_only
    assert all(0 <= match.score <= 1 for match in search.matches)
    assert np.isfinite(list(search.evidence.values())).all()
    assert search.evidence.get("length", 0) < 3
    if "und" not in query:
        assert decide(search) != "answer"


@pytest.mark.parametrize("query", ["WIE MELDE ICH MEINEN HUND AN", "wie meld ich meinen hundt an", "hund an melden!!!"])
def test_capitals_and_slips_are_read(encoder: Encoder, query: str) -> None:
    assert Index.build(TOWN, encoder).search(query).matches[0].revision.entry == "hund-anmelden"


def test_a_corpus_may_be_tiny_bare_or_in_another_language() -> None:
    english = [
        replace(r, texts={"en": Text("en", question, (), "At the town hall.")})
        for r, question in zip(TOWN, ("Lost my card", "A new card", "Register a dog", "Old sofa"), strict=False)
    ]
    bare = [replace(r, texts={"de": replace(r.texts["de"], variants=())}) for r in TOWN]
    for corpus, query, language in (
        (TOWN[2:3], "hund", "de"),
        (TOWN[2:4], "hund anmelden", "de"),
        (bare, "hund melde ich wo an", "de"),
        (english, "register my dog", "en"),
    ):
        for encoder in (None, HashingEncoder()):
            found = Index.build(corpus, encoder).search(query, language)
            assert found.matches[0].revision.entry == "hund-anmelden", (query, encoder)
            assert decide(Index.build(corpus, encoder).search("xqz wommel", language)) == "withhold"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("FUEHRERSCHEIN", "Führerschein"),
        ("kimligimi degistirmek", "Kimliğimi değiştirmek"),
        ("IŞIK", "ısık"),
        ("ca coute tres cher", "ça coûte très cher"),
        ("الاقامه", "الإقامة"),
        ("مستشفي", "مُسْتَشْفَى"),
    ],
)
def test_what_telephones_leave_out_makes_no_other_word(typed: str, meant: str) -> None:
    assert words(typed) == words(meant)


def test_letters_that_only_look_marked_stay_letters() -> None:
    assert words("мой") != words("мои")
