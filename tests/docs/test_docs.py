"""Docs that cannot lie: made pages are fresh, every key that the code says has its words, every setting is known."""

import importlib.util
import re
from pathlib import Path

import pytest

from bot.judging.handing import WHY
from bot.phrasebook import load_languages

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = load_languages()
COMPLETE = ("de", "en")
TEXTS = frozenset({".md", ".yml", ".html", ".css", ".js", ".lua", ".toml"})
MERGED = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)


def test_made_pages_are_fresh() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert generate.stale() == [], "run `make docs`"


def test_every_key_that_the_dialogue_says_has_words_in_every_complete_language() -> None:
    folders = ("bot", "bot/judging", "bot/offices")
    code = "\n".join(p.read_text("utf-8") for folder in folders for p in (ROOT / folder).glob("*.py"))
    said = r'(?:Reply|said|offer|which|clarify)\(\s*(?:[^()"]*(?:\([^()]*\))?[^()"]*, )?"([a-z_.]+)"'
    named = set(re.findall(said, code)) | set(WHY.values())
    # Composed from entries, facts, office data and a clerk's own words.
    named -= {"answer", "answer.by_clerk", "follow_up", "clerk", "hours"}
    assert len(named) > 25
    for code_ in COMPLETE:
        missing = {key for key in named if key not in LANGUAGES[code_].replies}
        assert not missing, f"{code_}: {sorted(missing)}"


@pytest.mark.parametrize("code", COMPLETE)
def test_languages_have_the_same_keys_and_placeholders(code: str) -> None:
    german, other = LANGUAGES["de"], LANGUAGES[code]
    assert set(other.replies) == set(german.replies)
    assert set(other.labels) == set(german.labels)
    for key, text in german.replies.items():
        if text:
            assert set(re.findall(r"\{(\w+)\}", other.replies[key])) == set(re.findall(r"\{(\w+)\}", text)), key


def test_no_page_bears_the_marks_of_a_merge() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(p for p in (ROOT / "docs").rglob("*.md"))]
    pages += [p for folder in ("bot", "nlu", "faq", "deploy") for p in (ROOT / folder).rglob("*") if p.suffix in TEXTS]
    assert len(pages) > 100
    marked = [str(page.relative_to(ROOT)) for page in pages if MERGED.search(page.read_text("utf-8"))]
    assert not marked


def test_no_yaml_beside_rasa_has_a_key_that_rasa_would_train_on() -> None:
    for path in (ROOT / "nlu").rglob("*.yml"):
        top = re.findall(r"^(\w+):", path.read_text("utf-8"), re.MULTILINE)
        assert not {"nlu", "responses", "rules", "stories"} & set(top), path
