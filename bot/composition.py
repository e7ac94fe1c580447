"""The one place where objects are built from settings (with bot.__main__, which picks what to build)."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.attachments.carrier import Carrier
from bot.attachments.intake import Intake, Rules
from bot.attachments.kinds import taken
from bot.attachments.scan import Scanner
from bot.attachments.vault import FolderVault
from bot.calendar import Calendar
from bot.channels.channel import Channel
from bot.channels.table import build as build_channels
from bot.console.accounts import Accounts
from bot.console.roster import Roster
from bot.conversation import conversation_id
from bot.handoff.desk import Desk
from bot.handoff.templates import Template, load_templates
from bot.livetown import LiveTown, live_town
from bot.logs import about, name_of
from bot.message import Arrival
from bot.metrics.metrics import Metrics
from bot.parts import product_version
from bot.phrasebook import Find, Phrasebook, load_languages
from bot.policy import Policy
from bot.redis import connect
from bot.settings import Settings
from bot.store.protocol import Store, StoreUnavailable
from bot.store.redis import RedisStore
from bot.turns import Turns
from faq.catalogue import Catalogue
from faq.encoder import name_of as encoder_name
from faq.entry import Revision
from faq.releases import Releases
from faq.town import Town
from faq.trust import Fit, fits_in, spare_fits

log = logging.getLogger(__name__)
FITS = "fits"
"""The folder of the state directory that keeps every fit that a release was pinned to."""
SAMPLE_TOWN = Path(__file__).resolve().parent.parent / "faq" / "corpora" / "lindenfurt"


@dataclass(frozen=True)
class Core:
    """What every process of the product needs."""

    settings: Settings
    secret: bytes
    live_town: LiveTown
    catalogue: Catalogue
    store: Store
    phrasebook: Phrasebook
    channels: dict[str, Channel]
    policy: Policy
    turns: Turns
    desk: Desk
    metrics: Metrics
    intake: Intake
    templates: tuple[Template, ...] = ()  # what WhatsApp approved

    @property
    def town(self) -> Town:
        """The town as it stands at this moment; who keeps it keeps what held then."""
        return self.live_town.town

    @property
    def calendar(self) -> Calendar:
        """The working calendar, which follows the town."""
        return self.live_town.calendar

    @property
    def zone(self) -> ZoneInfo:
        """The town's time zone."""
        return self.calendar.zone

    @property
    def releases(self) -> Releases:
        """The releases of the catalogue; a proposal is pinned to the encoder that is set."""
        return Releases(
            self.catalogue.engine, self.turns.now, encoder_name(self.settings.encoder, self.settings.cache) or None
        )

    async def deliver(self, arrival: Arrival) -> bool:
        """Durably keep an arrival; False for a repeat. Raises StoreUnavailable."""
        conversation = conversation_id(self.secret, arrival.channel, arrival.chat)
        with about(conversation=conversation, arrival=name_of(arrival.channel, arrival.id)):
            channel = self.channels.get(arrival.channel)
            report = channel.report(arrival) if channel else None
            try:
                if report:
                    # One atomic write that moves nothing backwards and may come twice: it needs no inbox.
                    await self.store.report(conversation, report.external, report.state, report.reason)
                new = report is None and await self.store.append(conversation, arrival)
            except StoreUnavailable:
                self.metrics.arrivals.labels(arrival.channel, "unavailable").inc()
                raise
            outcome = "report" if report else "accepted" if new else "duplicate"
            self.metrics.arrivals.labels(arrival.channel, outcome).inc()
            log.info("arrived", extra={"channel": arrival.channel, "outcome": outcome})
        return new

    async def close(self) -> None:
        """Let go of everything."""
        for channel in self.channels.values():
            await channel.close()
        await self.store.close()
        self.catalogue.close()


def corpus_folder(settings: Settings) -> Path:
    """Where the town's corpus lies."""
    return Path(settings.corpus).resolve() if settings.corpus else SAMPLE_TOWN


