"""The lint of this installation: its entries, its town, and what its understanding learns from."""

from datetime import datetime
from zoneinfo import ZoneInfo

from faq.catalogue import Catalogue
from faq.examples.revisions import Examples
from faq.lint.corpus import Corpus
from faq.lint.gather import gathered
from faq.town import Town
from nlu.examples import read_examples, unmarked
from nlu.profiles import LANGUAGES_DIR


def corpus_of(catalogue: Catalogue, town: Town, now: datetime) -> Corpus:
    """All that the rules judge, as it is at `now` (aware)."""
    return gathered(catalogue, town, now.astimezone(ZoneInfo(town.timezone)).date(), examples(catalogue))


def examples(catalogue: Catalogue) -> list[str]:
    """What the understanding learns from: what ships, and what editors added."""
    shipped = [
        unmarked(line)
        for path in sorted(LANGUAGES_DIR.glob("*/examples.yml"))
        for lines in read_examples(path).values()
        for line in lines
    ]
    added = Examples(catalogue.engine).head().added
    return [*shipped, *(line for _, _, line in added.all())]
