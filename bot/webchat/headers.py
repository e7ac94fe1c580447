"""Response headers of the chat: nothing from elsewhere runs or is loaded, and who may frame which page."""

from collections.abc import Mapping

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)
_LOCAL = " http://127.0.0.1:* http://localhost:*"

SAFE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    # same-origin, not no-referrer: with that, browsers would post our own forms with "Origin: null"
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def page(embedded: bool, https: bool) -> dict[str, str]:
    """Headers of an HTML page. Embedded, any https site may frame it (on a machine without https: local ones too)."""
    common = {**SAFE, "Permissions-Policy": "camera=(), microphone=(), geolocation=()"}
    if embedded:
        ancestors = "'self' https:" + ("" if https else _LOCAL)
        return {**common, "Content-Security-Policy": _POLICY + ancestors}
    return {
        **common,
        "Content-Security-Policy": _POLICY + "'self'",
        "X-Frame-Options": "SAMEORIGIN",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
