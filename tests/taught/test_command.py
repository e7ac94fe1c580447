"""`stadtbote nlu`: the model of a release, where somebody else runs Rasa."""

import stat
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.commands.nlu import run
from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue
from faq.entry import Draft
from faq.examples.revisions import Examples
from faq.releases import Releases
from tests.faq.town import content
from tests.nlu.test_training import RASA

FINE = "wo krieg ich denn meinen angelschein verlängert kollege"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    program = tmp_path / "python"
    program.write_text(RASA.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return replace(Settings(), home=tmp_path, cache=tmp_path / "cache", rasa_python=str(program), encoder="none/at-all")


def released(settings: Settings) -> str:
    """Release 2 has an example of its own; the name of its examples."""
    catalogue = Catalogue.open(settings.database)
    catalogue.load([Draft("hund", content())], "corpus", publish=True)
    name = Examples(catalogue.engine).save("de", "greet", [FINE], "eda", "", 0, lambda a, b: None).name
    Releases(catalogue.engine).propose({}, "eda", nlu=name)
    catalogue.close()
    return name


def examples_in(model: Path) -> str:
    """The small program's model is the data that it was given."""
    return "".join(entry.get("examples", "") for entry in yaml.safe_load(model.read_text("utf-8"))["nlu"])


def test_a_model_is_trained_from_what_was_exported(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, told, model = released(settings), tmp_path / "told.json", tmp_path / "model.tar.gz"
    assert run(settings, Namespace(nlu="export", number=2, file=told)) == 0
    elsewhere = replace(settings, home=tmp_path / "elsewhere")
    assert run(elsewhere, Namespace(nlu="train", what=str(told), out=model)) == 0
    assert f"STADTBOTE_RASA_TAUGHT={name}\n" in capsys.readouterr().out
    assert FINE in examples_in(model)
    assert run(settings, Namespace(nlu="train", what="2", out=tmp_path / "again.tar.gz")) == 0
    assert (tmp_path / "again.tar.gz").read_bytes() == model.read_bytes()
    assert run(settings, Namespace(nlu="train", what="1", out=model)) == 0
    assert FINE not in examples_in(model), "release 1 has what ships"


def test_what_is_wrong_is_told(settings: Settings, tmp_path: Path) -> None:
    released(settings)
    out, edited = tmp_path / "model.tar.gz", tmp_path / "edited.json"
    edited.write_text('{"name": "0123456789abcdef", "lines": {"de": {"greet": ["x"]}}}')
    for what, said in (("9", "no release 9"), (str(edited), "does not fit"), (str(tmp_path / "none"), "No such file")):
        with pytest.raises(SettingsError, match=said):
            run(settings, Namespace(nlu="train", what=what, out=out))
    with pytest.raises(SettingsError, match="make rasa"):
        run(replace(settings, rasa_python="/nowhere/python"), Namespace(nlu="train", what="2", out=out))
    assert not out.exists()
