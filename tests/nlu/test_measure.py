"""The figures of `make eval`, from a small program that plays Rasa's Python."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import nlu
from nlu.examples import Trial
from nlu.measure import cost, figures, lines, measure
from nlu.pipelines import pipelines

# Each text gets the intent whose example shares its first word; without one it is unsure of greet.
RASA = """#!{python}
import json, pathlib, sys, yaml
argv = sys.argv[1:]
def known(model):
    lines = [(l[2:], e["intent"]) for e in yaml.safe_load(open(model))["nlu"] if "intent" in e
             for l in e["examples"].splitlines()]
    return {{text.split()[0]: intent for text, intent in lines}}
def after(name):
    return pathlib.Path(argv[argv.index(name) + 1])
if "train" in argv:
    (after("--out") / "model.tar.gz").write_bytes(after("--nlu").read_bytes())
elif "test" in argv:
    after("--out").mkdir()
    told = known(after("--model"))
    asked = yaml.safe_load(after("--nlu").open())["nlu"]
    right = [told.get(l[2:].split()[0]) == e["intent"] for e in asked for l in e["examples"].splitlines()]
    report = {{"accuracy": sum(right) / len(right), "macro avg": {{"f1-score": 0.5}}}}
    (after("--out") / "intent_report.json").write_text(json.dumps(report))
elif "cross_validate.py" in " ".join(argv):
    given = json.load(open(argv[-2]))
    json.dump([[intent, 0.8] for intent in given["intents"]], open(argv[-1], "w"))
else:
    told = known(argv[-3])
    with open(argv[-1], "w") as out:
        for line in open(argv[-2]):
            intent = told.get(json.loads(line).split()[0])
            found = {{"ranking": [[intent or "greet", 0.9 if intent else 0.1]], "unsure": intent is None}}
            out.write(json.dumps({{**found, "entities": [], "ms": 2.0, "cpu_ms": 1.5, "mb": 500.4}}) + "\\n")
