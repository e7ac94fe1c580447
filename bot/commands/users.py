"""`stadtbote users`: accounts of staff."""

import argparse
import getpass
import sys

from bot.composition import corpus_folder
from bot.console.accounts import AccountError, Accounts
from bot.settings import Settings, SettingsError
from faq.town import load_town


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Add or list."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    accounts = Accounts(settings.database)
    if args.users == "list":
        for account in accounts.all():
            where = ",".join(sorted(account.teams)) or "all teams"
            print(f"{account.name}\t{account.role}\t{where}\t{account.display_name}")
        return 0
    teams: frozenset[str] = frozenset(t.strip() for t in args.teams.split(",") if t.strip())
    known = load_town(corpus_folder(settings) / "town.yml").teams
    if unknown := sorted(teams - set(known)):
        raise SettingsError(f"No team is called {', '.join(unknown)}. The teams are: {', '.join(known)}.")
    if args.password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise SettingsError("The two passwords differ. Start again.")
    try:
        accounts.add(args.name, password, args.role, display_name=args.display_name or args.name, teams=teams)
    except AccountError as error:
        raise SettingsError(str(error)) from None
    print(f"{args.name} may sign in at {settings.base_url}/console as {args.role}.")
    return 0
