"""Accounts of staff in SQL: who may sign in, as what, for which teams. Passwords are kept as argon2id hashes only.

Calls block (SQL, and some 50 ms of argon2): the console makes them in threads.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Boolean, Column, Engine, Integer, MetaData, Row, String, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from faq.database import PlainText, reading, writing
from faq.schema import shared

SHORTEST, LONGEST = 10, 1000  # characters of a password; the upper bound only limits work
LANGUAGES = ("de", "en")
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,62}")
TEAMS = 1000  # characters of all ids together

metadata = MetaData()
accounts = Table(
    "accounts",
    metadata,
    Column("name", PlainText(64), primary_key=True),
    Column("display_name", PlainText(120), nullable=False),
    Column("hash", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("teams", PlainText(TEAMS), nullable=False),  # ids, separated by commas
    Column("language", String(8), nullable=False),
    Column("disabled", Boolean, nullable=False),
    # Grows with whatever must end the account's sessions: a new password, disabling.
    Column("generation", Integer, nullable=False),
)


class Role(StrEnum):
    """What an account is for."""

    CLERK = "clerk"
    LEAD = "lead"  # a clerk who sees how the teams' day goes, and passes on what others have in hand
    EDITOR = "editor"
    ADMIN = "admin"
    AUDITOR = "auditor"

    @property
    def leads(self) -> bool:
        """May they pass on what others have in hand?"""
        return self in (Role.LEAD, Role.ADMIN)


ANSWERING = frozenset({Role.CLERK, Role.LEAD, Role.ADMIN})
"""Who may answer citizens."""


class AccountError(Exception):
    """The account cannot be made or changed; the message says why, `why` is a key of the console's texts."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class Account:
    """One person of the staff. No teams means every team."""

    name: str
    display_name: str
    role: Role
    teams: frozenset[str]
    language: str
    disabled: bool
    generation: int


class Accounts:
    """The accounts in a database: at this SQLAlchemy URL, or behind an engine that others share."""

    def __init__(self, database: str | Engine, hasher: PasswordHasher | None = None) -> None:
        self._engine = shared(database)
        self._hasher = hasher or PasswordHasher()
        self._nobody = ""

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def add(
        self,
        name: str,
        password: str,
        role: str,
        display_name: str = "",
        teams: Iterable[str] = (),
        language: str = "de",
    ) -> Account:
        """A new account. Raises AccountError."""
        name = normal(name)
        if not _NAME.fullmatch(name):
            raise AccountError("account.name", "A user name is 1 to 63 of a-z 0-9 . _ @ - and starts with a-z or 0-9.")
        if role not in set(Role):
            raise AccountError("account.role", f"The role is one of: {', '.join(Role)}.")
        if language not in LANGUAGES:
            raise AccountError("account.language", f"The language is one of: {', '.join(LANGUAGES)}.")
        values = {
            "name": name,
            "display_name": " ".join(display_name.split())[:120] or name,
            "hash": self._hash(password),
            "role": role,
            "teams": _ids(teams),
            "language": language,
            "disabled": False,
            "generation": 1,
        }
        try:
            with writing(self._engine) as db:
                db.execute(insert(accounts).values(**values))
        except IntegrityError:
            raise AccountError("account.exists", f"There is an account {name} already.") from None
        found = self.get(name)
        assert found is not None
        return found

    def verify(self, name: str, password: str) -> Account | None:
        """The account when name and password belong together and it is not disabled; constant work otherwise."""
        row = self._row(name)
        # Verified against when there is no such account, so that both answers take the same time.
        self._nobody = self._nobody or self._hasher.hash("nobody has this password")
        try:
            right = self._hasher.verify(row.hash if row else self._nobody, _typed(password)[:LONGEST])
        except (VerificationError, InvalidHashError):
            return None
        if row is None or row.disabled or not right:
            return None
        if self._hasher.check_needs_rehash(row.hash):
            self._update(row.name, hash=self._hasher.hash(_typed(password)))
        return _account(row)

    def get(self, name: str) -> Account | None:
        """The account, disabled or not."""
        row = self._row(name)
        return _account(row) if row else None

    def some(self, names: Iterable[str]) -> dict[str, Account]:
        """Those of these accounts that there are, by name."""
        wanted = sorted({normal(name) for name in names})
        with reading(self._engine) as db:
            rows = db.execute(select(accounts).where(accounts.c.name.in_(wanted))).all()
        return {account.name: account for account in map(_account, rows)}

    def all(self) -> list[Account]:
        """Every account, by name."""
        with reading(self._engine) as db:
            found = [_account(row) for row in db.execute(select(accounts)).all()]
        return sorted(found, key=lambda account: account.name)

    def change_password(self, name: str, old: str, new: str) -> Account:
        """A new password, which ends the account's other sessions. Raises AccountError."""
        account = self.verify(name, old)
        if account is None:
            raise AccountError("account.wrong_password", "The old password is not right.")
        self._update(account.name, hash=self._hash(new), generation=account.generation + 1)
        changed = self.get(name)
        assert changed is not None
        return changed

    def set_password(self, name: str, new: str) -> None:
        """A new password by an administrator's hand; ends the account's sessions. Raises AccountError."""
        account = self.get(name)
        if account is None:
            raise AccountError("account.unknown", f"There is no account {name}.")
        self._update(account.name, hash=self._hash(new), generation=account.generation + 1)

    def set_teams(self, name: str, teams: Iterable[str]) -> None:
        """For which teams the account answers from now on, none: for all. Raises AccountError."""
        account = self.get(name)
        if account is None:
            raise AccountError("account.unknown", f"There is no account {name}.")
        self._update(account.name, teams=_ids(teams))

    def set_language(self, name: str, language: str) -> None:
        """The language of the console for this account. Raises AccountError."""
        if language not in LANGUAGES:
            raise AccountError("account.language", f"The language is one of: {', '.join(LANGUAGES)}.")
        self._update(normal(name), language=language)

    def disable(self, name: str, disabled: bool = True) -> None:
        """Shut the account out, at once, or let it in again."""
        account = self.get(name)
        if account is None:
            raise AccountError("account.unknown", f"There is no account {name}.")
        self._update(account.name, disabled=disabled, generation=account.generation + 1)

    def _hash(self, password: str) -> str:
        typed = _typed(password)
        if not SHORTEST <= len(typed) <= LONGEST:
            raise AccountError("account.weak_password", f"A password has {SHORTEST} to {LONGEST} characters.")
        return self._hasher.hash(typed)

    def _row(self, name: str) -> Row[tuple[object, ...]] | None:
        with reading(self._engine) as db:
            return db.execute(select(accounts).where(accounts.c.name == normal(name))).first()

    def _update(self, name: str, **values: object) -> None:
        with writing(self._engine) as db:
            db.execute(update(accounts).where(accounts.c.name == name).values(**values))


def _ids(teams: Iterable[str]) -> str:
    ids = ",".join(sorted({t.strip() for t in teams if t.strip()}))
    if len(ids) > TEAMS:
        raise AccountError("account.teams", f"The ids of the teams have at most {TEAMS} characters together.")
    return ids


def normal(name: str) -> str:
    """User names know no case."""
    return unicodedata.normalize("NFKC", name).strip().casefold()[:64]


def _typed(password: str) -> str:
    # Keyboards differ in how they compose an umlaut.
    return unicodedata.normalize("NFC", password)


def _account(row: Row[tuple[object, ...]]) -> Account:
    teams = frozenset(t for t in row.teams.split(",") if t)
    return Account(
        row.name, row.display_name, Role(row.role), teams, row.language, bool(row.disabled), int(row.generation)
    )
