"""The ask box on its page: an expected entry is chosen by words, told why it is not the one, and given the wording."""

from contextlib import closing

import pytest

from bot.answers import Answers
from bot.ask import Examiner
from bot.drafts import Drafts
from nlu.keywords import KeywordNlu
from tests.console.house import House, Visitor

PAGE = "/console/ask"


@pytest.fixture
async def eda(at_work: House) -> Visitor:
    at_work.publish("perso", "Wie beantrage ich einen Personalausweis?")
    at_work.publish("pass", "Wie beantrage ich einen Reisepass?")
    return await at_work.signed_in("eda")


async def asked(work: House, eda: Visitor, path: str = PAGE, **form: str) -> tuple[int, str]:
    """The page, answered by words alone."""
    core = work.core
    with (
        closing(Answers(core.catalogue, core.town)) as answers,
        closing(Drafts(core.catalogue, answers, patience=None)) as drafts,
    ):
        work.oracle.ask = Examiner(core.turns, KeywordNlu(), answers, drafts).describe  # type: ignore[method-assign]
        response = await eda.post(path, {"question": "neuen personalausweis", **form})
        return response.status, response.headers.get("Location", "") or await response.text()


async def test_an_expected_entry_by_its_words(at_work: House, eda: Visitor) -> None:
    status, page = await asked(at_work, eda, expected="reisepass")
    assert status == 200
    assert "Warum nicht „Wie beantrage ich einen Reisepass?“?" in page
    assert "Platz 2 von 2" in page
    assert "„personalausweis“" in page.casefold()
    assert "Diese Frage als Formulierung aufnehmen" in page
    _, page = await asked(at_work, eda, expected="beantrage")
    assert "Welcher Eintrag ist gemeint?" in page
    assert page.count('name="entry"') == 2
    _, page = await asked(at_work, eda, expected="beantrage", entry="pass")
    assert "Platz 2 von 2" in page
    _, page = await asked(at_work, eda, expected="<b>wohngeld</b>")
    assert "Zu „&lt;b&gt;wohngeld&lt;/b&gt;“ gibt es keinen Eintrag" in page
    _, page = await asked(at_work, eda)
    assert "Warum nicht „" not in page


async def test_the_question_becomes_a_wording_of_a_draft(at_work: House, eda: Visitor) -> None:
    wording = f"{PAGE}/wording"
    status, place = await asked(at_work, eda, wording, expected="pass", question="neuen  ausweis für reisen")
    assert (status, place) == (303, "/console/faq/entries/pass?done=saved")
    state = at_work.core.catalogue.get("pass")
    assert state
    assert state.head.text("de").variants[-1] == "neuen ausweis für reisen"
    assert state.live != state.head, "nothing is published by it"
    status, page = await asked(at_work, eda, wording, expected="pass", question="Neuen Ausweis für Reisen")
    assert (status, "schon im Eintrag" in page) == (409, True)
    status, page = await asked(at_work, eda, wording, expected="pass", question="ruft mich an 0171 2345678")
    assert (status, "auf einen Menschen deuten" in page) == (400, True)
    assert (await asked(at_work, eda, wording, expected="nichts"))[0] == 400
    assert (await asked(at_work, eda, wording, expected="pass", question=""))[0] == 400
