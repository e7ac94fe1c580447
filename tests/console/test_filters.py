"""The list narrowed down: by the address alone, through every link, form and refresh."""

import html
import re
from dataclasses import asdict
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from bot.console.filters import FIELDS, LONGEST, WHO, Filters
from bot.conversation import Conversation, Reason, Status
from tests.console.house import House, later
from tests.console.test_inbox import groups

VALUES = {"team": ["", "a", "b"], "channel": ["telegram", "web"], "language": ["", "de", "ar"]}
CONVERSATIONS = st.builds(
    Conversation,
    st.text("0123456789abcdef", min_size=20, max_size=20),
    st.sampled_from(VALUES["channel"]),
    st.just("1"),
    status=st.sampled_from(Status),
    owner=st.sampled_from(["kim", "ada"]),
    reason=st.sampled_from([None, *Reason]),
    team=st.sampled_from(VALUES["team"]),
    language=st.sampled_from(VALUES["language"]),
)


@given(st.dictionaries(st.text(max_size=9) | st.sampled_from(["q", "who", *FIELDS]), st.text(max_size=LONGEST + 9)))
def test_the_address_carries_exactly_the_filters(query: dict[str, str]) -> None:
    found = Filters.of(query)
    assert Filters.of(dict(parse_qsl(found.suffix.removeprefix("?")))) == found
    assert found.more == found.suffix.replace("?", "&", 1)
    assert found.who in WHO


@given(st.lists(CONVERSATIONS, max_size=12), st.fixed_dictionaries({n: st.sampled_from(v) for n, v in VALUES.items()}))
def test_a_count_is_what_choosing_it_leaves(some: list[Conversation], chosen: dict[str, str]) -> None:
    from zoneinfo import ZoneInfo

    from bot.console.words import Words
    from tests.console.house import NOW
    from tests.offices.towns import SAMPLE

    filters = Filters.of(chosen)
    left = [c for c in some if filters.fits(c, "kim")]
    assert filters.counts(some, "kim")[""] == len(left)
    for name, choices in filters.choices(some, "kim", SAMPLE, Words("de", ZoneInfo("Europe/Berlin"), NOW)).items():
        for choice in choices:
            other = Filters(**{**asdict(filters), name: choice.value})
            assert choice.count == sum(other.fits(c, "kim") for c in some)
        assert [c.value for c in choices if c.chosen] == [v for v in [getattr(filters, name)] if v]


async def test_narrowed_by_every_field(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    first = await at_work.citizen("1", "eins", due=later(7200))
    second = await at_work.citizen("2", "zwei", language="ar", team="bauen-umwelt", reason=Reason.COMPLAINT)
    mine = await at_work.citizen("3", "drei", status=Status.ASSIGNED, owner="kim", number=7, team="buergeramt")
    for query, wanted in {
        "who=waiting": {first, second},
        "who=mine": {mine},
        "team=buergeramt": {first, mine},
        "language=ar": {second},
        "reason=complaint&who=waiting": {second},
        "channel=whatsapp": set(),
        "q=zwei": {second},
        "q=zwei&team=buergeramt": set(),
        "who=%3Cscript%3E": {first, second, mine},
    }.items():
        page = await kim.text(f"/console/inbox?{query}")
        assert {c for some in groups(page).values() for c in some} == wanted, query
        assert f'data-mine="{mine}"' in page  # who is here holds what is theirs, shown or not
    page = html.unescape(await kim.text("/console/inbox?team=bauen-umwelt&who=waiting"))
    assert "1 Wartender ist gerade ausgeblendet" in page
    assert re.search(r'<option value="bauen-umwelt" selected>[^<]*\(1\)', page)
    assert re.search(r'<option value="buergeramt">[^<]*\(1\)', page)
    everything = await kim.text("/console/inbox")
    assert "bis <time" in everything
    assert "Telegram · Arabisch" in re.sub(r"\s+", " ", everything)


async def test_filters_go_along(at_work: House) -> None:
    kim = await at_work.signed_in("kim")
    conversation = await at_work.citizen("1", "eins")
    kept = "?who=waiting&team=buergeramt"
    page = html.unescape(await kim.text(f"/console/inbox{kept}"))
    url = f"/console/inbox/{conversation}"
    assert f'href="{url}{kept}"' in page
    page = html.unescape(await kim.text(url + kept))
    actions = re.findall(rf'action="{url}/\w+([^"]*)"', page)
    assert len(actions) > 4
    assert set(actions) == {kept}
    assert f'<a href="/console/inbox{kept}"' in page
    answer = await kim.post(f"{url}/claim{kept}")
    assert answer.headers["Location"] == url + kept
    for more in re.findall(rf'action="{url}/\w+([^"]*)"', html.unescape(await kim.text(url + kept))):
        assert more == kept


async def test_another_teams_are_not_counted(at_work: House) -> None:
    from tests.console.house import PASSWORD

    at_work.accounts.add("amt", PASSWORD, "clerk", teams=["buergeramt"])
    amt = await at_work.signed_in("amt")
    await at_work.citizen("1", "eins", team="bauen-umwelt", language="uk")
    page = await amt.text("/console/inbox?team=bauen-umwelt")
    assert "Ukrainisch" not in page
    assert re.search(r'<option value="bauen-umwelt" selected>[^<]*\(0\)', page)
    assert "ausgeblendet" not in page
