"""The proof of a release: each way in which a trial may change can occur, and is told by its name."""

from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.database import writing
from faq.encoder import Encoder, HashingEncoder
from faq.entry import Revision
from faq.policy import Thresholds
from faq.proving import reports as kept_reports
from faq.proving.outcome import KINDS, Kind, Outcome, difference, verdict
from faq.proving.prove import Corpus, Proof, prove
from faq.proving.reports import Reports, forget
from faq.schema import open_database
from faq.trials import Trial, Trials, _trial, erase
from faq.vectors import VectorCache
from tests.faq.town import NOW, TOWN, revision

TODAY = date(2026, 11, 22)
RIGHT, WRONG = Outcome("answer", "a", 0.9), Outcome("answer", "b", 0.9)
OFFERED, ASKED = Outcome("clarify", "b", 0.5, ("b", "a")), Outcome("clarify", "b", 0.5, ("b",))
SILENT = Outcome("withhold", "b", 0.1)
EVERY = (RIGHT, WRONG, OFFERED, ASKED, SILENT)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (RIGHT, WRONG, "wrong"),
        (SILENT, WRONG, "wrong"),
        (OFFERED, WRONG, "wrong"),
        (RIGHT, OFFERED, "ambiguous"),
        (RIGHT, ASKED, "lost"),
        (RIGHT, SILENT, "lost"),
        (SILENT, RIGHT, "better"),
        (WRONG, SILENT, "better"),
        (ASKED, OFFERED, "better"),
        (OFFERED, SILENT, "weaker"),
        (ASKED, SILENT, "other"),
        (WRONG, replace(WRONG, entry="c"), "other"),
        (WRONG, replace(WRONG, probability=0.8), None),
        (RIGHT, RIGHT, None),
    ],
)
def test_what_changed_of_a_trial_with_an_answer(before: Outcome, after: Outcome, kind: Kind | None) -> None:
    assert difference(("a",), before, after) == kind


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (SILENT, WRONG, "stray"),
        (ASKED, WRONG, "stray"),
        (WRONG, SILENT, "better"),
        (ASKED, SILENT, "better"),
        (SILENT, ASKED, "weaker"),
        (WRONG, RIGHT, "other"),
        (SILENT, SILENT, None),
    ],
)
def test_what_changed_of_a_question_that_is_not_ours(before: Outcome, after: Outcome, kind: Kind | None) -> None:
    assert difference((), before, after) == kind


@given(st.lists(st.sampled_from(KINDS)))
def test_one_worse_trial_is_enough(kinds: list[Kind]) -> None:
    worse = any(kind in ("wrong", "stray", "ambiguous", "lost") for kind in kinds)
    assert verdict(kinds) == ("worse" if worse else "better" if "better" in kinds else "same")


@pytest.mark.parametrize("relevant", [("a",), ()])
def test_nobody_loses_a_right_answer_unseen(relevant: tuple[str, ...]) -> None:
    """Whatever was right and no longer is, is told; going there and back is never better both ways."""
    for before, after in product(EVERY, EVERY):
        kind = difference(relevant, before, after)
        if before.right(relevant) and not after.right(relevant):
            assert kind in ("wrong", "stray", "ambiguous", "lost")
        if kind == "better":
            assert difference(relevant, after, before) not in ("better", None)


# --- with a corpus ---------------------------------------------------------------------------------------------

LIMITS = Thresholds(0.5, 0.2, 0.02)


def trial(question: str, *relevant: str) -> Trial:
    return _trial(question, "de", relevant, "editor", "kim", NOW)


TRIALS = (
    trial("perso weg was nun", "perso-verloren"),
    trial("hundesteuer zahlen", "hund-anmelden"),
    trial("sofa loswerden wohin", "sperrmuell"),
    trial("kindergarten anmelden", "kita-platz"),
    trial("hochzeit anmelden", "heiraten"),
    trial("was hilft gegen warzen"),
    trial("wer baut drachen", "drachen"),
    trial("niemand kennt das", "nirgends"),
)


def proved(after: tuple[Revision, ...], before: tuple[Revision, ...] = TOWN, encoder: Encoder | None = None) -> Proof:
    return prove(Corpus(before), Corpus(after), TRIALS, encoder, VectorCache(":memory:"), TODAY)


def without(entry: str) -> tuple[Revision, ...]:
    return tuple(r for r in TOWN if r.entry != entry)


def told(proof: Proof) -> dict[str, str]:
    return {line["question"]: line["kind"] for line in proof.report["changed"]}


def test_the_same_release_is_the_same() -> None:
    proof = proved(TOWN)
    assert (proof.verdict, proof.report["changed"], proof.before) == ("same", [], proof.after)
    assert (proof.report["n"], proof.report["same"], proof.report["unknown"]) == (6, 6, 2)
    assert proof.report["untested"] == []
    assert set(proof.after) == {t.id for t in TRIALS[:6]}


def test_a_new_entry_that_answers_is_better() -> None:
    new = revision("drachen", "Wer baut Drachen?", "Der Drachenverein.", "wer baut drachen")
    proof = proved((*TOWN, new))
    assert told(proof) == {"wer baut drachen": "better"}
    (line,) = proof.report["changed"]
    assert (line["about"], line["after"]["entry"], line["after"]["decision"]) == ("drachen", "drachen", "answer")
    assert (proof.verdict, proof.report["better"], proof.report["worse"]) == ("better", 1, 0)


