"""The real Rasa: from an added example to a live release that understands otherwise, and back."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.parts import Parts
from bot.taught.arriving import Arrivals, told
from faq.catalogue import Catalogue
from faq.entry import Draft
from faq.examples.revisions import Examples
from faq.releases import Releases, State, Step
from faq.releases.loading import wanted
from nlu.rasa_training import RASA_DIR, ensure_model
from tests.faq.town import content
from tests.patience import patient
from tests.taught.house import machine

pytestmark = [pytest.mark.rasa, pytest.mark.slow]
SHIPPED = {
    "greet": ["hallo", "guten morgen", "moin moin", "servus miteinander", "grüß gott", "guten abend zusammen"],
    "thanks": ["vielen dank", "danke sehr", "lieben dank dafür", "merci für die hilfe", "danke schön", "besten dank"],
}
ADDED = ["ahoi hafenmeister", "ahoi ihr landratten", "ahoi zusammen", "na dann ahoi", "ahoi ahoi"]
TEXT = "ahoi hafenmeister"


@pytest.fixture
def languages(tmp_path: Path) -> Path:
    folder = tmp_path / "languages" / "de"
    folder.mkdir(parents=True)
    text = yaml.safe_dump({"language": "de", "intents": SHIPPED}, allow_unicode=True)
    (folder / "examples.yml").write_text(text, "utf-8")
    return folder.parent


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    found = Catalogue.open(f"sqlite:///{tmp_path}/town.sqlite")
    found.load([Draft("hund", content())], "corpus", publish=True)
    yield found
    found.close()


async def test_what_was_added_is_understood_once_it_is_live(
    catalogue: Catalogue, languages: Path, tmp_path: Path, redis_url: str
) -> None:
    python = Path(os.environ.get("STADTBOTE_RASA_PYTHON", RASA_DIR.parents[1] / ".venv-rasa" / "bin" / "python"))
    assert python.exists(), "Rasa's environment is missing: run `make rasa`"
    examples, releases, redis = Examples(catalogue.engine), Releases(catalogue.engine), patient(redis_url)
    parts, arrivals = Parts(redis, ()), Arrivals(catalogue.engine, redis, lambda: True)

    def train(name: str) -> Path:
        return ensure_model(tmp_path / "cache", python, print, languages_dir=languages, added=examples.get(name).lines)

    async with machine(tmp_path, python, train) as here:

        async def live() -> tuple[str, str]:
            found = await asyncio.to_thread(releases.live)
            assert found
            heard = await here.nlu.of(found.nlu).understand(TEXT, "de")
            return heard.ranking[0][0], heard.source

        async def until(state: State, release: str) -> None:
            async with asyncio.timeout(240):
                while await asyncio.to_thread(releases.state, release) is not state:
                    await here.models.keep(wanted(catalogue.engine))
                    await here.nlu.probe()
                    await parts.say("worker", {"worker": True, **told(here.nlu.served)})
                    await arrivals.look()
                    await asyncio.sleep(0.1)

        await here.serve(*wanted(catalogue.engine))
        before = await live()
        assert before[1] == "rasa"
        wrong = "thanks" if before[0] == "greet" else "greet"
        name = examples.save("de", wrong, ADDED, "eda", "", 0, lambda a, b: None).name
        first, made = releases.live(), releases.propose({}, "eda", nlu=name)
        releases.record(made.id, Step.PROVED, "worker", detail='{"verdict": "same"}')
        releases.publish(made.id, "kim", four_eyes=True)
        assert (releases.state(made.id), await live()) == (State.LOADING, before)
        await until(State.LIVE, made.id)
        assert await live() == (wrong, "rasa")
        assert first
        releases.rollback(first.id, "kim", "doch nicht")
        await until(State.LIVE, first.id)
        assert await live() == before
        assert len(here.supervisor.children) <= 2
    await redis.aclose()
