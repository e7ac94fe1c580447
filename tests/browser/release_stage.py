"""Releases in every state that an editor meets them in."""

import asyncio
from datetime import timedelta

from bot.taught.board import Board, Stand
from faq.examples.reports import Reports
from faq.examples.revisions import Examples
from faq.jobs import Jobs
from faq.releases import Releases, Step
from nlu.examples import Trial
from nlu.trying import compared
from tests.browser.stage import WORD, Stage
from tests.console.release_house import draft, lay_out, prove, worded


async def set_releases(stage: Stage) -> None:
    """One to publish, one that answers worse, one being proved, one about to be, one overtaken; some waiting."""
    town = stage.work
    lay_out(town)
    releases, jobs = Releases(town.core.catalogue.engine), Jobs(town.core.catalogue.engine)

    async def proposed(name: str, changes: dict[str, str | None], title: str, proof: bool = True) -> None:
        made = releases.propose(changes, "eda", title)
        releases.record(made.id, Step.PROVING, "eda")
        jobs.enqueue("prove", made.id, "eda")
        if proof:
            await asyncio.to_thread(prove, town)
        stage.ids[name] = str(made.number)

    def version(entry: str, question: str, answer: str, *variants: str, by: str = "eda") -> dict[str, str | None]:
        chosen, _, revision = draft(town, entry, worded(question, answer, *variants), by).partition(" ")
        return {chosen: revision}

    await proposed("overtaken", version("sperrmuell", "Wann kommt der Sperrmüll?", "Bald.", "sofa loswerden"), "")
    await proposed("old", version("kita", "Wie bekomme ich einen Kita-Platz?", "Über das Programm.", "kita"), "Kita")
    releases.publish(releases.latest(1)[0].id, "ada", four_eyes=True)
    better = version("hund", "Wie melde ich meinen Hund an?", "Jetzt **online**.", "hund anmelden", "hundesteuer")
    await proposed("better", better | version("warzen-arzt", WORD, "Zum Arzt.", WORD), f"Neue Gebühren, {WORD}")
    worse = version("zoo", "Trauung im Zoo", "Im Zoo.", "trauung", "hochzeit anmelden")
    worse |= version("heiraten", "Eheschließung", "Im Standesamt.", "ehe") | {"sperrmuell": None}
    worse |= version("warzen", "Was hilft gegen Warzen?", "Der Arzt.", "was hilft gegen warzen")
    await proposed("worse", worse, "Zoo")
    await proposed(
        "running", version("bad", "Wann hat das Hallenbad auf?", "Täglich.", "schwimmen"), "Bad", proof=False
    )
    job = jobs.claim("stage", timedelta(days=1))
    assert job
    jobs.beat(job, "jobs.step.asking", 0.42)
    await proposed("next", version("amt", "Wo ist das Amt?", "Am Markt.", "amt"), "Amt", proof=False)
    draft(town, "laub", worded("Wohin mit dem Laub?", "In die Tonne.", "laub"), "eda")
    stage.ids["loading"] = str(await set_examples(stage))
    live = releases.live()
    assert live
    stage.ids["live"] = str(live.number)


async def set_examples(stage: Stage) -> int:
    """What editors taught, tried, and in a release that waits for its model; returns the release's number."""
    town, engine = stage.work, stage.work.core.catalogue.engine
    examples, releases = Examples(engine), Releases(engine)
    lines = ["ahoi zusammen", f"ahoi {WORD}"]
    name = examples.save("de", "greet", lines, "eda", "So grüßt man hier.", 0, lambda before, after: None).name
    examples.save("de", "faq_question", ["wo krieg ich denn meinen angelschein her"], "ada", "", 1, lambda a, b: None)
    trials = (Trial("hallöchen du", "greet", "de"), Trial(f"danke {WORD}", "thanks", "de"), Trial("hi", "greet", "en"))
    comparison = compared(("a", "b"), trials, ["greet", "greet", "greet"], ["thanks", "thanks", "greet"])
    Reports(engine).keep(examples.head().name, "", comparison.json())
    made = releases.propose({}, "eda", "Wie man hier grüßt", nlu=name)
    releases.record(made.id, Step.PROVED, "worker", detail='{"verdict": "same"}')
    releases.publish(made.id, "ada", four_eyes=True)
    await Board(town.redis).say(
        {"": Stand("serving", town.clock().isoformat()), name: Stand("starting", town.clock().isoformat())}
    )
    return made.number
