"""`python -m tests.bench.editors DATABASE EDITS SECONDS`: editors at work, in a process of its own.

They save so many drafts, spread evenly, and publish what was saved in RELEASES releases, each proposed by one and
published by another while the next drafts are written. Of its trials we only note that they went well: they are asked
in a process that gives way to all others. The generator must not do this in its own time and with its own priority.
Prints one JSON object.
"""

import contextlib
import json
import os
import sys
import time
from dataclasses import replace

from faq.catalogue import Catalogue, EditConflict
from faq.refusals import NothingChanged, Overtaken
from faq.releases import Releases
from faq.releases.release import Release, Step

RELEASES = 10
WRITES, PUBLISHES = "eda", "edi"
PROVED = json.dumps({"verdict": "same"})


def saved(catalogue: Catalogue, entry: str, number: int) -> str:
    """Another answer, as a draft; the revision's id. Who finds a newer version saves upon that."""
    while True:
        state = catalogue.get(entry)
        assert state is not None
        text = state.head.texts["de"]
        answer = f"{text.answer.partition(' Geändert')[0]} Geändert zum {number}. Mal."
        content = replace(state.head.content, texts={"de": replace(text, answer=answer)})
        with contextlib.suppress(EditConflict):
            return catalogue.save_draft(entry, content, WRITES, state.head.id).id


def proved(releases: Releases, proposed: Release) -> Release:
    """Workers make its index from now on."""
    releases.record(proposed.id, Step.PROVED, WRITES, detail=PROVED)
    return proposed


def publish(releases: Releases, proposed: Release) -> None:
    """By the second editor; set upon what is live, where an import came between."""
    try:
        releases.publish(proposed.id, PUBLISHES, True)
    except Overtaken:
        with contextlib.suppress(NothingChanged):  # the import has a newer version of each
            anew = proved(releases, releases.anew(proposed.id, WRITES))
            releases.publish(anew.id, PUBLISHES, True)


def main(database: str, edits: int, seconds: float) -> dict[str, object]:
    """How long saving a draft takes, and publishing a release, in milliseconds."""
    os.setpriority(os.PRIO_PROCESS, 0, 0)  # as a console's; the generator may go before everybody
    catalogue = Catalogue.open(database)
    releases = Releases(catalogue.engine)
    entries = [revision.entry for revision in catalogue.live()]
    saving, publishing, began = list[float](), list[float](), time.monotonic()
    drafts: dict[str, str | None] = {}
    ready: Release | None = None
    for number in range(edits):
        time.sleep(max(0.0, began + number * seconds / edits - time.monotonic()))
        start = time.monotonic()
        entry = entries[number * len(entries) // edits]
        drafts[entry] = saved(catalogue, entry, number)
        saving.append(time.monotonic() - start)
        if (number + 1) % max(1, edits // RELEASES) == 0:
            if ready:
                publishing.append(_seconds_of(releases, ready))
            ready, drafts = proved(releases, releases.propose(drafts, WRITES, f"Block {number}")), {}
    if ready:
        publishing.append(_seconds_of(releases, ready))
    catalogue.close()
    return {
        "edits": len(saving),
        "save_ms": _told(saving),
        "releases": len(publishing),
        "publish_ms": _told(publishing),
    }


def _seconds_of(releases: Releases, ready: Release) -> float:
    start = time.monotonic()
    publish(releases, ready)
    return time.monotonic() - start


def _told(took: list[float]) -> dict[str, float]:
    took.sort()
    return {"p50": round(1000 * took[len(took) // 2], 1), "max": round(1000 * took[-1], 1)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
