"""Files of imports in every state that an editor meets them in, and a pinned answer that waits for a second person."""

from dataclasses import replace
from datetime import timedelta

from bot.importing.begin import handed_in
from bot.importing.shelf import Shelf, Upload
from bot.importing.work import CHECK, TAKE
from bot.jobs.kinds import Work
from bot.jobs.work import perform
from faq.jobs import Jobs
from tests.browser.stage import WORD, Stage

TABLE = """\
Nr;Was gefragt wird;Antworttext;Intern
7;Wo ist das Fundbüro?;{answer};x
8;{word};Samstags.;y
"""
FAULTS = """\
Kennung;Frage;Antwort;Stand
a;Wo ist das Fundbüro?;Im <b>Rathaus</b>.;gestern
b;;Samstags.;
"""
PIN = {
    "id": "wasser",
    "level": "correction",
    "until": "2026-12-24 18:00",
    "wordings": ["wasser abkochen", WORD],
    "texts": {"de": f"Das Leitungswasser ist sauber. {WORD}"},
    "by": "eda",
    "at": "2026-11-24 09:00",
    "waits": True,
}


async def set_imports(stage: Stage) -> None:
    """Columns to name, changes to take, faults to correct, one under way, one done, one that nobody can read."""
    town = stage.work
    core = town.core
    shelf, jobs = Shelf(core.settings.home), Jobs(core.catalogue.engine)

    def file(name: str, by: str, text: str | bytes, called: str = "liste.csv") -> Upload:
        raw = text if isinstance(text, bytes) else text.encode()
        found = handed_in(shelf, by, called, town.clock(), [raw])
        stage.ids[name] = found.id
        return found

    def ordered(upload: Upload, kind: str) -> None:
        columns = {"Nr": "id", "Was gefragt wird": "question", "Antworttext": "answer", "Intern": ""}
        shelf.note(replace(upload, columns=columns if "Nr" in upload.headers else upload.columns))
        jobs.enqueue(kind, upload.id, upload.by)

    def worked() -> None:
        while job := jobs.claim("stage", timedelta(minutes=1), {CHECK, TAKE}):
            perform(jobs, Work(core.settings, core.catalogue.engine, job, lambda step, share: None))

    done = file("done", "ada", TABLE.format(answer="Im Rathaus.", word=WORD), f"{WORD[:40]}.csv")
    ordered(done, CHECK)
    worked()
    ordered(done, TAKE)
    worked()
    file("columns", "eda", TABLE.format(answer="Im Rathaus.", word=WORD))
    ordered(file("changes", "eda", TABLE.format(answer=f"Am Markt. {WORD}", word="Wann ist Markt?")), CHECK)
    ordered(file("faults", "eda", FAULTS), CHECK)
    worked()
    file("unreadable", "ada", b"PK\x03\x04", "liste.xlsx")
    ordered(file("running", "ada", TABLE.format(answer="Im Rathaus.", word=WORD)), CHECK)
    job = jobs.claim("stage", timedelta(days=1), {CHECK})
    assert job
    jobs.beat(job, "import.reading", 0.42)
    core.live_town.save({"pinned": [PIN]}, "eda", "")
    await core.live_town.refresh()
