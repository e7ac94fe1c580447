"""The jobs "import-check" and "import": an editor's file is looked at, then taken in. See bot.importing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.composition import corpus_folder
from bot.importing.shelf import Shelf, Upload
from bot.importing.work import Gone, check, take
from bot.jobs.kinds import JobFailed, Work
from bot.livetown import live_town
from faq.sources import UnknownSource
from faq.town import Town


def look(work: Work) -> Mapping[str, Any]:
    """What would change. Raises JobFailed where the file is gone."""
    shelf, upload, town = _of(work)
    try:
        return check(work.engine, town, shelf, upload, work.tell)
    except (Gone, UnknownSource) as error:
        raise JobFailed("gone") from error


def run(work: Work) -> Mapping[str, Any]:
    """Saves what changes, as drafts. Raises JobFailed where the file is gone."""
    shelf, upload, town = _of(work)
    try:
        return take(work.engine, town, shelf, upload, datetime.now(UTC), work.tell)
    except (Gone, UnknownSource) as error:
        raise JobFailed("gone") from error


def _of(work: Work) -> tuple[Shelf, Upload, Town]:
    shelf = Shelf(work.settings.home)
    upload = shelf.get(work.job.about, work.job.by)
    if upload is None:
        raise JobFailed("gone")
    return shelf, upload, live_town(corpus_folder(work.settings), work.engine).town
