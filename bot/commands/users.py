"""`stadtbote users`: accounts of staff."""

import argparse
import getpass
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Engine

from bot.composition import corpus_folder
from bot.console.accounts import AccountError, Accounts
from bot.console.settings.coverage import coverage, members
from bot.livetown import live_town
from bot.settings import Settings, SettingsError
from faq.marked import FileError
from faq.schema import open_database
from faq.town import Town


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Add, change or list."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_database(settings.database)
    accounts = Accounts(engine)
    try:
        if args.users == "add":
            _add(accounts, live_town(corpus_folder(settings), engine).town, settings, args)
        elif args.users == "teams":
            town = live_town(corpus_folder(settings), engine).town
            teams = _teams(town, args)
            before = _lost(accounts, town)
            accounts.set_teams(args.name, teams)
            print(f"{args.name} answers for {', '.join(sorted(teams)) or 'all teams'}.")
            _warn(before, _lost(accounts, town))
        elif args.users == "password":
            accounts.set_password(args.name, _password(args))
            print(f"{args.name} has a new password.")
        elif args.users in ("disable", "enable"):
            _disable(accounts, settings, engine, args)
        else:
            for account in accounts.all():
                where = ",".join(sorted(account.teams)) or "all teams"
                state = "\tdisabled" if account.disabled else ""
                print(f"{account.name}\t{account.role}\t{where}\t{account.display_name}{state}")
    except AccountError as error:
        raise SettingsError(str(error)) from None
    finally:
        accounts.close()
    return 0


def _disable(accounts: Accounts, settings: Settings, engine: Engine, args: argparse.Namespace) -> None:
    """Shut out or let in again, at once, also while town.yml is broken."""
    try:
        town: Town | None = live_town(corpus_folder(settings), engine).town
    except FileError as error:
        town = None
        print(f"stadtbote: who answers now was not checked: {error}", file=sys.stderr)
    before = _lost(accounts, town) if town else {}
    accounts.disable(args.name, args.users == "disable")
    print(f"{args.name}: {args.users}d.")
    if town:
        _warn(before, _lost(accounts, town))


def _lost(accounts: Accounts, town: Town) -> dict[str, list[str]]:
    """By name of a team without members: the topics that go there, some or all of them."""
    found = coverage(town, members(accounts.all(), town), datetime.now(UTC))
    return {town.teams[team].name: [town.topics[t].name for t, *_ in found.lost(team)] for team in found.unstaffed}


def _warn(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> None:
    """What the change has left without anybody."""
    for team, topics in after.items():
        if team not in before:
            about = f"; nobody reads what is about {', '.join(topics)}" if topics else ""
            print(f"stadtbote: nobody answers for {team} any more{about}.", file=sys.stderr)


def _add(accounts: Accounts, town: Town, settings: Settings, args: argparse.Namespace) -> None:
    teams = _teams(town, args)
    accounts.add(args.name, _password(args), args.role, display_name=args.display_name or args.name, teams=teams)
    print(f"{args.name} may sign in at {settings.base_url}/console as {args.role}.")


def _teams(town: Town, args: argparse.Namespace) -> frozenset[str]:
    teams = frozenset(t.strip() for t in args.teams.split(",") if t.strip())
    if unknown := sorted(teams - set(town.teams)):
        raise SettingsError(f"No team is called {', '.join(unknown)}. The teams are: {', '.join(town.teams)}.")
    return teams


def _password(args: argparse.Namespace) -> str:
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Again: "):
        raise SettingsError("The two passwords differ. Start again.")
    return password