def fits(settings: Settings) -> list[Fit]:
    """Thresholds fitted on a corpus: what `stadtbote faq calibrate` made here, then what the corpus brings along, then
    what it made here before, which holds in the releases of that time."""
    return [*fits_in([settings.home, corpus_folder(settings)]), *spare_fits(settings.home / FITS)]


def secret_key(settings: Settings) -> bytes:
    """The installation's key: the setting, else one made once and kept in the state directory."""
    if settings.secret:
        return settings.secret.encode()
    path = settings.home / "secret.key"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32), "ascii")
        try:
            path.hardlink_to(fresh)  # whoever comes first wins, also between processes
        except FileExistsError:
            log.info("another process made the key first")
        finally:
            fresh.unlink()
    return path.read_text("ascii").strip().encode()


def live_revisions(catalogue: Catalogue) -> Find:
    """Look revisions up in the database: for processes without an index."""

    def find(entry: str, revision: str) -> Revision | None:
        if revision:
            return catalogue.revision(revision)
        state = catalogue.get(entry)
        return state.live if state else None

    return find


def build_core(
    settings: Settings,
    find: Callable[[Catalogue], Find] = live_revisions,
    store: Store | None = None,
    channels: dict[str, Channel] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    process: str = "",
) -> Core:
    """Everything but the encoder and the NLU, which only some processes hold.

    `process` is web, worker or clock: which metrics it tells; "" where nobody asks.
    """
    catalogue = Catalogue.open(settings.database)
    live = live_town(corpus_folder(settings), catalogue.engine)
    calendar = live.calendar
    languages = load_languages()
    channels = build_channels(settings) if channels is None else channels
    metrics = Metrics(process, channels, product_version())

    def failed(kind: str) -> None:
        metrics.store_errors.labels(kind).inc()

    store = store or RedisStore(settings.redis_url, settings.lanes, settings.retention_days, failed)
    phrasebook = Phrasebook(languages, calendar, find(catalogue), settings.retention_days)
    complete = tuple(code for code, language in languages.items() if language.weekdays)
    policy = Policy(
        languages=("de", *(c for c in complete if c != "de")),
        lease=timedelta(seconds=settings.lease_seconds),
        silence=timedelta(minutes=settings.silence_minutes),
        reminder=timedelta(hours=settings.reminder_hours),
        closing=timedelta(hours=settings.closing_hours),
        ordinals={w: n for language in languages.values() for w, n in language.ordinals.items()},
        choosing=frozenset(w for language in languages.values() for w in language.choosing),
        none_words=frozenset(w for language in languages.values() for w in language.none_words),
        skip_words=frozenset(w for language in languages.values() for w in language.skip_words),
        now_words=frozenset(w for language in languages.values() for w in language.now_words),
    )
    vault = FolderVault(settings.files)
    for channel in channels.values():
        if isinstance(channel, Carrier):
            channel.vault = vault
    rules = Rules(taken(settings.attachments), settings.attachment_megabytes * 1024 * 1024)
    intake = Intake(vault, rules, Scanner(settings.scanner, settings.scanner_seconds))
    roster = Roster(Accounts(catalogue.engine), store)
    turns = Turns(store, phrasebook, channels, policy, calendar, now, metrics, vault, roster.somebody)
    return Core(
        settings,
        secret_key(settings),
        live,
        catalogue,
        store,
        phrasebook,
        channels,
        policy,
        turns,
        Desk(turns),
        metrics,
        intake,
        load_templates(corpus_folder(settings)),
    )


def redis_of(settings: Settings, timeout: float = 1.5) -> Any:
    """A connection of one's own, for what is no conversation: sessions, presence, questions to the workers.

    `timeout`: seconds that one answer may take; more for those that wait (bot.ask.WAITING).
    """
    return connect(settings.redis_url, timeout=timeout)
