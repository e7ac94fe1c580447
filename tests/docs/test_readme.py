"""README and docs name nothing that is not there: commands, settings, files, pages, pictures, examples, figures."""

import argparse
import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from bot.__main__ import ACTIONS
from bot.channels.commands import ALIASES
from bot.commands.parser import parser
from bot.console.accounts import Role
from bot.message import DeliveryState
from bot.settings import OTHERS, PREFIX, Settings
from faq.entry import Draft, validate
from faq.sources import read
from nlu.understand import INTENTS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES.append(ROOT / "deploy" / "runbook.md")
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
ROOMS = ("bot", "nlu", "faq", "docs", "tests", "deploy", ".ci")
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
STAND_INS = {"ROLE": "clerk"}
THEIRS = {"/newbot", "/revoke", "/setuserpic", "/setdescription", "/model/parse"}  # BotFather's and Rasa's


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of that language."""
    return [body for _, kind, body in FENCE.findall(text_of(name)) if kind == language]


def code(name: str) -> list[str]:
    """Every code span, and every line of a fenced block."""
    text = text_of(name)
    lines = [line.strip() for _, _, body in FENCE.findall(text) for line in body.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


def settings() -> set[str]:
    return {PREFIX + f.name.upper() for f in fields(Settings)} | OTHERS


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))


def routes() -> set[str]:
    """Every address that a route of the product names."""
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py"))
    return {found.replace("{ROOT}", "/console") for found in re.findall(r'"((?:/|\{ROOT\})[^"\s]*)"', sources)}


def commands(name: str) -> Iterator[list[str]]:
    """The words after `stadtbote` of every command line that the page shows."""
    for line in code(name):
        found = re.search(r"(?:^|bin/)stadtbote (?=[a-z-])(.*)", line)
        if found:
            yield shlex.split(found[1], comments=True)


def understood(words: list[str]) -> bool:
    """Would the command line take these words?"""
    try:
        parser().parse_args([STAND_INS.get(word, word) for word in words])
    except SystemExit as left:
        return left.code == 0
    return True


@pytest.mark.parametrize("name", NAMES)
def test_settings_exist(name: str) -> None:
    named = set(re.findall(r"STADTBOTE_[A-Z0-9_]+", text_of(name)))
    assert named <= settings()


@pytest.mark.parametrize("name", NAMES)
def test_make_targets_exist(name: str) -> None:
    named = {target for line in code(name) for target in re.findall(r"^make ([a-z]+)", line)}
    assert named <= targets()


@pytest.mark.parametrize("name", NAMES)
def test_commands_are_understood(name: str) -> None:
    unknown = [" ".join(words) for words in commands(name) if not understood(words)]
    assert unknown == []


def test_the_table_of_commands_is_whole() -> None:
    section = text_of("README.md").split("\n## Commands\n")[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    listed = [shlex.split(span) for row in rows for span in re.findall(r"`([^`]+)`", row)]
    assert [words for words in listed if not understood(words)] == []
    assert {words[0] for words in listed} == {*ACTIONS, "web", "worker", "clock"} - {
        "job"
    }  # which workers call, and nobody else


@pytest.mark.parametrize("name", NAMES)
def test_paths_exist(name: str) -> None:
    looks = re.compile(rf"(?:{'|'.join(map(re.escape, ROOMS))})(?:/[\w.*-]+)+/?|Makefile|pyproject\.toml")
    named = {span for span in re.findall(r"`([^`\n]+)`", text_of(name)) if looks.fullmatch(span)}
    missing = [path for path in sorted(named) if not any(ROOT.glob(path.rstrip("/")))]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    text = text_of(name)
    headings = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", text, re.M)}
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text)):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif not re.match(r"https?:|mailto:|tel:", target):
            assert ((ROOT / name).parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("name", NAMES)
def test_addresses_and_chat_commands_exist(name: str) -> None:
    spans = re.findall(r"`(?:GET |POST )?(/[\w./-]*)`", text_of(name))
    spans += re.findall(r"`http://127\.0\.0\.1:8080(/[\w./-]*)`", text_of(name))
    known = routes() | THEIRS | {f"/{alias}" for alias in ALIASES}
    assert {span for span in spans if not span.startswith(("/path", "/opt", "/etc", "/var"))} <= known


def test_the_example_of_ask_is_json_as_ask_writes_it() -> None:
    (block,) = [body for body in blocks("README.md", "") if "stadtbote ask" in body]
    example = json.loads(block.split("\n", 1)[1])
    keys = {key for found in re.findall(r"async def describe.*?^class", text_of("bot/ask.py"), re.S | re.M)
            for key in re.findall(r'"(\w+)":', found)}  # fmt: skip
    told = set(example) | set(example["ranking"][0]) | set(example["understanding"])
    told |= {key for listed in example["understanding"]["ranking"] for key in listed}
    assert told <= keys
    assert set(example) - {"release"} == {
        "question", "language", "decision", "words_only", "thresholds", "fitted", "ranking", "options",
        "understanding",
    }  # fmt: skip


def test_the_figures_are_those_that_were_measured() -> None:
    lines = [line.split("|")[1:-1] for line in text_of("docs/evaluation.md").splitlines() if line.startswith("| ")]
    (head,) = [[cell.strip() for cell in line] for line in lines if " recall@1 " in line and " precision " in line]
    measured = {line[0].strip(): dict(zip(head, line, strict=True)) for line in lines if len(line) == len(head)}
    rows = re.findall(r"^\| .*\(`([\w -]+)`\) \| (.+) \|$", text_of("README.md"), re.MULTILINE)
    assert len(rows) == 4
    for name, cells in rows:
        right = [float(measured[name][column]) for column in ("recall@1", "recall@3", "answered", "precision")]
        said = [float(cell) for cell in cells.split("|")]
        assert said == pytest.approx(right, abs=0.006), f"README says {said} of {name}, measured is {right}"


def test_what_readme_counts() -> None:
    text = " ".join(text_of("README.md").split())
    drafts = [item for item in read(ROOT / "faq" / "corpora" / "lindenfurt") if isinstance(item, Draft)]
    languages = Counter(language for draft in drafts for language in draft.content.texts)
    assert f"{len(drafts)} entries" in text
    assert f"{languages['en']} also in English" in text
    assert f"{len(INTENTS)} intents" in text


def test_roles_and_delivery_states_are_all_told() -> None:
    told = re.findall(r"^\| `(\w+)` \|", text_of("README.md"), re.MULTILINE)
    assert set(Role) <= set(told)
    states = re.findall(r"`(\w+)`", text_of("docs/architecture.md"))
    assert set(DeliveryState) <= set(states)


def test_the_examples_of_entries_can_be_read(tmp_path: Path) -> None:
    (entries,) = blocks("docs/corpus.md", "yaml")
    (line,) = blocks("docs/corpus.md", "json")
    (tmp_path / "ausweise.yml").write_text(entries, "utf-8")
    (tmp_path / "ausweise.jsonl").write_text(line, "utf-8")
    for path in tmp_path.iterdir():
        for item in read(path):
            assert isinstance(item, Draft), item
            assert [problem for problem in validate(item) if problem.blocks] == []


def test_every_column_of_a_table_is_told() -> None:
    columns = yaml.safe_load(text_of("faq/sources/columns.yml"))
    text = text_of("docs/corpus.md")
    assert [names[0] for names in columns.values() if names[0] not in text] == []


def test_the_command_line_itself_is_what_is_tested() -> None:
    assert isinstance(parser(), argparse.ArgumentParser)
    assert not understood(["no-such-command"])
