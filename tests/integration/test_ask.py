"""The ask box against a real worker with its encoder: drafts beside the live answers, on a page and on the terminal."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from faq.entry import Text
from tests.integration.conftest import Town
from tests.integration.product import stadtbote

pytestmark = [pytest.mark.slow, pytest.mark.encoder, pytest.mark.asyncio(loop_scope="package")]
QUESTION = "wo ist die schnurpselausleihe"


async def asked(town: Town) -> dict[str, Any]:
    """`stadtbote ask --draft --json` beside the running product; the drafts are read when it returns."""
    running = town.running
    async with asyncio.timeout(300):
        while True:
            status, said = await stadtbote(
                *("ask", QUESTION, "--draft", "--json"), environment=running.environment, folder=running.home
            )
            assert status == 0, said
            found: dict[str, Any] = json.loads(said[said.index("{") :])
            if found["drafts"]["state"] != "building":
                return found


async def test_drafts_are_compared_by_the_running_worker(town: Town) -> None:
    catalogue = town.core.catalogue
    content = next(iter(catalogue.live())).content
    texts = {"de": Text("de", "Wo ist die Schnurpselausleihe?", (), "Im Keller des Rathauses.")}
    saved = catalogue.save_draft("schnurpselausleihe", replace(content, texts=texts), "eda")
    try:
        found = await asked(town)
        assert (found["words_only"], found["drafts"]["state"], found["drafts"]["pending"]) == (False, "ready", 1)
        first = found["drafts"]["ranking"][0]
        assert (first["entry"], first["revision"], first["draft"]) == ("schnurpselausleihe", saved.id, True)
        assert "Im Keller des Rathauses." in found["drafts"]["reply"]["text"]
        assert "schnurpselausleihe" not in {m["entry"] for m in found["ranking"]}
        page = await town.eda.browser.open("/console/ask")
        form = page.form("/ask")
        ticked = replace(form, fields={**form.fields, "draft": "1"})
        async with asyncio.timeout(300):
            while True:  # until a worker was quick enough
                answered = await town.eda.browser.submit(ticked, question=QUESTION)
                if sides := list(answered.root.all("section", class_="side")):
                    break
        live, drafts = sides
        assert "Wo ist die Schnurpselausleihe?" in drafts.words
        assert "Wo ist die Schnurpselausleihe?" not in live.words
    finally:
        catalogue.archive("schnurpselausleihe", "eda")
    assert (await asked(town))["drafts"]["state"] == "none"
