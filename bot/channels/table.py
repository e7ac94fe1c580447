"""Every channel there is, a line each. A new one is its file, its line here, and its payloads in the tests."""

import logging
from collections.abc import Callable, Mapping

from bot.channels import telegram, terminal, webchat, whatsapp
from bot.channels.channel import Channel
from bot.settings import Settings

log = logging.getLogger(__name__)

CHANNELS: Mapping[str, Callable[[Settings], Channel | None]] = {
    "telegram": telegram.from_settings,
    "whatsapp": whatsapp.from_settings,
    "web": webchat.from_settings,
    "terminal": terminal.from_settings,
}


def build(settings: Settings) -> dict[str, Channel]:
    """The channels that the settings switch on; those that are off say so in one line."""
    channels: dict[str, Channel] = {}
    for name, make in CHANNELS.items():
        channel = make(settings)
        if channel is None:
            log.info("channel %s is off: its settings are empty (docs/settings.md)", name)
        else:
            channels[name] = channel
    return channels
