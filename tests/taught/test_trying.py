"""Before a release with other examples is published: trained, tried beside what is live, and judged."""

import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.jobs.kinds import KINDS, JobFailed, Work
from bot.settings import Settings
from bot.taught import trying
from bot.taught.proving import with_understanding
from bot.taught.trying import tried
from faq.examples.reports import Reports
from faq.examples.revisions import Examples
from faq.jobs import Jobs
from faq.proving.prove import Proof
from faq.releases import Releases
from faq.schema import open_database
from nlu.examples import Trial, read_trials
from nlu.profiles import LANGUAGES_DIR
from nlu.trying import compared, key_of
from tests.nlu.test_training import RASA, trainings

TRIALS = (
    Trial("hallöchen", "greet", "de"),
    Trial("hi", "greet", "en"),
    Trial("danke", "thanks", "de"),
    Trial("feuer!", "emergency", "de"),
)


def verdict(before: str, after: str) -> str:
    """g, t and e for the intents found, trial by trial."""
    intents = {"g": "greet", "t": "thanks", "e": "emergency"}
    return compared(("a", "b"), TRIALS, [intents[x] for x in before], [intents[x] for x in after]).verdict


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("ggte", "ggte", "same"),
        ("ttte", "gtte", "better"),
        ("ggte", "gtte", "worse"),
        ("tgte", "gtte", "worse"),  # won in German, lost in English
        ("tgte", "ggge", "same"),  # one for another, in one language
        ("tgtt", "ggtt", "better"),
        ("ttte", "ggtt", "worse"),  # two won, but an alarm is lost
        ("ggtg", "ggtt", "same"),  # wrong in another way
    ],
)
def test_worse_is_less_in_a_language_or_an_alarm_unheard(before: str, after: str, said: str) -> None:
    assert verdict(before, after) == said


def test_what_is_told() -> None:
    found = compared(
        ("a", "b"), TRIALS, ["thanks", "greet", "thanks", "greet"], ["greet", "thanks", "thanks", "thanks"]
    )
    assert ([one.text for one in found.won], [one.text for one in found.lost]) == (["hallöchen"], ["hi"])
    assert found.before["de"] == {"n": 3, "accuracy": pytest.approx(1 / 3), "macro_f1": pytest.approx(2 / 9)}
    assert found.after["de"]["accuracy"] == pytest.approx(2 / 3)
    assert found.after["all"]["n"] == 4
    assert type(found).read(found.json()) == found
    assert key_of(TRIALS) != key_of(TRIALS[1:])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With a small program that plays Rasa's Python (see tests/nlu/test_training.py)."""
    program = tmp_path / "python"
    program.write_text(RASA.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    # Another encoder than the shipped one: no vectors are made.
    return replace(Settings(), home=tmp_path, cache=tmp_path / "cache", rasa_python=str(program), encoder="none/at-all")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/town.sqlite")
    yield engine
    engine.dispose()


def taught(engine: Engine, intent: str, line: str) -> str:
    examples = Examples(engine)
    return examples.save("de", intent, [line], "eda", "", examples.head().number, lambda a, b: None).name


def test_a_model_is_trained_and_tried_once(settings: Settings, engine: Engine) -> None:
    trial = read_trials(LANGUAGES_DIR)[0]
    name, steps = taught(engine, trial.intent, trial.text), set()
    found = tried(settings, engine, name, "", lambda step, share: steps.add(step))
    assert found
    # The program understands what it learned, word by word: no page would let somebody teach it a trial.
    assert [one.text for one in found.won] == [trial.text]
    assert (found.verdict, found.lost) == ("better", ())
    assert steps == {"jobs.step.training", "jobs.step.understanding"}
    python = Path(settings.rasa_python)
    assert trainings(python) == 2
    (settings.cache / "nlu" / f"{found.models[1]}.tar.gz").exists()
    for kept in (settings.cache / "nlu").glob("*.json"):
        kept.unlink()
    assert tried(settings, engine, name, "", lambda step, share: None) == found
    assert trainings(python) == 2
    assert not list((settings.cache / "nlu").glob("*.json")), "the report was kept, so nobody was asked again"
    assert Reports(engine).get("", name) is None


def test_a_release_that_understands_worse_is_worse(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = taught(engine, "greet", "moinsen")
    releases = Releases(engine)
    made = releases.propose({}, "eda", nlu=name)
    work = Work(settings, engine, Jobs(engine).enqueue("prove", made.id, "eda"), lambda step, share: None)
    proof = Proof({"verdict": "better", "n": 3}, {}, {})
    intents = {"before": ["greet", "greet", "thanks", "emergency"], "after": ["greet", "greet", "greet", "emergency"]}

    def worse(*_: object) -> object:
        return compared(("a", "b"), TRIALS, intents["before"], intents["after"])

    monkeypatch.setattr("bot.taught.proving.tried", worse)
    joined = with_understanding(work, releases, made, "", proof)
    assert joined.verdict == "worse"
    assert [one["text"] for one in joined.report["nlu"]["lost"]] == ["danke"]
    assert joined.report["n"] == 3
    intents["after"] = intents["before"]
    assert with_understanding(work, releases, made, "", proof).verdict == "better"
    same = replace(made, nlu="")
    assert with_understanding(work, releases, same, "", proof) is proof, "no other examples, nothing to try"


def test_where_there_is_no_rasa_nothing_is_tried(settings: Settings, engine: Engine) -> None:
    name = taught(engine, "greet", "moinsen")
    job = Jobs(engine, lambda: datetime.now(UTC)).enqueue(trying.KIND, name, "eda")
    for without in (replace(settings, nlu_url="off"), replace(settings, rasa_python="/nowhere/python")):
        assert tried(without, engine, name, "", lambda step, share: None) is None
        with pytest.raises(JobFailed, match="no_rasa"):
            trying.run(Work(without, engine, job, lambda step, share: None))
    with pytest.raises(JobFailed) as unknown:
        tried(settings, engine, "0123456789abcdef", "", lambda step, share: None)
    assert unknown.value.why == "unknown"
    assert KINDS[trying.KIND].run == "bot.taught.trying:run"
