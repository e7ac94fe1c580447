"""A little town, and where the built encoder lies."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

from faq.entry import Content, Facts, Link, Revision, Text, revision_of

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "faq" / "corpora" / "lindenfurt"


def content(
    question: str = "Wie melde ich meinen Hund an?", answer: str = "Im Steueramt.", **changes: object
) -> Content:
    variants = changes.pop("variants", ("hund anmelden",))
    texts = {"de": Text("de", question, tuple(variants), answer, Facts(fee="10,00 €"))}
    plain: dict[str, object] = {
        "texts": texts,
        "topic": "steuern",
        "office": "steueramt",
        "source": Link("Hundesteuer", "https://www.lindenfurt.example/hund"),
        "as_of": date(2026, 11, 2),
    }
    return Content(**(plain | changes))


def revision(entry: str, question: str, answer: str, *variants: str, **changes: object) -> Revision:
    return revision_of(entry, 1, content(question, answer, variants=variants, **changes), "kim", NOW)


TOWN = (
    revision(
        "perso-verloren", "Personalausweis verloren, was tun?", "Melden Sie den Verlust im Bürgeramt.", "perso weg"
    ),
    revision("perso-neu", "Wie beantrage ich einen Personalausweis?", "Mit Termin im Bürgeramt.", "neuer ausweis"),
    revision("hund-anmelden", "Wie melde ich meinen Hund an?", "Im Steueramt oder online.", "hundesteuer"),
    revision("sperrmuell", "Wann kommt der Sperrmüll?", "Sie vereinbaren einen Tag.", "sofa loswerden"),
    revision("kita-platz", "Wie bekomme ich einen Kita-Platz?", "Über das Vormerkprogramm.", "kindergarten anmelden"),
    revision("heiraten", "Wie melde ich eine Eheschließung an?", "Im Standesamt.", "hochzeit anmelden"),
)


def encoder_cache() -> Path:
    """Where the application keeps what it builds once; a fresh clone builds it here in half a minute."""
    return Path(os.environ.get("STADTBOTE_CACHE") or ROOT / ".cache")
