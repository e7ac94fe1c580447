"""What is asked: sets of the workplace, where they are there, and the sample town with its trials."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import yaml

from bot.composition import SAMPLE_TOWN
from bot.settings import project_root
from faq.entry import Draft, Revision, revision_of
from faq.fitting.general import citizens
from faq.fitting.observe import Corpus, bare, own_wordings
from faq.measure import NEVER, Trial, read_revisions, read_trials
from faq.sources.yaml_corpus import read as read_corpus

DATA = project_root().parent / "shared" / "data"
FOREIGN = ("omos-muenchen", "munich-services")
TRANSLATED = ("en", "fr", "ar", "uk")
TOWN = "lindenfurt"
BARE = "lindenfurt bare"
OTHERS = ("en", "tr", "uk", "ar", "ru", "fr")


@dataclass(frozen=True)
class QuestionSet:
    """`language` is the questions'; `outside` are questions near to the corpus that it does not answer."""

    name: str
    corpus: str
    revisions: Sequence[Revision]
    trials: Sequence[Trial]
    outside: Sequence[Trial] = field(default=())

    @property
    def language(self) -> str:
        return self.trials[0].language


def every_set() -> Iterator[QuestionSet]:
    """All that are there; a line says which are not."""
    for name in FOREIGN:
        yield from foreign(name)
    yield from town_sets()
    yield from _import()


def foreign(name: str) -> Iterator[QuestionSet]:
    """A corpus that nobody here wrote, in German and in whatever language its questions were translated into; nothing
    where it is not there."""
    folder = DATA / name
    if not folder.is_dir():
        print(f"{name}: not there ({folder}), left out")
        return
    revisions = read_revisions(folder / "faq.jsonl")
    known = {revision.entry for revision in revisions}
    near = folder / "near_oos.jsonl"
    outside = list(read_trials(near, known)) if near.is_file() else []
    yield QuestionSet(name, name, revisions, list(read_trials(folder / "queries.jsonl", known)), outside)
    for language in TRANSLATED:
        path = folder / f"queries_{language}_mt.jsonl"
        if path.is_file():
            trials = [Trial(t.query, t.relevant, language) for t in read_trials(path, known)]
            yield QuestionSet(f"{name} {language}", name, revisions, trials)


def town_revisions() -> list[Revision]:
    """The sample town's entries."""
    return [revision_of(d.entry, 1, d.content, "measure", NEVER) for d in town_drafts()]


def town_drafts() -> list[Draft]:
    """The same as drafts."""
    return [draft for draft in read_corpus(SAMPLE_TOWN) if isinstance(draft, Draft)]


def town_trials(language: str) -> list[Trial]:
    """The trials in that language; none where there is no file."""
    path = SAMPLE_TOWN / "trials" / f"{language}.yml"
    if not path.is_file():
        print(f"{TOWN} {language}: no trials ({path.name}), left out")
        return []
    asked = yaml.safe_load(path.read_text("utf-8"))["trials"]
    return [Trial(question, frozenset([entry]), language) for entry, some in asked.items() for question in some]


def town_outside() -> list[Trial]:
    """Questions that no entry of the sample town answers, in all languages."""
    return [trial for some in town_outside_kinds().values() for trial in some]


def town_outside_kinds() -> dict[str, list[Trial]]:
    """The same by kind: near misses, other towns, nonsense …"""
    kinds = yaml.safe_load((SAMPLE_TOWN / "trials" / "out_of_scope.yml").read_text("utf-8"))["kinds"]
    return {
        kind: [
            Trial(question, frozenset(), "de" if language == "trials" else language)
            for language, some in languages.items()
            for question in some
        ]
        for kind, languages in kinds.items()
    }


def town_sets() -> Iterator[QuestionSet]:
    """The sample town, language by language; the first has the questions out of scope."""
    revisions, outside = town_revisions(), town_outside()
    for language in ("de", *OTHERS):
        if trials := town_trials(language):
            yield QuestionSet(f"{TOWN} {language}", TOWN, revisions, trials, outside if language == "de" else ())


def _import() -> Iterator[QuestionSet]:
    """A catalogue with no questions: asked with the first half of each entry's own question, which is no easy one."""
    folder = DATA / "steuerlotse-faq"
    if not folder.is_dir():
        print(f"steuerlotse-faq: not there ({folder}), left out")
        return
    revisions = read_revisions(folder / "faq.jsonl")
    trials = []
    for revision in revisions:
        words = revision.text("de").question.split()
        trials.append(Trial(" ".join(words[: max(2, len(words) // 2)]), frozenset([revision.entry]), "de"))
    yield QuestionSet("steuerlotse-faq (half questions)", "steuerlotse-faq", revisions, trials)


def strangers() -> list[Trial]:
    """Questions to no town at all."""
    path = DATA / "out-of-scope" / "oos.jsonl"
    if not path.is_file():
        print(f"out-of-scope: not there ({path}), left out")
        return []
    return list(read_trials(path, set()))


def fitting_corpora() -> Iterator[Corpus]:
    """What the general fit learns from: the sets of the workplace, the town's trials, of which the fit takes its half
    (faq.fitting.general.citizens), asked of the town and of the town without wordings, and the town's own wordings."""
    for name in FOREIGN:
        for one in foreign(name):
            if one.name == name:
                yield Corpus(name, one.revisions, one.trials, 1.0, name)
    town = Corpus(TOWN, town_revisions(), [t for language in ("de", "en") for t in town_trials(language)], 1.0, TOWN)
    yield citizens(town)
    yield bare(BARE, citizens(town))
    for number in (0, 2):
        yield own_wordings(f"{TOWN}-{number}", town_drafts(), number, 0.5, TOWN)
