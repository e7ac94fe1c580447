"""Which files are taken: kinds as an installation may choose them, their media types, how their names end."""

from collections.abc import Mapping

OOXML, ODF = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
KINDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "image": {
        "image/jpeg": ("jpg", "jpeg"),
        "image/png": ("png",),
        "image/webp": ("webp",),
        "image/gif": ("gif",),
        "image/heic": ("heic", "heif"),
    },
    "pdf": {"application/pdf": ("pdf",)},
    "office": {
        OOXML + "wordprocessingml.document": ("docx",),
        OOXML + "spreadsheetml.sheet": ("xlsx",),
        OOXML + "presentationml.presentation": ("pptx",),
        ODF + "text": ("odt",),
        ODF + "spreadsheet": ("ods",),
        ODF + "presentation": ("odp",),
        "application/msword": ("doc",),
        "application/vnd.ms-excel": ("xls",),
        "application/vnd.ms-powerpoint": ("ppt",),
    },
    "text": {"text/plain": ("txt", "csv", "md", "log")},
    "audio": {
        "audio/ogg": ("ogg", "oga", "opus"),
        "audio/mpeg": ("mp3",),
        "audio/mp4": ("m4a", "mp4"),
        "audio/aac": ("aac",),
        "audio/amr": ("amr",),
    },
    "video": {"video/mp4": ("mp4", "m4v"), "video/3gpp": ("3gp",)},
}
"""Kind -> media type -> endings, the usual one first."""
ENDINGS: Mapping[str, tuple[str, ...]] = {t: endings for types in KINDS.values() for t, endings in types.items()}
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""Images that every browser shows; all else is downloaded."""


def kinds(text: str) -> str:
    """A setting's kinds, separated by commas; "off" takes none. Raises ValueError."""
    chosen = [part.strip().casefold() for part in text.split(",") if part.strip()]
    if chosen == ["off"]:
        return "off"
    if not chosen or any(kind not in KINDS for kind in chosen):
        raise ValueError("write some of: " + ", ".join(KINDS) + "; or off")
    return ",".join(dict.fromkeys(chosen))


def taken(chosen: str) -> frozenset[str]:
    """The media types of the setting's kinds."""
    return frozenset(t for kind in chosen.split(",") if kind in KINDS for t in KINDS[kind])
