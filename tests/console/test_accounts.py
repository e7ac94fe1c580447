"""Accounts and audit: one contract on SQLite and PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text

from bot.console.accounts import AccountError, Accounts
from bot.console.audit import Audit
from faq.database import reading
from faq.schema import open_database
from tests.console.house import PASSWORD, QUICK


@pytest.fixture
def accounts(database_url: str) -> Iterator[Accounts]:
    found = Accounts(database_url, QUICK)
    yield found
    found.close()


def test_an_account(accounts: Accounts, database_url: str) -> None:
    made = accounts.add("Kim.B", PASSWORD, "clerk", teams={"b", "a", " "})
    assert (made.name, made.display_name, made.teams, made.role) == ("kim.b", "kim.b", frozenset({"a", "b"}), "clerk")
    assert accounts.verify("kim.b", PASSWORD)
    assert not accounts.verify("kim.b", PASSWORD + "x")
    assert not accounts.verify("nobody", PASSWORD)
    again = Accounts(database_url, QUICK)  # a second process finds the same
    assert again.get("KIM.B") == made
    again.close()


def test_teams_change(accounts: Accounts) -> None:
    accounts.add("kim", PASSWORD, "clerk", teams=["a"])
    accounts.set_teams("KIM", ["c", " b", ""])
    kim = accounts.get("kim")
    assert kim is not None
    assert (kim.teams, kim.generation) == (frozenset({"b", "c"}), 1)  # no reason to end the sessions
    accounts.set_teams("kim", [])
    assert not accounts.get("kim").teams  # type: ignore[union-attr]
    with pytest.raises(AccountError, match="no account nobody"):
        accounts.set_teams("nobody", [])
    with pytest.raises(AccountError, match="characters"):
        accounts.set_teams("kim", ["x" * 2000])


@pytest.mark.parametrize(
    ("name", "password", "role", "more"),
    [
        ("kim.b", PASSWORD, "clerk", {}),
        ("", PASSWORD, "clerk", {}),
        ("a b", PASSWORD, "clerk", {}),
        ("a\0b", PASSWORD, "clerk", {}),
        ("neu", "kurz", "clerk", {}),
        ("neu", "x" * 2000, "clerk", {}),
        ("neu", PASSWORD, "king", {}),
        ("neu", PASSWORD, "clerk", {"language": "xx"}),
        ("neu", PASSWORD, "clerk", {"teams": [f"team-{number:03}" for number in range(200)]}),
    ],
)
def test_what_cannot_be_added(accounts: Accounts, name: str, password: str, role: str, more: dict[str, object]) -> None:
    accounts.add("kim.b", PASSWORD, "clerk")
    for _ in range(7):  # more often than there are connections: each was given back clean
        with pytest.raises(AccountError):
            accounts.add(name, password, role, **more)  # type: ignore[arg-type]
    assert [a.name for a in accounts.all()] == ["kim.b"]


def test_changes(accounts: Accounts) -> None:
    accounts.add("kim", PASSWORD, "clerk", display_name="Kim\0 Ä🐕" + "x" * 200)
    kim = accounts.change_password("KIM", PASSWORD, "ein anderes Wort")
    assert kim.generation == 2
    assert len(kim.display_name) == 120
    with pytest.raises(AccountError):
        accounts.change_password("kim", PASSWORD, "noch ein Wort")
    accounts.disable("kim")
    assert accounts.verify("kim", "ein anderes Wort") is None
    accounts.disable("kim", disabled=False)
    accounts.set_language("kim", "en")
    assert accounts.verify("kim", "ein anderes Wort") == accounts.get("kim")
    for unknown in ("nobody", "k\0m", "k\ud83dm"):
        assert accounts.get(unknown) is None
        assert accounts.verify(unknown, PASSWORD) is None
        with pytest.raises(AccountError):
            accounts.disable(unknown)


def test_names_have_one_order_on_every_database(accounts: Accounts) -> None:
    for name in ("b-a", "b.b", "ba", "b_c", "1b", "b@d"):
        accounts.add(name, PASSWORD, "clerk")
    assert [a.name for a in accounts.all()] == ["1b", "b-a", "b.b", "b@d", "b_c", "ba"]


def test_of_many_who_take_a_name_one_gets_it(accounts: Accounts) -> None:
    def add(number: int) -> bool:
        try:
            accounts.add("kim", PASSWORD, "clerk", display_name=str(number))
        except AccountError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, range(12))) == 1


async def test_deeds(database_url: str) -> None:
    engine = open_database(database_url)
    there = datetime(2026, 11, 22, 1, 30, tzinfo=timezone(timedelta(hours=13)))
    audit = Audit(engine, lambda: there)
    await audit.record("kim", "entry.published", "hund")
    await audit.record("x" * 100, "y" * 100, "z\0" * 300)
    newest, oldest = await audit.latest()
    assert (oldest.at, oldest.at.tzinfo, oldest.who, oldest.object) == (there, UTC, "kim", "hund")
    assert (len(newest.who), len(newest.what), len(newest.object)) == (64, 64, 200)
    assert await audit.latest(1) == [newest]
    with reading(engine) as db:
        assert db.execute(select(text("count(*)")).select_from(text("audit"))).scalar_one() == 2
    engine.dispose()