def test_an_entry_that_takes_another_ones_question_is_worse() -> None:
    thief = revision("haustier", "Hochzeit anmelden", "Im Zoo.", "hochzeit anmelden", "wie melde ich die hochzeit an")
    proof = proved((*without("heiraten"), revision("heiraten", "Eheschließung", "Im Standesamt."), thief))
    assert told(proof) == {"hochzeit anmelden": "wrong"}
    assert proof.verdict == "worse"
    (line,) = proof.report["changed"]
    assert (line["before"]["entry"], line["after"]["entry"], line["about"]) == ("heiraten", "haustier", "haustier")


def test_an_entry_with_the_same_words_makes_a_question_ambiguous() -> None:
    twin = revision("heiraten-eu", "Wie melde ich eine Eheschließung an?", "Im Standesamt.", "hochzeit anmelden")
    proof = proved((*TOWN, twin))
    assert told(proof) == {"hochzeit anmelden": "ambiguous"}
    assert (proof.verdict, proof.report["ambiguous"]) == ("worse", 1)


def test_what_is_no_longer_said_is_lost() -> None:
    proof = proved((*without("heiraten"), revision("heiraten", "Standesamtliches", "Im Haus.")))
    assert told(proof)["hochzeit anmelden"] in ("lost", "wrong")
    assert proof.verdict == "worse"


def test_what_is_not_ours_and_newly_answered_is_worse() -> None:
    new = revision("warzen", "Was hilft gegen Warzen?", "Der Arzt.", "was hilft gegen warzen")
    proof = proved((*TOWN, new))
    assert told(proof) == {"was hilft gegen warzen": "stray"}
    assert proof.verdict == "worse"
    assert proof.report["untested"] == ["warzen"]


def test_the_trials_of_an_entry_that_is_taken_out_are_set_apart() -> None:
    proof = proved(without("heiraten"))
    assert [line["question"] for line in proof.report["orphaned"]] == ["hochzeit anmelden"]
    assert (proof.verdict, proof.report["n"], proof.report["untested"]) == ("same", 5, [])


def test_a_first_release_is_proved_against_nothing() -> None:
    proof = proved(TOWN, ())
    assert proof.report["better"] == 5
    assert proof.verdict == "better"
    assert set(proof.report["latency"]) >= {"p50_ratio", "p95_ratio", "p95_before", "p95_after"}


def test_without_trials_there_is_nothing_to_say() -> None:
    proof = prove(Corpus(TOWN), Corpus(without("heiraten")), (), None, VectorCache(":memory:"), TODAY)
    assert (proof.verdict, proof.report["n"], proof.report["latency"]) == ("same", 0, {})


class Counting(HashingEncoder):
    """Counts what it computes."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = 0

    def encode_queries(self, texts):  # type: ignore[no-untyped-def]
        self.queries += len(texts)
        return super().encode_queries(texts)


def test_vectors_are_computed_once_for_ever(tmp_path: Path) -> None:
    encoder, cache = Counting(), VectorCache(tmp_path / "vectors.sqlite")
    first = prove(Corpus(TOWN), Corpus(without("heiraten")), TRIALS, encoder, cache, TODAY)
    assert not first.report["words_only"]
    assert encoder.queries > 0
    encoder.queries = 0
    again = prove(Corpus(TOWN), Corpus(without("heiraten")), TRIALS, encoder, cache, TODAY)
    assert encoder.queries == 0
    assert (again.after, again.before) == (first.after, first.before)


@pytest.mark.encoder
@pytest.mark.slow
def test_with_the_real_encoder(embedded: Encoder) -> None:
    new = revision("drachen", "Wer baut Drachen?", "Der Drachenverein.", "drachen bauen lassen")
    proof = proved((*TOWN, new), encoder=embedded)
    assert told(proof).get("wer baut drachen") == "better"
    assert proof.report["encoder"] == embedded.name
    assert not proof.report["words_only"]


def test_reports_are_kept(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_database(database_url)
    reports = Reports(engine)
    Trials(engine).seed(TRIALS)
    new = revision("drachen", "Wer baut Drachen?", "Der Drachenverein.", "wer baut drachen")
    proof = proved((*TOWN, new))
    assert reports.of("r2") is None
    assert reports.outcomes("r2") == ({}, None)
    reports.keep("r2", "r1", proof)
    kept = reports.of("r2")
    assert kept
    assert (kept.release, kept.base, kept.verdict, kept.report) == ("r2", "r1", "better", proof.report)
    assert reports.of("r2", "r1") == kept
    assert reports.of("r2", "r0") is None
    found, at = reports.outcomes("r2")
    assert (found, at) == (proof.after, kept.at)
    assert reports.outcomes("r1")[0] == proof.before
    monkeypatch.setattr(kept_reports, "KEEP", 2)
    for release in ("r3", "r4"):
        reports.keep(release, "r3", proof)
    assert reports.outcomes("r2") == ({}, None)
    assert reports.of("r2") == kept
    assert reports.outcomes("r4")[0] == proof.after
    (line,) = (one for one in kept.report["changed"] if one["question"] == "wer baut drachen")
    with writing(engine) as db:
        erase(db, line["trial"])
        forget(db, {line["trial"]})
    reports.keep("r5", "r4", proof)  # it was being asked
    assert all(one["question"] != line["question"] for name in ("r2", "r4", "r5") for one in _changed(reports, name))
    assert len(_changed(reports, "r2")) == len(kept.report["changed"])
    engine.dispose()


def _changed(reports: Reports, release: str) -> list[dict[str, Any]]:
    found = reports.of(release)
    assert found
    return list(found.report["changed"])
