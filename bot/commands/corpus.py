"""`stadtbote faq`: the corpus in and out."""

import argparse
import sys

from bot.composition import corpus_folder
from bot.settings import Settings, SettingsError
from bot.state import nothing_published
from faq.catalogue import Catalogue, Loaded
from faq.entry import Draft
from faq.sources import UnknownSource, export, read_for
from faq.town import load_town


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Import takes all rows over or names all that is wrong with them; export writes what is live."""
    if args.faq == "calibrate":
        from bot.commands import calibrate  # loads what fits

        return calibrate.run(settings, args)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    catalogue = Catalogue.open(settings.database)
    try:
        return _import(settings, catalogue, args) if args.faq == "import" else _export(catalogue, args)
    except (UnknownSource, OSError) as error:
        raise SettingsError(str(error)) from None
    finally:
        catalogue.close()


def _import(settings: Settings, catalogue: Catalogue, args: argparse.Namespace) -> int:
    found = read_for(load_town(corpus_folder(settings) / "town.yml"), args.file)
    errors = found.errors + (found.blocks if args.publish else ())
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
    loaded = catalogue.load(found.drafts, args.user, publish=args.publish)
    print(_told(loaded, args.publish))
    if not args.publish and (told := nothing_published(catalogue)):
        print(f"Now {told}")
    return 0


def _told(loaded: Loaded, publish: bool) -> str:
    """What became of every entry of the file: the numbers add up to theirs."""
    new, changed, same = len(loaded.new), len(loaded.changed), len(loaded.same)
    if not publish:
        return f"{_count(new + changed, 'entry')} saved as drafts ({new} new, {changed} changed), {same} unchanged."
    drafts = len(set(loaded.published) & set(loaded.same))
    return (
        f"{_count(len(loaded.published), 'entry')} published ({new} new, {changed} changed, {drafts} drafted before), "
        f"{same - drafts} unchanged."
    )


def _count(n: int, one: str) -> str:
    many = f"{one.removesuffix('y')}ies" if one.endswith("y") else f"{one}s"
    return f"{n} {one if n == 1 else many}"


def _export(catalogue: Catalogue, args: argparse.Namespace) -> int:
    count = export(args.file, (Draft(r.entry, r.content) for r in catalogue.live()))
    print(f"{_count(count, 'entry')} written to {args.file}.")
    return 0
