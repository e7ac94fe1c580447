"""What is counted of understanding and answering: every end of a question to Rasa, every decision of the corpus."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.answers import Answers
from bot.metrics.metrics import Metrics
from bot.ports import free_port
from faq.catalogue import Catalogue
from faq.town import load_town
from nlu.client import RasaNlu
from nlu.keywords import KeywordNlu
from tests.house import corpus_state
from tests.nlu.fake_rasa import TOKEN, Clock, FakeRasa, serving

TOWN = Path(__file__).resolve().parents[2] / "faq" / "corpora" / "lindenfurt" / "town.yml"


class Ends:
    """Notes how questions ended."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.seen.append(outcome)


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture
async def url(rasa: FakeRasa) -> AsyncIterator[str]:
    async with serving(rasa) as address:
        yield address


@pytest.mark.parametrize(
    ("behaviour", "end"),
    [("answer", "answered"), ("hang", "timeout"), ("error", "unusable"), ("garbage", "unusable"), ("huge", "unusable")],
)
async def test_every_end_of_a_question_to_rasa_is_told(url: str, rasa: FakeRasa, behaviour: str, end: str) -> None:
    ends = Ends()
    rasa.behaviour = behaviour
    nlu = RasaNlu(url, TOKEN, fallback=KeywordNlu(), timeout=0.5 if behaviour == "hang" else 20, watch=ends)
    await nlu.understand("was kostet das")
    await nlu.close()
    assert ends.seen == [end]


async def test_a_rasa_that_is_left_alone_is_not_a_question() -> None:
    port = free_port()
    ends, clock = Ends(), Clock()
    nlu = RasaNlu(f"http://127.0.0.1:{port}", TOKEN, fallback=KeywordNlu(), clock=clock, watch=ends)
    assert nlu.breakers == {"closed": 1, "open": 0, "probing": 0}
    for _ in range(5):
        await nlu.understand("was kostet das")
    await nlu.close()
    assert ends.seen == ["unreachable"] * 3
    assert nlu.breakers == {"closed": 0, "open": 1, "probing": 0}


async def test_decisions_and_the_time_they_took_are_counted(tmp_path: Path) -> None:
    settings = corpus_state(tmp_path)
    catalogue, metrics = Catalogue.open(settings.database), Metrics("worker")
    answers = Answers(catalogue, load_town(TOWN), metrics=metrics)
    said = [
        (await answers.find(text, "de")).decision for text in ("Was kostet ein neuer Personalausweis?", "xylophonbar")
    ]
    answers.close()
    catalogue.close()
    assert said[1] == "withhold"
    for decision in ("answer", "clarify", "withhold"):
        told = metrics.registry.get_sample_value("stadtbote_answers_total", {"decision": decision})
        assert told == said.count(decision)
    assert metrics.registry.get_sample_value("stadtbote_search_seconds_count") == 2
    assert answers.entries == len(list(catalogue.live()))
