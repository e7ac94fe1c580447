"""Files to and from Telegram over the network; what they are called and how large they may be is in telegram_files."""

import contextlib
import logging
from collections.abc import AsyncGenerator

from telegram import Bot, InlineKeyboardMarkup, InputFile, Message
from telegram.error import BadRequest, TelegramError

from bot.attachments.carrier import Gone, TooLarge, enclosed_content
from bot.attachments.vault import Vault
from bot.channels.channel import Refused
from bot.channels.telegram_api import GARBAGE, failure
from bot.channels.telegram_files import LARGEST_PHOTO, PHOTOS
from bot.message import Part

log = logging.getLogger(__name__)


async def send_enclosed(
    bot: Bot, vault: Vault | None, chat: int, part: Part, keyboard: InlineKeyboardMarkup | None
) -> Message:
    """As a photo where Telegram shows it as one; what it will not show so (its sides' limits) as a document."""
    content = await enclosed_content(vault, part)
    if part["media_type"] in PHOTOS and len(content) <= LARGEST_PHOTO:
        try:
            return await bot.send_photo(chat, InputFile(content, part["name"]), reply_markup=keyboard)
        except BadRequest as error:
            if not any(word in str(error).casefold() for word in ("photo", "image", "dimension")):
                raise
            log.info("telegram: a picture goes as a document (%s)", str(error)[:80])
    file = InputFile(content, part["name"])
    return await bot.send_document(chat, file, reply_markup=keyboard, disable_content_type_detection=True)


async def download(bot: Bot, root: str, source: str, largest: int) -> AsyncGenerator[bytes, None]:
    """By getFile, and from where that says; Telegram hands out 20 MB at most. Raises a SendFailed."""
    try:
        found = await bot.get_file(source)
    except (TelegramError, *GARBAGE) as error:
        trouble = failure(error, bot.token)
        if "too big" in str(trouble):
            raise TooLarge("for a bot") from error
        raise (Gone(str(trouble)) if isinstance(trouble, Refused) else trouble) from error
    address = found.file_path or ""
    if not address.startswith(f"{root}/file/bot{bot.token}/") or "/../" in address:
        raise Gone("no address to fetch it from")
    async with contextlib.aclosing(bot.request.stream(address, largest)) as content:  # type: ignore[attr-defined]
        async for chunk in content:
            yield chunk
