"""`stadtbote faq calibrate`: fits when to answer on questions about the installed corpus, and proves it."""

import argparse
import json
import os
import shutil
from pathlib import Path
from typing import Any

from bot.commands.measure import tell
from bot.composition import FITS
from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue
from faq.encoder import Encoder, EncoderUnavailable
from faq.fitting.certify import NotCertified
from faq.fitting.own import file_of, fit_own
from faq.measure import BadQuestions, read_trials
from faq.releases import Releases
from faq.retrieval.fusion import FULL, WORDS_ONLY
from faq.trust import FILE, read_fit
from faq.vectors import VectorCache
from nlu.examples import learned
from nlu.fallback import OUTSIDE
from nlu.profiles import LANGUAGES_DIR

STRANGE = (OUTSIDE, "small_talk", "insult", "greet")  # what is written to a town and asks for none of its answers


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Status 1 when nothing could be certified; what was in force stays so."""
    from bot.processes.models import encoder_loader

    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    catalogue = Catalogue.open(settings.database)
    try:
        encoder, cache = encoder_loader(settings)
        return _fit(settings.home / FILE, catalogue, args.trials, args.oos, encoder, cache)
    except (BadQuestions, EncoderUnavailable, OSError) as error:
        raise SettingsError(str(error)) from None
    finally:
        catalogue.close()


def _fit(
    place: Path, catalogue: Catalogue, trials: Path, oos: Path | None, encoder: Encoder, cache: VectorCache
) -> int:
    revisions = list(catalogue.live())
    known = {revision.entry for revision in revisions}
    asked = [trial for trial in read_trials(trials, known) if trial.relevant]
    outside = list(read_trials(oos, known)) if oos else []
    strangers = [text for text, intent in learned(LANGUAGES_DIR).items() if intent in STRANGE]
    kinds: dict[str, dict[str, Any]] = {}
    for kind, by in ((FULL, encoder), (WORDS_ONLY, None)):
        try:
            fitted = fit_own(revisions, asked, outside, strangers, by, cache, progress=tell)
        except NotCertified as error:
            print(f"{kind}: {error}.")
            continue
        kinds[kind] = fitted
        proof = fitted["certificate"]
        print(f"{kind}: answer from {fitted['answer']:.3f}, ask back from {fitted['clarify']:.3f}.")
        print(
            f"    On the half kept apart {proof['right']} of {proof['answered']} answers are right: at least "
            f"{proof['bound']:.3f} is proved, and {proof['coverage']:.0%} of the questions are answered."
        )
    if FULL not in kinds:
        print("What was in force stays in force.")
        return 1
    fresh = place.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(file_of(revisions, encoder.name, kinds), indent=1) + "\n", "utf-8")
    name = read_fit(fresh).name
    spare = place.parent / FITS
    spare.mkdir(exist_ok=True)
    shutil.copyfile(fresh, spare / f"{name}.json")
    fresh.replace(place)
    Releases(catalogue.engine).pin(name, "calibrate", "thresholds fitted and proved on this corpus")
    live = catalogue.live_release()
    print(
        f"Written to {place}. Release {live.number if live else 0} answers by it; `stadtbote faq rollback` undoes it."
    )
    return 0
