"""What a Telegram message brings besides words: its files by their ids, a place and a person's card as words. Pure.

Facts from core.telegram.org/bots/api: Message, PhotoSize, Document, Voice, Venue, Contact, "Sending files".
"""

from typing import Any

from telegram import Message

from bot.attachments.attachment import Attachment, attachment_id
from bot.attachments.names import clean_name
from bot.document import clean

PHOTOS = frozenset({"image/jpeg", "image/png"})
LARGEST_PHOTO, LARGEST_DOCUMENT = 10 * 1024 * 1024, 50 * 1024 * 1024
_KINDS = ("document", "voice", "audio", "video", "video_note", "animation")
_TYPES = {"voice": "audio/ogg", "video_note": "video/mp4", "photo": "image/jpeg"}


def attachments(message: Message) -> tuple[Attachment, ...]:
    """The file of a message, the largest of a photo's sizes. Stickers are none: there is nothing to read in them."""
    if message.photo:
        return (_named(message, "photo", max(message.photo, key=lambda size: size.width * size.height)),)
    for kind in _KINDS:
        file: Any = getattr(message, kind, None)
        if file is not None:
            return (_named(message, kind, file),)
    return ()


def _named(message: Message, kind: str, file: Any) -> Attachment:
    media_type = str(getattr(file, "mime_type", None) or _TYPES.get(kind, ""))
    name = str(getattr(file, "file_name", None) or f"{kind}-{message.message_id}")
    if not isinstance(file.file_id, str):
        raise TypeError("a file without an id")
    size = file.file_size if isinstance(file.file_size, int) else 0
    ident = attachment_id(str(message.message_id))
    return Attachment(ident, clean_name(clean(name), media_type), clean(media_type)[:100], size, source=file.file_id)


def facts(message: Message) -> str:
    """A place or a card in words that every language shares: names, numbers, coordinates."""
    if venue := message.venue:
        return clean("\n".join((venue.title, venue.address, _point(venue.location))))
    if message.location:
        return _point(message.location)
    if contact := message.contact:
        name = " ".join(filter(None, (contact.first_name, contact.last_name)))
        return clean(f"{name}\n{contact.phone_number}")
    return ""


def _point(location: Any) -> str:
    return f"{float(location.latitude):.6f}, {float(location.longitude):.6f}"
