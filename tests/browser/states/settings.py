"""The settings: each section, and what their forms come to."""

from bot.console.settings.kinds import ALL
from tests.browser.states.doing import click, fill, sees
from tests.browser.states.state import BUTTON, room

section = room("/console/settings", scene="day", user="ada")
form = room("/console/settings", scene="day", user="ada", primary=BUTTON)
SETTINGS = (
    section("settings"),
    *(section(f"settings-{name.replace('_', '-')}", f"/{name}") for name in ALL),
    form("settings-week", "/hours?office=buergeramt"),
    form("settings-wrong", "/hours?office=wahlamt", fill("#mon", "vormittags"), click(BUTTON), sees(".problems")),
    form("settings-row", "/special_days", click("button[value=add]"), sees("fieldset.entry")),
    form("settings-earlier", "/hours/1"),
)
