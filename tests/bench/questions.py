"""What the citizens of the bench ask: German, real, none twice the same.

The question sets beside the checkout are read where they lie; where they are absent, the sample town's trials do.
"""

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from bot.composition import SAMPLE_TOWN
from bot.settings import project_root
from faq.entry import Draft
from faq.sources.yaml_corpus import read as read_corpus
from nlu.examples import read_examples, unmarked
from nlu.profiles import LANGUAGES_DIR

DATA = project_root().parent / "shared" / "data"
SETS = ("omos-muenchen", "munich-services")
# Later rounds over the questions are dressed up, so that no text comes twice and no cache of texts helps.
FRAMES = (
    "{}",
    "Guten Tag, {}",
    "Ich habe eine Frage: {}",
    "Hallo Stadtverwaltung, {}",
    "{} Danke im Voraus",
    "Können Sie mir helfen: {}",
    "Kurze Frage, {}",
    "{} Das wüsste ich gern noch heute.",
    "Ich wollte mal nachfragen: {}",
    "{} Viele Grüße",
    "Noch etwas anderes: {}",
    "Meine Nachbarin fragt: {}",
)


@dataclass(frozen=True)
class Known:
    """A question whose answer is known: a wording that an editor wrote for one entry."""

    text: str
    entry: str


class Questions:
    """Hands them out. `source` says where they come from, `count` how many there are, `left_out` what is not there."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        own = town_trials()
        sets: list[str] = []
        self.left_out: list[str] = []
        for name in SETS:
            path = DATA / name / "queries.jsonl"
            if path.is_file():
                rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
                sets += [str(row["query"]) for row in rows if row.get("lang", "de") == "de"]
            else:
                self.left_out.append(f"{name}: not there ({path.parent}), left out")
        every = [*dict.fromkeys([*sets, *own])]
        self.count = len(every)
        self._own, self._all = self._rounds(own), self._rounds(every)
        named = f"{len(set(sets))} of {' and '.join(SETS)}, " if sets else ""
        self.source = f"{named}{len(own)} trials of the sample town"
        self.known = self._known()

    def any(self) -> str:
        """The next of all."""
        return next(self._all)

    def answered(self) -> str:
        """The next that the sample town most likely answers: for a citizen who was not understood just now."""
        return next(self._own)

    def wordings(self, count: int) -> list[Known]:
        """So many different wordings of entries, never two of one entry in a row."""
        return list(itertools.islice(self.known, count))

    def _rounds(self, texts: list[str]) -> Iterator[str]:
        for number in itertools.count():
            some = list(texts)
            self._chance.shuffle(some)
            # Beyond the frames, a number keeps the texts apart.
            more = f" ({number})" if number >= len(FRAMES) else ""
            for text in some:
                yield FRAMES[number % len(FRAMES)].format(text) + more

    def _known(self) -> Iterator[Known]:
        entries = [(d.entry, d.content.texts["de"]) for d in read_corpus(SAMPLE_TOWN) if isinstance(d, Draft)]
        wordings = [(entry, [text.question, *text.variants]) for entry, text in entries]
        said: dict[str, int] = {}
        for _, some in wordings:
            for wording in some:
                said[wording.casefold()] = said.get(wording.casefold(), 0) + 1
        for place in itertools.count():
            row = [(entry, some[place % len(some)]) for entry, some in wordings]
            self._chance.shuffle(row)
            yield from (Known(text, entry) for entry, text in row if said[text.casefold()] == 1 and len(text) > 12)


def town_trials() -> list[str]:
    """Questions on the sample town that its index has never seen."""
    trials = yaml.safe_load((SAMPLE_TOWN / "trials" / "de.yml").read_text("utf-8"))["trials"]
    intents = read_examples(LANGUAGES_DIR / "de" / "trials.yml")
    found = [str(q) for some in trials.values() for q in some]
    return [*dict.fromkeys([*found, *(unmarked(q) for q in intents["faq_question"])])]
