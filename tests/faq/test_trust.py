"""Which thresholds hold for which corpus, and that what ships is what its evidence says."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faq.encoder import HashingEncoder
from faq.entry import Draft, Facts, revision_of
from faq.fitting.certify import CONFIDENCE, bound
from faq.measure import NEVER
from faq.policy import Thresholds, decide, shipped_thresholds
from faq.retrieval.confidence import Confidence
from faq.retrieval.index import Index
from faq.retrieval.places import places
from faq.sources import read
from faq.trust import OUTDATED, Fit, FitUnusable, Trust, fingerprints, fit_for, fits_in, judged, read_fit, spare_fits
from tests.faq.town import CORPUS, ROOT, TOWN

ENCODER = HashingEncoder()
SURE = Trust(Confidence({"margin": 1.0}, 9.0), Thresholds(0.5, 0.2, 0.02))


def fit(revisions: Any = TOWN, encoder: str = ENCODER.name, **kinds: Trust) -> Fit:
    return Fit(encoder, fingerprints(revisions), kinds or {"full": SURE, "words_only": SURE})


def test_a_fit_is_for_its_corpus_and_its_encoder() -> None:
    own, other = fit(), fit(encoder="another")
    assert fit_for([other, own], TOWN, ENCODER.name) is own
    assert fit_for([other], TOWN, ENCODER.name) is None
    assert fit_for([other], TOWN, "") is other  # words alone are the same beside any encoder
    assert fit_for([own], TOWN[:2], ENCODER.name) is None
    assert fit_for([own], TOWN[:4], ENCODER.name) is own  # the corpus, when it has shrunk
    strangers = [replace(r, texts={"de": replace(r.texts["de"], question=f"{r.entry}?")}) for r in TOWN]
    assert fit_for([own], strangers, ENCODER.name) is None


def test_a_release_may_name_its_fit(tmp_path: Path) -> None:
    newer = replace(fit(), name="new")
    older = replace(fit(), name="old", spare=True)
    for pinned, expected in (("", newer), ("new", newer), ("old", older), ("gone", newer)):
        assert fit_for([newer, older], TOWN, ENCODER.name, pinned) is expected
    assert fit_for([older], TOWN, ENCODER.name) is None  # another took its place, and is gone
    assert spare_fits(tmp_path) == []


def test_a_changed_corpus_is_told_from_the_fitted_one() -> None:
    reworded = [replace(r, texts={"de": replace(r.texts["de"], variants=("neu",))}) for r in TOWN[:3]]
    changed = [*reworded, *TOWN[3:]]
    assert fit().unchanged(TOWN) == 1
    assert fit().unchanged(changed) == 0.5 < OUTDATED
    assert fit().belongs_to(changed)


def test_what_is_searched_counts_as_changed_and_nothing_else_does() -> None:
    facts = replace(TOWN[0].texts["de"], facts=Facts(fee="99,00 €"))
    dearer = replace(TOWN[0], texts={"de": facts})
    assert fit().unchanged([dearer, *TOWN[1:]]) == pytest.approx(5 / 6)
    german = TOWN[0].texts["de"]
    easy = {**TOWN[0].texts, "leicht": replace(german, language="leicht")}
    assert fit().unchanged([replace(TOWN[0], texts=easy, office="rathaus", topic="ausweise"), *TOWN[1:]]) == 1


def test_judging_keeps_the_order_and_the_options_apart() -> None:
    search = Index.build(TOWN, ENCODER).search("ausweis")
    told, limits = judged(search, fit())
    assert limits == SURE.thresholds
    assert [m.revision.entry for m in told.matches] == [m.revision.entry for m in search.matches]
    ratio = [new.score / old.score for new, old in zip(told.matches, search.matches, strict=True)]
    assert max(ratio) == pytest.approx(min(ratio)) or max(m.score for m in told.matches) == 1.0
    assert decide(told, limits) == "answer"
    assert judged(search, None) == (search, None)
    assert judged(search, fit(words_only=SURE)) == (search, None)


def test_an_editors_own_words_are_believed_whatever_the_fit_says() -> None:
    doubting = Trust(Confidence({}, -9.0), Thresholds(0.9, 0.2, 0.02))
    index = Index.build(TOWN, ENCODER)
    told, limits = judged(index.search("Wann kommt der Sperrmüll?"), fit(full=doubting))
    assert decide(told, limits) == "answer"
    assert decide(*judged(index.search("sperrmüll und anderes"), fit(full=doubting))) == "withhold"


def test_a_file_that_holds_no_fit_is_named(tmp_path: Path) -> None:
    (tmp_path / "thresholds.json").write_text('{"encoder": "x"}', "utf-8")
    with pytest.raises(FitUnusable, match=r"thresholds\.json.*faq calibrate"):
        fits_in([tmp_path])
    assert fits_in([tmp_path / "none"]) == []


# -- what ships


def shipped() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((ROOT / "faq" / "retrieval" / "thresholds.json").read_text("utf-8"))
    return plain


def towns_own() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((CORPUS / "thresholds.json").read_text("utf-8"))
    return plain


@pytest.mark.parametrize("kind", ["full", "words_only"])
@pytest.mark.parametrize("read_file", [shipped, towns_own])
def test_what_ships_is_certified_by_its_own_evidence(read_file: Any, kind: str) -> None:
    told = read_file()[kind]
    proof = told["certificate"]
    assert 0 < told["clarify"] < told["answer"] < 1
    assert proof["confidence"] == CONFIDENCE
    assert proof["bound"] == pytest.approx(bound(proof["right"], proof["answered"]), abs=1e-4)
    assert proof["bound"] >= told["promise"] >= (0.95 if read_file is towns_own else 0.8)


@pytest.mark.parametrize("kind", ["full", "words_only"])
def test_the_town_takes_the_lowest_threshold_that_was_proved(kind: str) -> None:
    told = towns_own()[kind]
    proved: list[float] = []
    for one in told["tried"]:  # from the strictest on
        if one["bound"] < told["promise"]:
            break
        proved.append(one["answer"])
    assert told["answer"] == proved[-1]
    strays = [told["certifying_half"][name] for name in ("strangers", "outside")]
    answered = sum(one["n"] * one["answered"] for one in strays) / sum(one["n"] for one in strays)
    assert answered <= 0.03, "of questions that nothing answers, two in a hundred were promised"


def test_the_sample_town_is_judged_by_its_own_fit() -> None:
    drafts = [draft for draft in read(CORPUS) if isinstance(draft, Draft)]
    town = [revision_of(draft.entry, 1, draft.content, "town", NEVER) for draft in drafts]
    own = read_fit(CORPUS / "thresholds.json")
    assert own.belongs_to(town)
    assert own.unchanged(town) >= OUTDATED, "the wordings have changed: `make fit` fits again"
    assert shipped_thresholds().answer > 0.5


# -- other places


@pytest.mark.parametrize(
    ("question", "elsewhere"),
    [
        ("wo melde ich mich in Köln um", True),
        ("sperrmüll in Essen", True),
        ("essen für die kita bestellen", False),
        ("ich ziehe aus Köln her, wo melde ich mich an", False),
        ("Termin Bergisch Gladbach", True),
        ("hund anmelden", False),
    ],
)
def test_another_place_is_noticed(question: str, elsewhere: bool) -> None:
    assert bool(places().elsewhere(question, lambda word: False)) is elsewhere


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("was kostet ein parkausweis in koeln", "Köln"),
        ("Termin bergisch gladbach", "Bergisch-Gladbach"),
        ("sperrmüll stadt essen", "Essen"),
        ("ich ziehe nach Köln, muss ich mich abmelden", ""),
        ("ich ziehe aus Köln her", ""),
    ],
)
def test_a_question_of_another_place_is_told_from_one_on_the_way_there(question: str, place: str) -> None:
    assert places().of_another(question, lambda word: False) == place


def test_a_place_that_the_corpus_names_is_no_other() -> None:
    index = Index.build(TOWN, None)
    assert index.elsewhere("Hund anmelden in Dortmund")
    named = replace(TOWN[0], texts={"de": replace(TOWN[0].texts["de"], answer="Auch im Bürgerbüro Dortmund.")})
    assert not Index.build([named, *TOWN[1:]], None).elsewhere("Hund anmelden in Dortmund")
    assert index.search("Hund anmelden in Dortmund").matches[0].score < index.search("Hund anmelden").matches[0].score
