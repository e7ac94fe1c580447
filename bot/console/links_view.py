"""What is known of an entry's links, in words, for the fields that name them."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.console.words import Words
from faq.links.found import Found, by_field
from faq.links.kept import Look
from faq.links.look import State


@dataclass(frozen=True)
class LinkSaid:
    """One address: `tone` is "done", "late", "waiting" or "soft"; `target` is where it moved to, to be taken over."""

    url: str
    words: str
    tone: str
    target: str = ""


def links_said(found: tuple[Found, ...], looks: Mapping[str, Look], on: bool, t: Words) -> dict[str, list[LinkSaid]]:
    """By field, as faq.entry.Problem calls it. `on`: are links looked at at all (STADTBOTE_LINKS)?"""
    return {field: [_said(url, looks.get(url), on, t) for url in urls] for field, urls in by_field(found).items()}


def _said(url: str, look: Look | None, on: bool, t: Words) -> LinkSaid:
    if look is None:
        return LinkSaid(url, t("links.waiting") if on else t("links.disabled"), "soft")
    if look.state is State.UNREACHABLE and not look.broken:
        return LinkSaid(url, t("links.suspected"), "waiting")
    words = t(f"links.state.{look.state}", target=look.target)
    if look.state is State.SAMPLE:
        return LinkSaid(url, words, "soft")  # nobody asked it, so it was looked at at no time
    when = t("links.looked", when=t.moment(look.at))
    tone = "late" if look.broken else {State.OK: "done", State.MOVED: "waiting"}.get(look.state, "soft")
    return LinkSaid(url, f"{words}, {when}", tone, look.target if look.state is State.MOVED else "")
