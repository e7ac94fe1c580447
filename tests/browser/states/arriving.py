"""Signing in, and a first morning on which nothing is there yet."""

from tests.browser.states.doing import fill, press, sees
from tests.browser.states.state import BUTTON, room

new = room("/console", scene="empty")
sign_in = room("/console/login", scene="empty", user="", primary=BUTTON)
account = room("/console/account", scene="empty", primary=BUTTON)
SIGN_IN = (
    sign_in("sign-in"),
    sign_in("sign-in-wrong", "", fill("#name", "kim"), fill("#password", "falsch"), press("Enter"), sees("#why")),
    new("trouble", "/nothing", primary="main a"),
    account("account"),
    account(
        "account-wrong",
        "",
        fill("#old", "falsch"),
        fill("#new", "a" * 12),
        fill("#again", "b" * 12),
        press("Enter"),
        sees("#why"),
    ),
)
FIRST_MORNING = (
    new("inbox-empty", "/inbox", primary="#q"),
    new("callbacks-empty", "/callbacks"),
    new("search", "/search", primary=BUTTON),
    new("canned-read", "/settings/canned"),
    new("team-empty", "/team", user="lea"),
    new("faq-empty", "/faq", user="eda", primary="a.primary"),
    new("ask", "/ask", user="eda", primary=BUTTON),
    new(
        "ask-nobody", "/ask", fill("#question", "perso weg"), press("Enter"), sees(".alert"), user="eda", primary=BUTTON
    ),
    new("audit-empty", "/audit", user="ron"),
)
