"""What the trials said of a release."""

import json

from sqlalchemy import Connection

from faq.releases import kept
from faq.releases.release import Release, Step

WORSE = "worse"


def verdict(db: Connection, release: Release) -> str:
    """better, same or worse than what was live, as the last proof since its proposal says; "" while there is none."""
    for noted in reversed(kept.story(db, release.id)):
        if noted.step is Step.PROVED:
            return str(json.loads(noted.detail or "{}").get("verdict", ""))
        if noted.step in (Step.PROPOSED, Step.PROVING, Step.FAILED):
            break
    return ""
