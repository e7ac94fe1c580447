"""`stadtbote nlu export` and `nlu train`: the model of a release's examples, for a Rasa that somebody else runs."""

import argparse
import json
import shutil
from pathlib import Path

from bot.rasa import rasa_python, trained_model
from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue
from faq.examples.added import Added
from faq.examples.revisions import Examples
from faq.releases import Releases
from nlu.rasa_training import TrainingFailed


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Raises SettingsError."""
    return _export(settings, args.number, args.file) if args.nlu == "export" else _train(settings, args.what, args.out)


def _export(settings: Settings, number: int, file: Path) -> int:
    """What is added to the examples that ship, to be taken where Rasa's environment is."""
    added = _of_release(settings, number)
    file.write_text(json.dumps({"name": added.name, "lines": added.lines}, ensure_ascii=False, indent=1), "utf-8")
    print(f"{len(added)} examples of release {number}, by the name of {_quoted(added.name)}, are in {file}.")
    return 0


def _train(settings: Settings, what: str, out: Path) -> int:
    """The model, and how to serve it."""
    python = rasa_python(settings)
    if python is None:
        raise SettingsError(
            "Rasa's environment is not there. Run `make rasa`, or take `stadtbote nlu export` to a machine that has it."
        )
    added = _of_release(settings, int(what)) if what.isdecimal() else _read(Path(what))
    try:
        model = trained_model(settings, python, lambda text: print(text, flush=True), added.lines)
    except TrainingFailed as error:
        raise SettingsError(str(error)) from None
    shutil.copyfile(model, out)
    print(f"The model is in {out}. Serve it with:")
    print(f"  STADTBOTE_RASA_MODEL={out.absolute()}")
    print(f"  STADTBOTE_RASA_TAUGHT={added.name}")
    print("The release is live as soon as the Rasas that STADTBOTE_NLU_URL names answer by it.")
    return 0


def _of_release(settings: Settings, number: int) -> Added:
    catalogue = Catalogue.open(settings.database)
    try:
        release = Releases(catalogue.engine).numbered(number)
        if release is None:
            raise SettingsError(f"There is no release {number}. See `stadtbote faq releases`.")
        kept = Examples(catalogue.engine).named(release.nlu)
        if kept is None:
            raise SettingsError(f"The examples {_quoted(release.nlu)} of release {number} are not in this database.")
        return kept.added
    finally:
        catalogue.close()


def _read(file: Path) -> Added:
    try:
        told = json.loads(file.read_text("utf-8"))
        added = Added.read(told["lines"])
        if added.name != told["name"]:
            raise ValueError("its name does not fit its lines")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"{file} is not what `stadtbote nlu export` wrote ({error}). Export it again, and do not edit it."
        ) from None
    return added


def _quoted(name: str) -> str:
    return f'"{name}"' if name else '"" (what ships)'
