"""What a release changes beside entries, in an editor's words: examples by their version, thresholds, the encoder."""

from bot.console.releases.differences import Difference
from bot.console.words import Words
from faq.encoder import is_embedded
from faq.examples.added import SHIPPED
from faq.examples.revisions import Examples
from faq.releases import Release


def models(base: Release | None, release: Release, examples: Examples, t: Words) -> tuple[Difference, ...]:
    """Of what differs: what it is called, before and after."""
    found = []
    for name in ("nlu", "fit", "encoder"):
        was, now = getattr(base, name) if base else "", getattr(release, name)
        if was != now and not (name == "encoder" and "" in (was, now)):  # "": not known, which tells nobody anything
            found.append(
                Difference(t(f"releases.model.{name}"), *(_said(name, one, examples, t) for one in (was, now)))
            )
    return tuple(found)


def _said(name: str, value: str, examples: Examples, t: Words) -> str:
    if value == SHIPPED:
        return t(f"releases.as_shipped.{name}")
    if name == "encoder":
        # The name holds the versions of what it was built with: a technician's, so it stands behind the words.
        return t("releases.shipped_encoder" if is_embedded(value) else "releases.own_encoder", name=value)
    if name == "fit":
        return t("releases.own_fit", sum=value[:8])
    kept = examples.named(value)
    return t("examples.version", n=kept.number) if kept else t("releases.unknown_examples")
