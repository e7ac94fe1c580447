"""Names of files as they are shown and saved: no path, nothing invisible, and an ending that says what it is."""

import unicodedata

from bot.attachments.kinds import ENDINGS

LONGEST = 80  # characters, the ending included
NAMELESS = "file"
_NEVER = frozenset('<>:"/\\|?*')
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))})


def clean_name(name: str, media_type: str = "") -> str:
    """A name that is safe to show and to save under; never empty.

    What stands before the last slash or backslash is a path and goes. Control and format characters go (the
    right-to-left override makes "exe.jpg" of a name that ends in "gpj.exe"), and so does what systems forbid in
    names. With a known media type the name ends as that type does, whatever it said before.
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    # First out with the invisible: what stood on both sides of it may be one letter together.
    name = unicodedata.normalize("NFC", "".join(c for c in name if not _invisible(c)))
    name = "".join(c if _harmless(c) else " " for c in name)
    name = " ".join(name.split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot or not (ending.isascii() and ending.isalnum() and len(ending) <= 8):
        stem, ending = name, ""
    endings = ENDINGS.get(media_type)
    if endings and ending.casefold() not in endings:
        stem, ending = (name, endings[0])
    stem = stem.strip(". ") or NAMELESS
    if stem.partition(".")[0].casefold().strip() in _DEVICES:
        stem = f"_{stem}"
    room = LONGEST - (len(ending) + 1 if ending else 0)
    stem = stem[:room].rstrip(". ") or NAMELESS
    return f"{stem}.{ending}" if ending else stem


def _invisible(character: str) -> bool:
    """Format characters (bidirectional ones among them), surrogates, private use, what nobody has assigned."""
    return unicodedata.category(character) in ("Cf", "Cs", "Co", "Cn")


def _harmless(character: str) -> bool:
    return character not in _NEVER and unicodedata.category(character) not in ("Cc", "Zl", "Zp")
