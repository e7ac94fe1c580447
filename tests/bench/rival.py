"""A stock Rasa server to measure beside the product: DIET, ResponseSelector, RulePolicy, the REST channel.

Everything it learns is made here from our own data: nlu/languages/*/examples.yml, and every entry of the sample town
as a retrieval intent, its wordings as examples and its answer as the response. Trained once per content.
"""

import asyncio
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot.composition import SAMPLE_TOWN
from bot.ports import free_port
from bot.settings import project_root
from faq.entry import Draft
from faq.sources.yaml_corpus import read as read_corpus
from faq.town import load_town
from nlu.profiles import LANGUAGES_DIR
from nlu.rasa_training import TrainingFailed, plain, rasa_environment, run
from nlu.training import read_examples
from tests.bench.priority import usual
from tests.bench.tell import tell

CACHE = project_root() / ".cache" / "bench"
# What a citizen asks is a retrieval intent here; the examples of a plain one would only compete with it.
LEFT_OUT = {"faq_question"}
ENTITIES = ("document", "office", "district", "date", "person_group")
EPOCHS = 5  # they decide what it learns, not what a message costs
STARTING = 600.0  # seconds; a minute on two idle cores

CONFIG = f"""recipe: default.v1
assistant_id: rival
language: de
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {EPOCHS}
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: ResponseSelector
    retrieval_intent: faq
    epochs: {EPOCHS}
    constrain_similarities: true
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: RulePolicy
"""
ONE_THREAD = "one thread"
THREADS = {
    ONE_THREAD: rasa_environment(),
    "as it comes": {k: v for k, v in rasa_environment().items() if "THREADS" not in k},
}


@dataclass
class Rival:
    """A running one."""

    url: str
    pid: int
    session: aiohttp.ClientSession

    async def ask(self, sender: str, text: str) -> int:
        """One message over the REST channel; returns how many messages it answered."""
        async with self.session.post(
            f"{self.url}/webhooks/rest/webhook", json={"sender": sender, "message": text}
        ) as answer:
            return len(await answer.json())


def files() -> dict[str, str]:
    """Its project: names of files and what stands in them."""
    intents: dict[str, list[str]] = {}
    for path in sorted(LANGUAGES_DIR.glob("*/examples.yml")):
        for intent, lines in read_examples(path).items():
            if intent not in LEFT_OUT:
                intents.setdefault(intent, []).extend(lines)
    drafts = [d for d in read_corpus(SAMPLE_TOWN) if isinstance(d, Draft)]
    responses: dict[str, Any] = {f"utter_{name}": [{"text": f"Antwort auf {name}"}] for name in (*intents, "fallback")}
    data: list[dict[str, str]] = [{"intent": name, "examples": listed(lines)} for name, lines in intents.items()]
    for draft in drafts:
        texts = [text for text in draft.content.texts.values() if text.question]
        wordings = [plain(w) for text in texts for w in (text.question, *text.variants)]
        data.append({"intent": f"faq/{draft.entry}", "examples": listed([*dict.fromkeys(wordings)])})
        responses[f"utter_faq/{draft.entry}"] = [{"text": draft.content.texts["de"].answer}]
    town = load_town(SAMPLE_TOWN / "town.yml")
    offices = [name for one in town.offices.values() for name in (one.name, *one.also)]
    districts = [name for one in town.districts.values() for name in (one.name, *one.also)]
    data += [{"lookup": "office", "examples": listed(offices)}, {"lookup": "district", "examples": listed(districts)}]
    rules = [
        {"rule": name, "steps": [{"intent": name}, {"action": action}]}
        for name, action in (
            *((intent, f"utter_{intent}") for intent in intents),
            ("faq", "utter_faq"),
            ("nlu_fallback", "utter_fallback"),
        )
    ]
    domain = {
        "version": "3.1",
        "intents": [*intents, "faq"],
        "entities": list(ENTITIES),
        "responses": responses,
        "actions": ["utter_faq"],
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }
    return {
        "config.yml": CONFIG,
        "domain.yml": dumped(domain),
        "data/nlu.yml": dumped({"version": "3.1", "nlu": data}),
        "data/rules.yml": dumped({"version": "3.1", "rules": rules}),
        "credentials.yml": "rest:\n",
        "endpoints.yml": "",
    }


def listed(lines: list[str]) -> str:
    """Rasa's list of examples."""
    return "".join(f"- {line}\n" for line in lines)


def dumped(content: Mapping[str, Any]) -> str:
    """As YAML."""
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=10_000)


def trained(python: Path) -> tuple[Path, float]:
    """The project's folder with its model in it, from the cache or trained now; and the seconds that it took."""
    made = files()
    key = hashlib.sha256("\0".join(f"{name}\0{text}" for name, text in sorted(made.items())).encode()).hexdigest()
    folder = CACHE / f"rival-{key[:16]}"
    if (folder / "model.tar.gz").is_file():
        return folder, 0.0
    CACHE.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="rival-", dir=CACHE))
    try:
        for name, text in made.items():
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(text, "utf-8")
        tell("training the stock Rasa, some minutes (kept for the next run)")
        began = time.monotonic()
        argv = [str(python), "-W", "ignore", "-m", "rasa", "train", "--config", "config.yml", "--domain", "domain.yml"]
        argv += ["--data", "data", "--out", ".", "--fixed-model-name", "model"]
        said = run(argv, place, lambda: tell(f"  still training after {time.monotonic() - began:.0f} s"))
        if not (place / "model.tar.gz").is_file():
            raise TrainingFailed(f"Rasa trained nothing. It said last: {said}")
        shutil.rmtree(folder, ignore_errors=True)
        place.rename(folder)
        return folder, time.monotonic() - began
    finally:
        shutil.rmtree(place, ignore_errors=True)


@asynccontextmanager
async def rival(python: Path, folder: Path, threads: str, out: Path, like: int) -> AsyncIterator[Rival]:
    """Serve it; ends with the block. `threads` is a key of THREADS; it gets the priority of process `like`."""
    port = free_port()
    argv = [str(python), "-W", "ignore", "-m", "rasa", "run", "-m", str(folder / "model.tar.gz")]
    argv += ["--credentials", "credentials.yml", "--endpoints", "endpoints.yml", "-i", "127.0.0.1", "-p", str(port)]
    environment = {k: v for k, v in os.environ.items() if "NUM_THREADS" not in k} | THREADS[threads]
    with (out / "stock-rasa.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *argv, cwd=folder, env=environment, stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL
        )
    usual(process.pid, like)
    try:
        timeout, connector = aiohttp.ClientTimeout(total=120), aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            running = Rival(f"http://127.0.0.1:{port}", process.pid, session)
            await _up(running, process)
            yield running
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _up(running: Rival, process: asyncio.subprocess.Process) -> None:
    """Wait until it answers a message: it listens before it has its model."""
    late = time.monotonic() + STARTING
    while True:
        if process.returncode is not None:
            raise RuntimeError(f"the stock Rasa ended with status {process.returncode}")
        try:
            if await running.ask("first", "hallo"):
                return
        except (aiohttp.ClientError, ValueError):
            await asyncio.sleep(0.5)
        if time.monotonic() > late:
            raise TimeoutError("the stock Rasa does not answer")
