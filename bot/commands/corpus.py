"""`stadtbote faq`: the corpus in and out."""

import argparse
import sys

from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue
from faq.entry import Draft
from faq.sources import RowError, UnknownSource, export, read


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Import makes drafts of good rows and names the bad ones; export writes what is live."""
    if args.faq == "calibrate":
        from bot.commands import calibrate  # loads what fits

        return calibrate.run(settings, args)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    catalogue = Catalogue.open(settings.database)
    try:
        return _import(catalogue, args) if args.faq == "import" else _export(catalogue, args)
    except (UnknownSource, OSError) as error:
        raise SettingsError(str(error)) from None
    finally:
        catalogue.close()


def _import(catalogue: Catalogue, args: argparse.Namespace) -> int:
    found = list(read(args.file))
    drafts = [item for item in found if isinstance(item, Draft)]
    errors = [item for item in found if isinstance(item, RowError)]
    for error in errors:
        print(f"{args.file.name}: {error}", file=sys.stderr)
    if errors:
        print(f"Nothing was imported: correct {len(errors)} rows and import again.", file=sys.stderr)
        return 1
    loaded = catalogue.load(drafts, args.user, publish=args.publish)
    what = "published" if args.publish else "saved as drafts"
    print(f"{len(loaded.new)} new and {len(loaded.changed)} changed entries {what}, {len(loaded.same)} unchanged.")
    return 0


def _export(catalogue: Catalogue, args: argparse.Namespace) -> int:
    count = export(args.file, (Draft(r.entry, r.content) for r in catalogue.live()))
    print(f"{count} entries written to {args.file}.")
    return 0
