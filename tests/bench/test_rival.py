"""What the stock Rasa learns: every entry of the sample town, every intent, and nothing from beside the checkout."""

import json
from pathlib import Path

import pytest
import yaml

from bot.composition import SAMPLE_TOWN
from faq.entry import Draft
from faq.sources.yaml_corpus import read
from nlu.profiles import LANGUAGES_DIR
from nlu.training import read_examples
from tests.bench import questions
from tests.bench.growth_faq import measure
from tests.bench.rival import LEFT_OUT, files

QUESTION = "wo wohnt der Zauberwürfel"


def test_every_entry_and_every_intent_has_its_answer() -> None:
    made = {name: yaml.safe_load(text) for name, text in files().items()}
    domain, data = made["domain.yml"], made["data/nlu.yml"]["nlu"]
    entries = {d.entry for d in read(SAMPLE_TOWN) if isinstance(d, Draft)}
    intents = set(read_examples(LANGUAGES_DIR / "de" / "examples.yml")) - LEFT_OUT
    assert {row["intent"] for row in data if "intent" in row} == intents | {f"faq/{e}" for e in entries}
    assert {f"utter_faq/{e}" for e in entries} | {f"utter_{i}" for i in intents} <= set(domain["responses"])
    ruled = {rule["steps"][0]["intent"] for rule in made["data/rules.yml"]["rules"]}
    assert ruled == intents | {"faq", "nlu_fallback"} == {*domain["intents"], "nlu_fallback"}
    names = [step["name"] for step in made["config.yml"]["pipeline"]]
    assert {"DIETClassifier", "ResponseSelector", "FallbackClassifier"} <= set(names)


def test_it_learns_nothing_from_beside_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in questions.FOREIGN:
        (tmp_path / name).mkdir()
        (tmp_path / name / "queries.jsonl").write_text(json.dumps({"query": QUESTION, "lang": "de"}), "utf-8")
    monkeypatch.setattr(questions, "DATA", tmp_path)
    some = questions.Questions()
    assert QUESTION in {some.any() for _ in range(some.count)}
    assert not any(QUESTION in text for text in files().values())


def test_growth_of_the_faq_is_measured() -> None:
    found = measure(30, 6)
    assert found["entries"] == 30
    search = found["search_ms"]
    assert isinstance(search, dict)
    assert search["n"] == 6
    assert search["p95"] >= search["p50"] > 0