"""

EXAMPLES = {
    "de": {"greet": ["hallo du", "moin"], "faq_question": ["ausweis weg"], "out_of_scope": ["wetter heute"]},
    "en": {"greet": ["hello you"], "faq_question": ["passport"], "out_of_scope": ["weather now"]},
}
TRIALS = {
    "de": {"greet": ["hallo ihr", "servus"], "faq_question": ["ausweis her"], "out_of_scope": ["wetter morgen"]},
    "en": {"greet": ["hello"], "faq_question": ["weather office"], "out_of_scope": ["football"]},
}


@pytest.fixture
def rasa_python(tmp_path: Path) -> Path:
    program = tmp_path / "python"
    program.write_text(RASA.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.fixture
def languages(tmp_path: Path) -> Path:
    folder = tmp_path / "languages"
    for name, data in (("examples", EXAMPLES), ("trials", TRIALS)):
        for code, intents in data.items():
            (folder / code).mkdir(parents=True, exist_ok=True)
            (folder / code / f"{name}.yml").write_text(yaml.safe_dump({"language": code, "intents": intents}))
    return folder


def test_every_pipeline_is_measured_on_the_trials(rasa_python: Path, languages: Path, tmp_path: Path) -> None:
    said: list[str] = []
    found = measure(
        rasa_python,
        tmp_path / "cache",
        said.append,
        outside=["wetter", "fußball"],
        inside=["ausweis", "moin"],
        full=True,
        languages_dir=languages,
    )
    assert set(found["pipelines"]) == {*pipelines(), "a model a language"}
    shipped = found["pipelines"]["shipped"]
    # Right are hallo, servus (a guess that is not believed), ausweis, wetter; hello, but neither weather nor football.
    assert shipped["de"] == {"n": 4, "accuracy": 1, "macro_f1": 1}
    assert shipped["en"]["accuracy"] == pytest.approx(1 / 3)
    assert shipped["believed"] == {"kept": 5 / 7, "right": 4 / 5}
    assert shipped["outside"] == {"recall": 1, "refused": 1 / 5, "unsure": 1 / 5}
    assert shipped["outside_sets"] == {"recall": 1, "refused": 0, "unsure": 0}
    assert (shipped["ms"], shipped["cpu_ms"], shipped["memory_mb"]) == (2, 1.5, 500)
    assert "train_s" not in shipped, "it is the one from the cache"
    assert found["pipelines"]["letters"]["train_s"] >= 0
    assert found["rasa_test"]["n"] == 7
    assert found["fallback"]["threshold"] == 0
    assert found["fallback"]["accuracy"] == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["nlu"], "only the shipped model stays"
    assert "pipeline diet" in said
    table = "\n".join(lines(found))
    assert "| shipped | 1.000 | 1.000 | 0.333 | " in table
    assert all(f"| {name} | " in table for name in found["pipelines"])
    assert "`rasa test nlu` on 7 trials" in table
    assert "threshold 0.000" in table


def test_the_quick_measurement_is_of_the_shipped_pipeline_alone(
    rasa_python: Path, languages: Path, tmp_path: Path
) -> None:
    found = measure(rasa_python, tmp_path / "cache", lambda _: None, languages_dir=languages)
    assert set(found) == {"pipelines", "rasa_test"}
    assert set(found["pipelines"]) == {"shipped"}
    assert "outside_sets" not in found["pipelines"]["shipped"]


def test_a_doubt_is_no_belief() -> None:
    lines = [{"ranking": [["a", 0.1]], "unsure": True, "ms": 1, "cpu_ms": 1, "mb": 1}]
    found = figures([Trial("x", "a", "de")], lines)
    assert (found["all"]["accuracy"], found["believed"]["kept"]) == (1, 0)


def parsed(*told: float, **weighs: float) -> list[dict[str, float]]:
    lines = [{"ms": one, "cpu_ms": one, "mb": 100 * one} for one in told]
    return [{**lines[0], **weighs}, *lines[1:]]


def test_models_that_serve_together_are_paid_for_together() -> None:
    one = parsed(90, 2, 2, model_mb=2.4, train_s=60)
    other = parsed(80, 4, model_mb=1.2, train_s=30)
    found = cost([one, other])
    assert (found["memory_mb"], found["model_mb"], found["train_s"]) == (17_000, 3.6, 90)
    assert found["cpu_ms"] == round((2 + 2 + 4) / 3, 2), "each process' first text pays for its start"
    assert found["ms"] == 4
    assert cost([one])["memory_mb"] == 9000
    assert "model_mb" not in cost([parsed(1, 2)])


def test_a_model_a_language_costs_what_both_cost(rasa_python: Path, languages: Path, tmp_path: Path) -> None:
    found = measure(rasa_python, tmp_path / "cache", lambda _: None, full=True, languages_dir=languages)["pipelines"]
    apart, shipped = found["a model a language"], found["shipped"]
    assert (apart["memory_mb"], shipped["memory_mb"]) == (1001, 500)
    assert apart["all"]["n"] == shipped["all"]["n"] == 7
    assert {code: apart[code]["n"] for code in ("de", "en")} == {"de": 4, "en": 3}


def test_memory_is_that_of_the_process_and_not_of_who_started_it() -> None:
    """A program that holds 300 MB starts one that holds next to nothing."""
    folder = Path(nlu.__file__).parent / "rasa"
    inner = "from held import held; print(held())"
    outer = "import subprocess, sys; much = bytearray(300_000_000); much[::4096] = b'x' * len(much[::4096]); "
    outer += f"print(subprocess.run([sys.executable, '-c', {inner!r}], capture_output=True, text=True).stdout)"
    done = subprocess.run([sys.executable, "-c", outer], capture_output=True, text=True, cwd=folder, check=True)
    assert 1 < float(done.stdout) < 200
