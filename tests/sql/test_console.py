"""The console's pages over each database: from a draft to what is live, accounts, and what the audit tells."""

from pathlib import Path

from tests.console.house import House, house
from tests.console.test_faq import NEW, form


async def test_an_editors_day(tmp_path: Path, redis_url: str, database_url: str) -> None:
    async with house(tmp_path, redis_url, database_url=database_url) as work:
        eda = await work.signed_in("eda")
        one = "/console/faq/entries/hund-anmelden"
        await eda.post("/console/faq/new", NEW | {"action": "save"})
        assert (await eda.post(one, await form(eda, one) | {"action": "submit"})).status == 303
        await eda.post(one, await form(eda, one) | {"texts.de.answer": "Neu: **im Amt**.", "action": "save"})
        state = work.core.catalogue.get("hund-anmelden")
        assert state
        work.core.catalogue.publish("hund-anmelden", state.head.id, "ada")
        await eda.post(one + "/autosave", await form(eda, one) | {"texts.de.answer": "Und \0 halb"})
        assert "?typed" in await eda.text(one)
        assert live(work) == "Neu: **im Amt**."
        page = await eda.text("/console/faq?q=hundesteuer")
        assert "Wie melde ich meinen Hund an?" in page
        # What nobody should type, and somebody will: names with a NUL, half a character, far too long.
        for odd in ("%00", "hund%00", "x" * 500):
            assert (await eda.get(f"/console/faq/entries/{odd}")).status == 404
            assert (await eda.get(f"/console/faq?q={odd}")).status == 200
        too_long = await eda.post("/console/faq/new", NEW | {"entry": "x" * 300, "action": "save"})
        assert too_long.status in (400, 409)
        ada = await work.signed_in("ada")
        audited = await ada.text("/console/audit")
        assert audited.count("hund-anmelden") >= 2
        stranger = work.client()
        for name in ("kim\0", "k" * 500, "käm"):
            assert (await stranger.sign_in(name)).status != 500


def live(work: House) -> str:
    state = work.core.catalogue.get("hund-anmelden")
    assert state is not None
    return state.live.text("de").answer if state.live else ""
