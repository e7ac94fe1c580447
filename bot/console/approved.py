"""Approved templates in the composer: what may still be sent when the messenger's window is closed."""

from typing import Any

from aiohttp import web

from bot.console.console import Console, field
from bot.conversation import Conversation, NotNow
from bot.handoff.canned import GERMAN, values
from bot.handoff.desk import Clerk


def templates(console: Console, c: Conversation, clerk: str) -> list[dict[str, Any]]:
    """What may be sent once the window is closed, its places filled with what is known; `clerk` is a name."""
    language, told = c.language or GERMAN, values(console.core.town, c, clerk)
    return [
        {
            "name": template.name,
            "title": template.title,
            "language": template.spoken(language),
            "body": template.bodies[template.spoken(language)],
            "places": [(place, told.get(place, "")) for place in template.places(language)],
        }
        for template in console.core.templates
    ]


async def send_template(console: Console, request: web.Request, clerk: Clerk, conversation: str, epoch: int) -> object:
    """The posted form: `template`, and each place under its name. Raises NotNow, KeyError."""
    c, name = await console.core.desk.look(clerk, conversation), await field(request, "template")
    channel = console.core.channels.get(c.channel)
    found = next((template for template in console.core.templates if template.name == name), None)
    if found is None or channel is None or channel.limits.window is None:
        raise NotNow("no.template")
    language = c.language or GERMAN
    given = {place: await field(request, f"place-{place}") for place in found.places(language)}
    template, text = found.filled(language, given)
    once = await field(request, "once")
    return await console.core.desk.write_template(clerk, conversation, template, text, epoch, once)
