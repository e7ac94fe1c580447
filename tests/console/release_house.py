"""A small town whose releases are proved in milliseconds, by words alone, and what its editors and workers do."""

from dataclasses import replace
from datetime import timedelta

from bot.jobs.kinds import Work
from bot.jobs.work import perform
from faq.entry import Content
from faq.jobs import Jobs
from faq.trials import Trials
from tests.console.house import House, content

ANSWERS = {
    "hund": ("Wie melde ich meinen Hund an?", "Im Steueramt.", ("hund anmelden", "hundesteuer")),
    "sperrmuell": ("Wann kommt der Sperrmüll?", "Sie vereinbaren einen Tag.", ("sofa loswerden", "matratze weg")),
    "heiraten": ("Wie melde ich eine Eheschließung an?", "Im Standesamt.", ("hochzeit anmelden", "trauung")),
}


def worded(question: str, answer: str, *variants: str) -> Content:
    """A content with these wordings."""
    plain = content(question, answer)
    return replace(plain, texts={"de": replace(plain.texts["de"], variants=variants)})


def lay_out(town: House) -> None:
    """Three entries that answer, and a trial of each; a fourth asks for what is not the town's."""
    for entry, (question, answer, variants) in ANSWERS.items():
        saved = town.core.catalogue.save_draft(entry, worded(question, answer, *variants), "ron")
        town.core.catalogue.publish(entry, saved.id, "ron")
    trials = Trials(town.core.catalogue.engine)
    for question, entry in (("hundesteuer", "hund"), ("sofa loswerden", "sperrmuell"), ("trauung", "heiraten")):
        trials.add(question, "de", [entry], "editor", "eda")
    trials.add("was hilft gegen warzen", "de", [], "editor", "eda")


def draft(town: House, entry: str, new: Content, by: str = "eda") -> str:
    """Saved and handed in; as the form of the releases' page names it."""
    state = town.core.catalogue.get(entry)
    saved = town.core.catalogue.save_draft(entry, new, by, state.head.id if state else None)
    town.core.catalogue.submit(entry, saved.id, by)
    return f"{entry} {saved.id}"


def prove(town: House) -> None:
    """What a worker does."""
    engine = town.core.catalogue.engine
    jobs = Jobs(engine)
    job = jobs.claim("test", timedelta(minutes=1))
    assert job
    assert perform(jobs, Work(town.core.settings, engine, job, lambda step, share: None)) == 0
