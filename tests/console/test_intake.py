"""What was asked before the handoff, as the clerk reads it."""

import html
import re

from bot.conversation import Line
from bot.handoff.intake import Intake
from tests.console.house import House, later
from tests.console.test_inbox import claimed


def fields(page: str) -> list[tuple[str, str]]:
    found = re.search(r'<section class="intake".*?</section>', page, re.S)
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", found[0], re.S) if found else []
    return [(label, html.unescape(" ".join(re.sub(r"<[^>]+>", " ", value).split()))) for label, value in pairs]


async def test_the_answers_are_fields_and_masked_for_who_is_not_in_charge(at_work: House) -> None:
    kim, lea = await at_work.signed_in("kim"), await at_work.signed_in("lea")
    ident = await claimed(at_work, kim)
    assert fields(await kim.text(f"/console/inbox/{ident}")) == []
    photo = await at_work.file(ident, b"%PDF-1.4\n%%EOF\n", "plan.pdf")
    lines = await at_work.core.store.transcript(ident)
    filled = Intake("schaden", "asked", (("ort", "a1"), ("was", ""), ("foto", lines[-1].id)), asking=False)
    await at_work.citizen("1", "Am Markt 1, 0171 1234567", "Am Markt 1, [Telefon]", intake=filled)
    await at_work.line(ident, Line("a1", "citizen", later(1), "Am Markt 1, 0171 1234567", "Am Markt 1, [Telefon]"))
    mine = fields(await kim.text(f"/console/inbox/{ident}"))
    assert [label for label, _ in mine] == ["Ort", "Was ist passiert", "Foto"]
    assert mine[0][1] == "Am Markt 1, 0171 1234567"
    assert mine[1][1] == "übersprungen"
    assert "plan.pdf" in mine[2][1]
    assert f"/console/inbox/{ident}/files/{photo.id}" in await kim.text(f"/console/inbox/{ident}")
    assert fields(await lea.text(f"/console/inbox/{ident}"))[0][1] == "Am Markt 1, [Telefon]"
    await at_work.line(ident, Line("a2", "citizen", later(2), "<b>Am Markt 2", "<b>Am Markt 2", edits="a1"))
    page = await kim.text(f"/console/inbox/{ident}")
    assert fields(page)[0][1] == "<b>Am Markt 2"
    assert "<b>Am" not in page
