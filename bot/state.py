"""What a fresh state directory needs before anything starts: tables, and the sample town or the town's corpus."""

from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from bot.composition import corpus_folder, secret_key
from bot.settings import Settings, SettingsError
from faq.catalogue import Catalogue
from faq.entry import Draft
from faq.schema import unusable
from faq.sources.yaml_corpus import read as read_corpus
from faq.town import load_town

IMPORTER = "import"
UNFINISHED = "restore.unfinished"
"""A file in the state directory while a restore moves things into place: half of two states is none."""


def prepare_state(settings: Settings, say: Callable[[str], None]) -> None:
    """Idempotent, also when several processes do it at once. A broken corpus line stops the start with its place.

    An older database is upgraded. Raises SettingsError, FileError, DatabaseUnusable.
    """
    if (settings.home / UNFINISHED).exists():
        raise SettingsError(
            "A restore was cut off in this state directory. Run `stadtbote restore FILE --replace` again, to its end."
        )
    secret_key(settings)
    load_town(corpus_folder(settings) / "town.yml")  # before anything is written: a broken town stops the start
    catalogue = Catalogue.open(settings.database)
    try:
        catalogue.check_writable()
        if catalogue.serial():
            return
        folder = corpus_folder(settings)
        drafts: list[Draft] = []
        for item in read_corpus(folder):
            if not isinstance(item, Draft):
                raise SettingsError(f"The corpus cannot be read: {item}")
            drafts.append(item)
        loaded = catalogue.load(drafts, IMPORTER, publish=True)
        say(f"Corpus        {len(loaded.new)} entries from {folder.name}/ published")
    except SQLAlchemyError as error:
        raise unusable(error, settings.database) from None
    finally:
        catalogue.close()
