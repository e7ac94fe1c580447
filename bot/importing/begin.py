"""A file is handed in: kept, and looked at as far as a person needs to say what its columns are."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.importing.shelf import Shelf, Upload
from faq.sources import Unreadable, preview
from faq.sources.bounds import LARGEST
from faq.sources.table import guess

CELL = 80  # characters of a cell in the preview


def handed_in(shelf: Shelf, by: str, name: str, at: datetime, chunks: Iterable[bytes]) -> Upload:
    """What is known of the file; one that cannot be read says why. Raises TooLarge."""
    shelf.tidy(at)
    upload = shelf.put(by, name, at, chunks, LARGEST)
    place = shelf.file(upload.id)
    assert place is not None
    try:
        begins = preview(place)
    except Unreadable as error:
        upload = replace(upload, wrong=(error.why, dict(error.values), error.message))
    else:
        if begins:
            told = shelf.remembered(by, begins.headers)
            rows = tuple(tuple(cell[:CELL] for cell in row.cells[: len(begins.headers)]) for row in begins.rows)
            upload = replace(upload, headers=begins.headers, rows=rows, remembered=bool(told))
            upload = replace(upload, columns=told or guess(begins.headers, begins.rows))
    shelf.note(upload)
    return upload
