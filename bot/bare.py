"""What every answer bears, whoever gives it: nothing in it runs, nobody frames it, nobody guesses what it is.

Pages say more themselves (bot.console.pages, bot.webchat.headers). This is for what is no page: errors of the server's
own, webhooks, health, scripts and pictures, which a browser may be led to as if they were one.
"""

from collections.abc import Mapping

from aiohttp import web

BARE: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


async def covered(request: web.Request, response: web.StreamResponse) -> None:
    """Fits app.on_response_prepare: also what no handler of ours made passes here."""
    del request
    for name, value in BARE.items():
        response.headers.setdefault(name, value)
