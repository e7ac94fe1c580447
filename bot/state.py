"""What a fresh state directory needs before anything starts: tables, and the sample town or the town's corpus."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.composition import corpus_folder, secret_key
from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue
from faq.schema import unusable
from faq.sources import read_for
from faq.sources.yaml_corpus import entry_files
from faq.town import Town, load_town
from faq.trials import Trials, corpus_trials

IMPORTER = "import"
UNFINISHED = "restore.unfinished"
"""A file in the state directory while a restore moves things into place: half of two states is none."""
_PUBLISH = "Bring your entries live with `stadtbote faq import FILE --publish`"


def prepare_state(settings: Settings, say: Callable[[str], None]) -> None:
    """Idempotent, also when several processes do it at once. A broken corpus line stops the start with its place.

    An older database is upgraded. Raises SettingsError, FileError, DatabaseUnusable.
    """
    if (settings.home / UNFINISHED).exists():
        raise SettingsError(
            "A restore was cut off in this state directory. Run `stadtbote restore FILE --replace` again, to its end."
        )
    secret_key(settings)
    folder = corpus_folder(settings)
    town = load_town(folder / "town.yml")  # before anything is written: a broken town stops the start
    catalogue = Catalogue.open(settings.database)
    try:
        catalogue.check_writable()
        if not catalogue.serial():
            _first_release(catalogue, folder, town, say)
        if new := Trials(catalogue.engine).seed(corpus_trials(folder, datetime.now(UTC))):
            say(f"Trials        {new} from {folder.name}/")
    except SQLAlchemyError as error:
        raise unusable(error, settings.database) from None
    finally:
        catalogue.close()


def _first_release(catalogue: Catalogue, folder: Path, town: Town, say: Callable[[str], None]) -> None:
    """The folder's entries, live; nothing for a town whose entries come from a table. Raises SettingsError."""
    if not entry_files(folder):
        say(f"Corpus        {nothing_published(catalogue)}")
        return
    found = read_for(town, folder)
    if wrong := found.errors + found.blocks:
        raise SettingsError(f"The corpus cannot be read: {wrong[0]}")
    loaded = catalogue.load(found.drafts, IMPORTER, publish=True)
    say(f"Corpus        {len(loaded.new)} entries from {folder.name}/ published")


def nothing_published(catalogue: Catalogue) -> str:
    """Where nothing is live, one sentence that says so and what to do; else ""."""
    if next(catalogue.live(), None):
        return ""
    if waiting := len(catalogue.pending()):
        drafts = "1 draft waits" if waiting == 1 else f"{waiting} drafts wait"
        return f"nothing is published yet: {drafts}. {_PUBLISH}, or publish in the console."
    return f"nothing is published yet, so nothing can be answered. {_PUBLISH}."
