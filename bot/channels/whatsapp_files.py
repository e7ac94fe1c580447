"""What a WhatsApp message brings besides words, and how files leave: by type, within Meta's sizes. Pure.

Facts from Meta's Cloud API reference, v25: media messages, location and contacts messages, supported media types.
"""

from collections.abc import Mapping
from typing import Any

from bot.attachments.attachment import Attachment, attachment_id
from bot.attachments.kinds import ODF
from bot.attachments.names import clean_name
from bot.document import clean
from bot.message import Part

MEGABYTE = 1024 * 1024
_MEDIA = ("image", "document", "audio", "video")
_IMAGES = ("image/jpeg", "image/png")
_SENT_AS: Mapping[str, tuple[str, int]] = {
    **dict.fromkeys(_IMAGES, ("image", 5 * MEGABYTE)),
    **dict.fromkeys(("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"), ("audio", 16 * MEGABYTE)),
    **dict.fromkeys(("video/mp4", "video/3gpp"), ("video", 16 * MEGABYTE)),
}
_DOCUMENT = ("document", 100 * MEGABYTE)


def attachments(message: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The file of a message by its media id; raises where it is not as documented. Stickers are none."""
    kind = message["type"]
    if kind not in _MEDIA:
        return ()
    media = message[kind]
    source, media_type = media["id"], clean(str(media.get("mime_type") or "")).partition(";")[0].strip()
    if not isinstance(source, str) or not source.isascii() or not source.isalnum():
        raise ValueError("no media id")
    ident = attachment_id(message["id"])
    word = "voice" if media.get("voice") else "photo" if kind == "image" else kind
    name = clean(str(media.get("filename") or f"{word}-{ident[:4]}"))
    return (Attachment(ident, clean_name(name, media_type), media_type[:100], source=source),)


def facts(message: Mapping[str, Any]) -> str:
    """A place or cards in words that every language shares: names, numbers, coordinates."""
    if message["type"] == "location":
        place = message["location"]
        point = f"{float(place['latitude']):.6f}, {float(place['longitude']):.6f}"
        return clean("\n".join(filter(None, (place.get("name"), place.get("address"), point))))
    if message["type"] == "contacts":
        cards = []
        for card in message["contacts"][:10]:
            phones = [phone.get("phone") for phone in card.get("phones", ())]
            cards.append("\n".join(filter(None, (card["name"].get("formatted_name"), *phones))))
        return clean("\n\n".join(cards))
    return ""


def takes(media_type: str, size: int) -> bool:
    """Would Meta take it? Pictures of other kinds and OpenDocument are not on its list."""
    unlisted = media_type.startswith(ODF) or (media_type.startswith("image/") and media_type not in _IMAGES)
    return not unlisted and size <= _SENT_AS.get(media_type, _DOCUMENT)[1]


def message_of(media: str, name: str, media_type: str) -> Part:
    """The message that shows an uploaded file."""
    kind, _ = _SENT_AS.get(media_type, _DOCUMENT)
    return {"type": kind, kind: {"id": media, **({"filename": name} if kind == "document" else {})}}
