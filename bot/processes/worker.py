"""The worker process: takes messages from the inbox, understands, decides; sends what is in the outbox."""

import asyncio
import logging
import sys
from functools import partial

from bot import ask
from bot.answers import Answers
from bot.attachments.bringing import Bringing
from bot.composition import build_core, fits, redis_of
from bot.drafts import Drafts
from bot.jobs.runner import Runner
from bot.metrics.looks import listen
from bot.metrics.worker_look import worker_look
from bot.parts import Parts
from bot.processes.life import end, life
from bot.processes.models import build_nlu, encoder_loader, warm, warn_of_reviews
from bot.reception import Reception
from bot.settings import OFF, Settings
from bot.taught.arriving import told as taught
from bot.worker import Worker
from faq.jobs import Jobs
from faq.proving.order import settle
from nlu.client import RasaNlu

log = logging.getLogger(__name__)
BEAT = 3.0
FINISH_SECONDS = 7.0  # for what was begun when the end came; what is left stays with the store
LEAVE_SECONDS = 1.0
SWITCH_SECONDS = 0.0005
"""How long a thread that indexes may keep the interpreter from one that answers. At Python's own 5 ms each of a reply's
many steps waits that long."""


async def worker_process(settings: Settings) -> None:
    """Handle arrivals and deliver replies until told to stop."""
    sys.setswitchinterval(SWITCH_SECONDS)
    async with life("worker") as me:
        found: list[Answers] = []
        core = build_core(
            settings, find=lambda _: lambda entry, revision: found[0].revision(entry, revision), process="worker"
        )
        answers = Answers(
            core.catalogue, core.town, metrics=core.metrics, fits=fits(settings), more=lambda: fits(settings)
        )
        found.append(answers)
        nlu = build_nlu(settings, answers.meaning, core.metrics)
        redis, asking = redis_of(settings), redis_of(settings, timeout=ask.WAITING)
        parts = Parts(redis, ("encoder",))
        reception = Reception(core.turns, nlu, answers, core.deliver, answers.meaning)
        drafts = Drafts(core.catalogue, answers)
        examiner = ask.Examiner(core.turns, nlu, answers, drafts)
        bringing = Bringing(core.store, core.channels, core.intake, core.metrics, settings.scanner_seconds)
        worker = Worker(me.name, core.store, reception, core.channels, metrics=core.metrics)
        told = await listen(core, me.name, worker_look(core, worker, answers, nlu))

        warn_of_reviews()

        async def attach() -> None:
            try:
                await asyncio.to_thread(warm)
                if settings.encoder != OFF:
                    await answers.attach(lambda: encoder_loader(settings))
                    log.info("encoder at work", extra={"encoder": answers.encoder})
            except Exception:
                # Words alone answer on: the ladder's first rung.
                log.exception("the encoder cannot be loaded; words alone answer")
            me.ready()

        async def beat() -> None:
            while True:
                well = {"worker": True}
                if settings.encoder != OFF:
                    well["encoder"] = bool(answers.encoder)
                if isinstance(nlu, RasaNlu):
                    await nlu.probe()
                    well["nlu"] = nlu.of(answers.in_force.nlu).healthy
                await parts.say(me.name, well | taught(nlu.served if isinstance(nlu, RasaNlu) else None))
                await asyncio.sleep(BEAT)

        attaching = asyncio.create_task(attach())
        if (await parts.state())["encoder"]:
            # Others answer with the encoder: taking lanes off them before ours is loaded would make answers worse.
            stopped = asyncio.create_task(me.stop.wait())
            await asyncio.wait({attaching, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
        following = (answers.follow(), core.live_town.follow())
        engine = core.catalogue.engine
        runner = Runner(Jobs(engine), me.name, settle=partial(settle, engine))
        aside = (
            beat(),
            bringing.run(),
            runner.run(),
            *following,
            ask.serve(asking, examiner, me.stop),
            nlu.keep_watching(),
        )
        tasks = [attaching, *(asyncio.create_task(task) for task in aside)]
        running = asyncio.create_task(worker.run())
        await me.stop.wait()
        worker.stop()
        await asyncio.wait({running}, timeout=FINISH_SECONDS)
        await end([running, *tasks])
        await asyncio.wait({asyncio.create_task(parts.leave(me.name))}, timeout=LEAVE_SECONDS)
        await told.close()
        await nlu.close()
        drafts.close()
        answers.close()
        await redis.aclose()
        await asking.aclose()
        await core.close()
