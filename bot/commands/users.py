"""`stadtbote users`: accounts of staff."""

import argparse
import getpass
import sys

from bot.composition import corpus_folder
from bot.console.accounts import AccountError, Accounts
from bot.livetown import live_town
from bot.settings import Settings, SettingsError
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
            teams = _teams(live_town(corpus_folder(settings), engine).town, args)
            accounts.set_teams(args.name, teams)
            print(f"{args.name} answers for {', '.join(sorted(teams)) or 'all teams'}.")
        elif args.users == "password":
            accounts.set_password(args.name, _password(args))
            print(f"{args.name} has a new password.")
        elif args.users in ("disable", "enable"):
            accounts.disable(args.name, args.users == "disable")
            print(f"{args.name}: {args.users}d.")
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
