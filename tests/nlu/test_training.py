"""Examples become training data and models, without Rasa: a small program plays Rasa's Python."""

import json
import multiprocessing
import os
import stat
from pathlib import Path

import pytest
import yaml

from nlu.examples import read_examples, unmarked
from nlu.phrases import tokenise
from nlu.profiles import LANGUAGES_DIR
from nlu.rasa_training import RASA_DIR, plain, write_data
from nlu.report import read_lines, score
from nlu.training import TrainingFailed, ensure_model, intents_report, model_key, rasa_command, training_data
from nlu.understand import ENTITIES, INTENTS

NAMES = {"office": ["Bürgeramt", "Rathaus"], "district": ["Südstadt"]}

# Plays `python -m rasa train nlu …` and parse_batch.py: the "model" is the data it was given, each text gets the
# intent whose example it equals. Counts its trainings in a file beside it.
RASA = """#!{python}
import json, os, pathlib, sys, time
here, argv = pathlib.Path(__file__), sys.argv[1:]
here.with_name("knows").write_text(json.dumps(dict(os.environ)))
if "train" in argv:
    with here.with_name("trained").open("a") as counted:
        counted.write("x")
    if here.with_name("fail").exists():
        print("something is wrong with the data")
        sys.exit(1)
    time.sleep(0.3)
    out = pathlib.Path(argv[argv.index("--out") + 1]) / "model.tar.gz"
    out.write_bytes(pathlib.Path(argv[argv.index("--nlu") + 1]).read_bytes())
else:
    import yaml
    model, texts, out = argv[-3:]
    data = yaml.safe_load(open(model))
    known = {{l[2:]: e["intent"] for e in data["nlu"] if "intent" in e for l in e["examples"].splitlines()}}
    with open(out, "w") as found:
        for line in open(texts):
            intent = known.get(json.loads(line), "intent0")
            found.write(json.dumps({{"ranking": [[intent, 0.9]], "entities": [], "ms": 1.0}}) + "\\n")
"""


