"""`stadtbote faq releases`, `release`, `diff`, `propose`, `publish`, `rollback`: what answers, and back to what did."""

import argparse
import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.console.audit import Audit
from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue
from faq.encoder import name_of as encoder_name
from faq.entry import Revision
from faq.proving.order import order
from faq.releases import Changed, NeedsSecond, Noted, Release, Releases, State, Step
from faq.releases.kept import UNPROVED

LIVE = "live"
"""Stands for the number of the release that answers."""


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Status 1 where the catalogue refuses; bot.__main__ says why."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    catalogue = Catalogue.open(settings.database)
    try:
        return _Desk(settings, catalogue).do(args)
    finally:
        catalogue.close()


class _Desk:
    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self._settings, self._catalogue = settings, catalogue
        encoder = encoder_name(settings.encoder, settings.cache) or None
        self._releases = Releases(catalogue.engine, encoder=encoder)

    def do(self, args: argparse.Namespace) -> int:
        done: int = getattr(self, args.faq)(args)
        return done

    def releases(self, args: argparse.Namespace) -> int:
        """The newest ones, and which of them answers."""
        found = self._releases.latest(args.limit)
        states = self._releases.states(release.id for release in found)
        if args.json:
            _json([_plain(release, states[release.id]) for release in found])
            return 0
        for release in found:
            print(_line(release, states[release.id]))
        if not found:
            print("Nothing was published yet.")
        return 0

    def release(self, args: argparse.Namespace) -> int:
        """One of them: its story, and what it changed."""
        release = self._one(args.number)
        state, steps = self._releases.state(release.id), self._releases.steps(release.id)
        changes = self._releases.diff(release.base, release.id)
        unsigned = self._releases.unsigned(release.id) if state not in (State.LIVE, State.REPLACED) else ()
        if args.json:
            told = {"steps": [_step(noted) for noted in steps], "changes": [_change(c) for c in changes]}
            _json(_plain(release, state) | told | {"unsigned": list(unsigned)})
            return 0
        print(_line(release, state))
        models = {"NLU data": release.nlu, "thresholds": release.fit, "encoder": release.encoder}
        print(f"  id {release.id}" + "".join(f", {name} {told}" for name, told in models.items() if told))
        for noted in steps:
            why = f": {noted.why}" if noted.why else ""
            untried = " without trials" if noted.detail == UNPROVED else ""
            print(f"  {noted.at:%Y-%m-%d %H:%M} UTC {noted.step}{untried} by {noted.by}{why}")
        if unsigned:
            print(f"  {NeedsSecond(unsigned)}")
        self._tell(changes)
        return 0

    def diff(self, args: argparse.Namespace) -> int:
        """What leads from one to the other."""
        before, after = self._one(args.before), self._one(args.after)
        changes = self._releases.diff(before.id, after.id)
        if args.json:
            _json({"before": before.number, "after": after.number, "changes": [_change(c) for c in changes]})
            return 0
        self._tell(changes)
        return 0

    def propose(self, args: argparse.Namespace) -> int:
        """A release of the named entries' newest versions, or of all that wait for one."""
        pending = self._catalogue.pending()
        changes: dict[str, str | None] = {}
        for entry in args.entries or pending:
            if entry not in pending:
                raise SettingsError(f"{entry} has no version that waits for its release.")
            changes[entry] = pending[entry]
        changes |= dict.fromkeys(args.remove)
        made = self._releases.propose(changes, args.user, args.title)
        order(self._catalogue.engine, made.id, args.user)
        print(f"Release {made.number} ({made.id}) is proposed: {_counted(changes)}. A worker asks the trials.")
        return 0

    def publish(self, args: argparse.Namespace) -> int:
        """By the same rules as in the console."""
        release = self._one(args.number)
        known = len(self._releases.steps(release.id))
        self._releases.publish(release.id, args.user, self._settings.four_eyes, args.why)
        if done := {noted.step for noted in self._releases.steps(release.id)[known:]}:
            self._record(args.user, "release_forced" if Step.FORCED in done else "release_published", release, args.why)
        loading = self._releases.state(release.id) is State.LOADING
        print(f"Release {release.number} {'is loading its NLU data' if loading else 'is live'}.")
        return 0

    def rollback(self, args: argparse.Namespace) -> int:
        """Back to the named release, else to what was live before the live one was published."""
        live = self._releases.live()
        release = self._one(args.number) if args.number else self._releases.before()
        if release is None:
            raise SettingsError("There is no earlier release to go back to.")
        changes = self._releases.diff(live.id if live else "", release.id)
        known = len(self._releases.steps(release.id))
        self._releases.rollback(release.id, args.user, args.why, live.id if live else None)
        if len(self._releases.steps(release.id)) > known:  # it may answer already
            self._record(args.user, "release_rolled_back", release, args.why)
        if self._releases.state(release.id) is State.LOADING:
            print(
                f"Release {release.number} understands by other examples: it is live as soon as their model answers. "
                "Give the command again to have it live now; keywords understand meanwhile."
            )
            return 0
        print(f"Release {release.number} is live again; workers answer by it within two seconds.")
        self._tell(changes)
        return 0

    def _one(self, told: str) -> Release:
        """By number, id, or "live". Raises SettingsError."""
        found = self._releases.live() if told == LIVE else self._releases.get(told)
        if found is None and told.isdecimal():
            found = self._releases.numbered(int(told))
        if found is None:
            raise SettingsError(f"There is no release {told}; `stadtbote faq releases` lists them.")
        return found

    def _tell(self, changes: tuple[Changed, ...]) -> None:
        """The changes with numbers of versions and the question: what an editor calls them by."""
        wanted = {id for change in changes for id in (change.before, change.after) if id}
        known = {revision.id: revision for revision in self._catalogue.revisions(wanted)}
        for change in changes:
            print(f"  {_told(change, known)}")
        print(f"{_counted(changes)} changed." if changes else "Nothing differs.")

    def _record(self, who: str, what: str, release: Release, why: str) -> None:
        about = f"{release.number} · {why}" if why else str(release.number)
        asyncio.run(Audit(self._catalogue.engine).record(who, what, about))


def _line(release: Release, state: State) -> str:
    title = f"  {release.title}" if release.title else ""
    told = f"{_counted(range(release.entries))}, {release.at:%Y-%m-%d %H:%M} UTC by {release.by}"
    return f"Release {release.number}  {state:<11}  {told}{title}"


def _told(change: Changed, known: Mapping[str, Revision]) -> str:
    before, after = known.get(change.before or ""), known.get(change.after or "")
    if after is None:
        return f"- {change.entry}  (was version {before.number})" if before else f"- {change.entry}"
    if before is None:
        return f"+ {change.entry}  version {after.number}: {after.text('de').question}"
    return f"~ {change.entry}  version {before.number} -> {after.number}: {after.text('de').question}"


def _counted(many: Iterable[object]) -> str:
    count = sum(1 for _ in many)
    return "1 entry" if count == 1 else f"{count} entries"


def _plain(release: Release, state: State) -> dict[str, Any]:
    named = ("number", "id", "title", "base", "nlu", "fit", "encoder", "entries", "by")
    return {name: getattr(release, name) for name in named} | {"state": state, "at": release.at.isoformat()}


def _step(noted: Noted) -> dict[str, str]:
    return {"step": noted.step, "by": noted.by, "at": noted.at.isoformat(), "why": noted.why, "detail": noted.detail}


def _change(change: Changed) -> dict[str, str | None]:
    return {"entry": change.entry, "before": change.before, "after": change.after}


def _json(found: object) -> None:
    print(json.dumps(found, ensure_ascii=False, indent=2))
