"""What the trials said of a release. Pure."""

import json
from collections.abc import Sequence

from faq.releases.release import Noted, Step

WORSE = "worse"


def verdict(story: Sequence[Noted]) -> str:
    """better, same or worse than what was live, as the last proof since its proposal says; "" while there is none."""
    for noted in reversed(story):
        if noted.step is Step.PROVED:
            return str(json.loads(noted.detail or "{}").get("verdict", ""))
        if noted.step in (Step.PROPOSED, Step.PROVING, Step.FAILED):
            break
    return ""