@pytest.fixture
def rasa_python(tmp_path: Path) -> Path:
    import sys

    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text(RASA.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.fixture
def languages(tmp_path: Path) -> Path:
    folder = tmp_path / "languages"
    for code, lines in {"de": ["hallo", "wo ist das [bürgeramt](office)?"], "en": ["hello", "💥 ok: #1"]}.items():
        (folder / code).mkdir(parents=True)
        text = yaml.safe_dump({"language": code, "intents": {"greet": lines}}, allow_unicode=True)
        (folder / code / "examples.yml").write_text(text, encoding="utf-8")
    return folder


def trainings(rasa_python: Path) -> int:
    counted = rasa_python.with_name("trained")
    return len(counted.read_text()) if counted.exists() else 0


def test_examples_of_all_languages_and_names_of_the_town_come_back_from_the_data(
    languages: Path, tmp_path: Path
) -> None:
    data = yaml.safe_load(training_data(languages, tmp_path / "out", NAMES).read_text(encoding="utf-8"))
    assert set(data) == {"version", "nlu"}
    lines = {entry["intent"]: entry["examples"].splitlines() for entry in data["nlu"] if "intent" in entry}
    assert lines == {"greet": ["- hallo", "- wo ist das [bürgeramt](office)?", "- hello", "- 💥 ok: #1"]}
    lookups = {entry["lookup"]: entry["examples"].splitlines() for entry in data["nlu"] if "lookup" in entry}
    assert lookups == {"office": ["- Bürgeramt", "- Rathaus"], "district": ["- Südstadt"]}


@pytest.mark.parametrize("path", sorted(LANGUAGES_DIR.glob("*/examples.yml")), ids=lambda path: path.parent.name)
def test_the_shipped_examples_are_ready_to_learn_from(path: Path) -> None:
    import re

    examples, trials = read_examples(path), read_examples(path.with_name("trials.yml"))
    assert set(examples) <= set(INTENTS)
    assert set(trials) <= set(INTENTS)
    assert min(map(len, examples.values())) >= 25
    kinds = {kind for lines in examples.values() for line in lines for kind in re.findall(r"\]\(([^)]*)\)", line)}
    assert kinds <= set(ENTITIES)
    learned = {unmarked(line).casefold() for lines in examples.values() for line in lines}
    asked = {unmarked(line).casefold() for lines in trials.values() for line in lines}
    assert learned & asked == set(), "a trial that was learned says nothing"


def test_no_example_teaches_two_intents() -> None:
    taught: dict[str, set[str]] = {}
    for path in LANGUAGES_DIR.glob("*/examples.yml"):
        for intent, lines in read_examples(path).items():
            for line in lines:
                plain_words = [word.text for word in tokenise(unmarked(line))]
                taught.setdefault(" ".join(plain_words) or line, set()).add(intent)
    assert {said: intents for said, intents in taught.items() if len(intents) > 1} == {}


def test_no_shipped_data_has_a_key_that_rasa_would_train_on() -> None:
    for path in LANGUAGES_DIR.glob("*/*.yml"):
        keys = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert not {"nlu", "responses", "version"} & set(keys), path


def test_a_key_changes_with_data_and_pipeline_and_with_nothing_else(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for path in (*RASA_DIR.glob("stadtbote_*.py"), RASA_DIR / "config.yml", RASA_DIR / "requirements.txt"):
        (project / path.name).write_text(path.name)
    data = write_data({"greet": ["hallo"]}, tmp_path / "nlu.yml")
    first = model_key(data, project)
    assert model_key(data, project) == first
    (project / "config.yml").write_text("another pipeline")
    second = model_key(data, project)
    write_data({"greet": ["hallo", "hi"]}, data)
    third = model_key(data, project)
    assert len({first, second, third, model_key(data, project, "an encoder")}) == 4
    for path in project.iterdir():
        before = model_key(data, project)
        path.write_text("changed")
        assert model_key(data, project) != before, path.name


def test_a_model_is_trained_once_and_kept(languages: Path, tmp_path: Path, rasa_python: Path) -> None:
    said: list[str] = []
    first = ensure_model(tmp_path / "cache", rasa_python, said.append, NAMES, languages)
    assert said
    assert ensure_model(tmp_path / "cache", rasa_python, said.append, NAMES, languages) == first
    assert trainings(rasa_python) == 1
    ensure_model(tmp_path / "cache", rasa_python, said.append, {"office": ["Bürgerhaus"]}, languages)
    assert trainings(rasa_python) == 2
    assert first.exists(), "yesterday's model is kept for a change back"
    assert sorted(path.suffix for path in first.parent.iterdir()) == [".gz", ".gz", ".lock"]


def test_a_training_learns_no_secret_of_ours(
    languages: Path, tmp_path: Path, rasa_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STADTBOTE_TELEGRAM_TOKEN", "STADTBOTE_DATABASE_URL", "PGPASSWORD", "HF_TOKEN"):
        monkeypatch.setenv(name, "geheim")
    assert ensure_model(tmp_path / "cache", rasa_python, print, NAMES, languages).exists()
    knows = json.loads(rasa_python.with_name("knows").read_text())
    assert "geheim" not in knows.values()
    assert (knows["PATH"], knows["RASA_TELEMETRY_ENABLED"]) == (os.environ["PATH"], "false")


def test_a_failed_training_says_why_and_leaves_nothing(languages: Path, tmp_path: Path, rasa_python: Path) -> None:
    rasa_python.with_name("fail").touch()
    with pytest.raises(TrainingFailed, match="something is wrong with the data"):
        ensure_model(tmp_path / "cache", rasa_python, print, NAMES, languages)
    assert list((tmp_path / "cache" / "nlu").glob("*.tar.gz")) == []
    rasa_python.with_name("fail").unlink()
    assert ensure_model(tmp_path / "cache", rasa_python, print, NAMES, languages).exists()


def test_a_missing_python_is_a_failed_training(languages: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="does not start"):
        ensure_model(tmp_path / "cache", tmp_path / "no-python", print, NAMES, languages)


def _train(cache: Path, rasa_python: Path, languages: Path) -> None:
    ensure_model(cache, rasa_python, print, NAMES, languages)


def test_two_starts_at_once_train_once(languages: Path, tmp_path: Path, rasa_python: Path) -> None:
    context = multiprocessing.get_context("spawn")
    starts = [context.Process(target=_train, args=(tmp_path / "cache", rasa_python, languages)) for _ in range(2)]
    for start in starts:
        start.start()
    for start in starts:
        start.join(60)
    assert [start.exitcode for start in starts] == [0, 0]
    assert trainings(rasa_python) == 1


def test_the_token_is_not_on_the_command_line(tmp_path: Path) -> None:
    command, environment = rasa_command(tmp_path / "m.tar.gz", 5005, "a secret token of length", Path("/python"))
    assert not any("secret" in part for part in command)
    assert environment["STADTBOTE_RASA_TOKEN"] == "a secret token of length"
    assert environment["STADTBOTE_RASA_PORT"] == "5005"
    assert Path(command[-1]) == RASA_DIR / "serve.py"


def test_the_report_counts_what_was_confused(tmp_path: Path, rasa_python: Path) -> None:
    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    lines = [("hallo", "chat/greet"), ("wetter", "weather/find"), ("[x](y) -", "other")]
    train.write_text("".join(json.dumps({"text": t, "intent": i}) + "\n" for t, i in lines))
    asked = [
        ("hallo", "chat/greet"),
        ("wetter", "weather/find"),
        ("[x](y) -", "other"),
        ("nie gesehen", "weather/find"),
    ]
    test.write_text("".join(json.dumps({"text": t, "intent": i}) + "\n" for t, i in asked) + "\n")
    report = intents_report(train, test, rasa_python, tmp_path / "cache")
    assert (report["n"], report["accuracy"]) == (4, 0.75)
    assert report["confusions"] == [{"intent": "weather/find", "found": "chat/greet", "n": 1}]
    assert report["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert list((tmp_path / "cache").iterdir()) == [], "nothing is kept"


@pytest.mark.parametrize("line", ["no json", "[]", '{"text": "x"}', ""])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(TrainingFailed, match=r"lines\.jsonl"):
        read_lines(path)


def test_lines_are_read_as_they_were_written_and_another_encoding_is_named(tmp_path: Path) -> None:
    row = '{"text": "Grüße\u2028aus\x85Köln", "intent": "greet"}\n'
    path = tmp_path / "lines.jsonl"
    path.write_bytes(("\ufeff" + row + row).encode())
    assert read_lines(path) == [("Grüße\u2028aus\x85Köln", "greet")] * 2
    path.write_bytes(b'{"text": "hallo", "intent": "greet"}\n{"text": "Gr\xfc\xdfe", "intent": "greet"}\n')
    with pytest.raises(TrainingFailed, match=r"lines\.jsonl:2 is not UTF-8"):
        read_lines(path)


def test_scores_of_a_perfect_and_an_empty_guess() -> None:
    assert score(["a", "b"], ["a", "b"])["macro_f1"] == 1
    assert score(["a", "b"], ["", ""])["accuracy"] == 0


def test_plain_text_holds_no_marks_and_no_lines() -> None:
    assert plain(" [a](b)\n- c\t") == "(a)(b) - c"


def test_serving_refuses_a_missing_model_and_a_short_token(tmp_path: Path) -> None:
    import subprocess
    import sys

    def serve(**settings: str) -> str:
        env = {**os.environ, **settings}
        done = subprocess.run(
            [sys.executable, str(RASA_DIR / "serve.py")], env=env, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 1
        return done.stderr

    token = "long enough a token"
    assert "is not a file" in serve(STADTBOTE_RASA_MODEL=str(tmp_path / "none"), STADTBOTE_RASA_TOKEN=token)
    model = tmp_path / "model.tar.gz"
    model.touch()
    assert "16 characters" in serve(STADTBOTE_RASA_MODEL=str(model), STADTBOTE_RASA_TOKEN="short")
