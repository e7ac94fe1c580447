"""The evaluation's figures, on a corpus small enough to count by hand."""

import json
from pathlib import Path

import pytest

from faq.encoder import HashingEncoder
from faq.entry import Draft
from faq.fitting.observe import Corpus, own_wordings
from faq.measure import BadQuestions, Trial, evaluate, read_revisions, read_trials
from faq.policy import Thresholds
from tests.faq.town import TOWN


def lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    rows = [{"id": r.entry.upper(), "question": r.texts["de"].question, "answer": r.texts["de"].answer} for r in TOWN]
    return lines(tmp_path / "faq.jsonl", rows)


def test_figures(tmp_path: Path, faq: Path) -> None:
    asked = lines(
        tmp_path / "queries.jsonl",
        [
            {"query": "Wie melde ich meinen Hund an?", "relevant_ids": ["HUND-ANMELDEN"]},
            {"query": "Sperrmüll", "relevant_ids": ["SPERRMUELL", "HEIRATEN"], "lang": "de"},
            {"query": "Sperrmüll", "relevant_ids": ["KITA-PLATZ"]},
        ],
    )
    outside = lines(tmp_path / "oos.jsonl", [{"query": "Spiel Musik von Bach", "lang": "de"}])
    found = evaluate(faq, asked, outside, encoder=HashingEncoder(), thresholds=Thresholds(0, 0, 0))
    assert (found["n"], found["recall@1"], found["answered"], found["oos_answered"]) == (3, 0.6667, 1, 1)
    assert found["answered_right"] == 0.6667
    assert found["recall@1"] <= found["recall@3"] <= found["recall@5"]
    assert 0.6667 <= found["mrr@10"] <= 1
    assert found["latency_ms"]["p50"] <= found["latency_ms"]["p95"]
    asking = evaluate(faq, asked, encoder=None, thresholds=Thresholds(1.1, 0, 0))
    assert (asking["answered"], asking["clarified"], asking["withheld"], asking["oos_answered"]) == (0, 1, 0, None)
    assert asking["words_only"]
    shipped = evaluate(faq, asked, encoder=HashingEncoder())
    assert shipped["answered"] + shipped["clarified"] + shipped["withheld"] == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{", "1: is no"),
        ('{"relevant_ids": []}', "1: is no"),
        ('{"query": "x", "relevant_ids": ["nope"]}', "nope"),
        ("", "no questions"),
    ],
)
def test_bad_questions(tmp_path: Path, faq: Path, row: str, says: str) -> None:
    asked = tmp_path / "queries.jsonl"
    asked.write_text(row, encoding="utf-8")
    with pytest.raises(BadQuestions, match=says):
        evaluate(faq, asked, encoder=None)
    with pytest.raises(BadQuestions, match="cannot be read"):
        evaluate(tmp_path / "none.jsonl", asked, encoder=None)


def test_lines_end_with_a_line_feed_and_nowhere_else(tmp_path: Path, faq: Path) -> None:
    first = '{"query": "Sperrmüll\u2028\u2029\x85anmelden", "relevant_ids": ["SPERRMUELL"]}'
    asked = tmp_path / "queries.jsonl"
    asked.write_bytes(f"\ufeff{first}\r\n\r\n{first}".encode())
    known = {revision.entry for revision in read_revisions(faq)}
    assert [trial.query for trial in read_trials(asked, known)] == ["Sperrmüll\u2028\u2029\x85anmelden"] * 2
    entries = tmp_path / "entries.jsonl"
    row = '{"id": "a", "question": "Was\u2028nun?", "answer": "Nichts\x85."}'
    entries.write_bytes(f"{row}\n".encode())
    assert [revision.text("de").question for revision in read_revisions(entries)] == ["Was\u2028nun?"]


@pytest.mark.parametrize(("encoding", "line"), [("latin-1", 2), ("utf-16", 1)])
def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path: Path, encoding: str, line: int) -> None:
    row = '{"query": "%s", "relevant_ids": ["SPERRMUELL"]}\n'
    asked = tmp_path / "queries.jsonl"
    asked.write_bytes((row % "Sofa").encode(encoding) + (row % "Sperrmüll").encode(encoding))
    with pytest.raises(BadQuestions, match=rf"queries\.jsonl:{line}: is not UTF-8"):
        list(read_trials(asked, {"SPERRMUELL"}))


def test_a_wording_taken_out_is_not_in_the_corpus() -> None:
    draft = Draft("hund", TOWN[2].content)
    corpus: Corpus = own_wordings("town", [draft], 0)
    assert corpus.trials == [Trial("hundesteuer", frozenset(["hund"]), "de")]
    assert corpus.revisions[0].texts["de"].variants == ()
