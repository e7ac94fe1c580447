"""`stadtbote town`: what people set for the town, out as a town.yml and in from one."""

import argparse

import yaml

from bot.composition import corpus_folder
from bot.livetown import live_town
from bot.settings import Settings, SettingsError
from faq.marked import load_marked
from faq.schema import open_database
from faq.town import read_town
from faq.town.sections import sections_of

HEAD = "# The town as it stood when `stadtbote town export` wrote this file.\n"


def run(settings: Settings, args: argparse.Namespace) -> int:
    """Export writes the whole file; import takes over what the console can change, each section as a revision."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_database(settings.database)
    try:
        live = live_town(corpus_folder(settings), engine)
        if args.town == "export":
            text = yaml.safe_dump(live.file(), allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)
            args.file.write_text(HEAD + text, "utf-8")
            print(f"{live.town.full_name} written to {args.file}.")
            return 0
        top = load_marked(args.file)
        read_town(args.file, top)
        saved = live.save(sections_of(top), args.user, f"import: {args.file.name}")
        changed = ", ".join(kept.section for kept in saved) or "nothing: it says the same"
        print(f"Changed: {changed}.")
        return 0
    except OSError as error:
        raise SettingsError(f"{args.file} cannot be written ({error.strerror}).") from None
    finally:
        engine.dispose()
