"""`stadtbote faq`: the corpus in and out."""

import argparse
import sys
from datetime import UTC, datetime

from bot.composition import corpus_folder
from bot.priority import behind
from bot.settings import Settings, SettingsError
from bot.state import nothing_published
from faq.catalogue import Catalogue, Loaded
from faq.importing import Kept, Plan, plan, take_in
from faq.importing.out import leaving
from faq.sources import UnknownSource, export, read_for
from faq.sources.table import Chosen, column, headers
from faq.sources.xlsx import TooLong
from faq.town import load_town

RELEASES = ("releases", "release", "diff", "propose", "publish", "rollback")


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Import takes all rows over or names all that is wrong with them; export writes what is live."""
    if args.faq == "calibrate":
        from bot.commands import calibrate  # loads what fits

        return calibrate.run(settings, args)
    if args.faq == "lint":
        from bot.commands import lint

        return lint.run(settings, args)
    if args.faq == "gaps":
        from bot.commands import gaps

        return gaps.run(settings, args)
    if args.faq in RELEASES:
        from bot.commands import releases

        return releases.run(settings, args)
    behind()  # a large file must not keep the replies of this machine waiting
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    catalogue = Catalogue.open(settings.database)
    try:
        return _import(settings, catalogue, args) if args.faq == "import" else _export(catalogue, args)
    except (UnknownSource, TooLong, OSError) as error:
        raise SettingsError(str(error)) from None
    finally:
        catalogue.close()


def _import(settings: Settings, catalogue: Catalogue, args: argparse.Namespace) -> int:
    found = read_for(load_town(corpus_folder(settings) / "town.yml"), args.file, _chosen(args.map))
    wanted = plan(catalogue.engine, found.drafts)
    errors = found.errors + wanted.errors + (found.blocks if args.publish else ())
    for error in errors:
        print(error, file=sys.stderr)
    for remark in found.remarks:
        print(f"Remark: {remark}", file=sys.stderr)
    if errors:
        wrong = _count(len({(error.place, error.row) for error in errors}), "row")
        print(f"Nothing was imported: correct {wrong} and import again.", file=sys.stderr)
        return 1
    for block in found.blocks:
        print(f"Before it can be published: {block}", file=sys.stderr)
    if args.dry_run:
        _tell(wanted)
        return 0
    if args.publish:
        print(_published(catalogue.load(wanted.drafts, args.user, publish=True)))
    else:
        print(_saved(take_in(catalogue.engine, wanted, args.user, datetime.now(UTC)), len(wanted.same)))
    if not args.publish and (told := nothing_published(catalogue)):
        print(f"Now {told}")
    return 0


def _chosen(given: list[str]) -> Chosen:
    """What --map says, by header. Raises SettingsError."""
    chosen = {}
    for told in given:
        header, equals, name = told.rpartition("=")
        if not equals or (name and name not in headers()):
            raise SettingsError(f"--map {told}: write HEADER=FIELD, with one of the fields {', '.join(headers())}")
        chosen[header.strip()] = name
    return chosen


def _tell(wanted: Plan) -> None:
    """What would change, field by field."""
    for change in wanted.changed:
        for one in change.differs:
            print(f"{change.entry}: {column(one.field)} ({one.language}): {_short(one.before)} -> {_short(one.after)}")
    counted = [_count(len(wanted.new), "new entry"), f"{len(wanted.changed)} changed", f"{len(wanted.same)} unchanged"]
    print(f"{', '.join(counted)}. Nothing was written.")


def _short(text: str) -> str:
    told = " ".join(text.split())
    return f'"{told[:60]}…"' if len(told) > 61 else f'"{told}"'


def _saved(kept: Kept, same: int) -> str:
    """What became of every entry of the file: the numbers add up to theirs."""
    new, changed = len(kept.new), len(kept.changed)
    told = f"{_count(new + changed, 'entry')} saved as drafts ({new} new, {changed} changed), {same} unchanged."
    if kept.conflicts:
        told += f" Somebody saved {', '.join(kept.conflicts)} meanwhile: left alone; import again."
    return told


def _published(loaded: Loaded) -> str:
    """What became of every entry of the file: the numbers add up to theirs."""
    new, changed, same = len(loaded.new), len(loaded.changed), len(loaded.same)
    drafts = len(set(loaded.published) & set(loaded.same))
    return (
        f"{_count(len(loaded.published), 'entry')} published ({new} new, {changed} changed, {drafts} drafted before), "
        f"{same - drafts} unchanged."
    )


def _count(n: int, one: str) -> str:
    many = f"{one.removesuffix('y')}ies" if one.endswith("y") else f"{one}s"
    return f"{n} {one if n == 1 else many}"


def _export(catalogue: Catalogue, args: argparse.Namespace) -> int:
    count = export(args.file, leaving(catalogue.engine, not args.newest, args.query, args.topic))
    print(f"{_count(count, 'entry')} written to {args.file}.")
    return 0
