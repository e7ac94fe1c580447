"""How soon a team promises to read what waits for it, by its office's hours."""

from datetime import datetime

from bot.calendar import Calendar


def promised(calendar: Calendar, team: str, topic: str, now: datetime) -> datetime | None:
    """Until when somebody of the team reads what comes in now, aware, local time.

    None where the team promises nothing, is gone, or its office does not open for so long within 60 days.
    """
    town = calendar.town
    minutes = town.promise(team, topic)
    if minutes is None or team not in town.teams:
        return None
    return calendar.after(town.offices[town.teams[team].office], now, minutes)
