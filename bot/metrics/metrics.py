"""Every metric of Stadtbote, declared once: the registry, docs/metrics.md and the tests are made from it."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics

from bot.attachments.attachment import Fate
from bot.conversation import Reason
from bot.metrics.kinds import CLOCK, EVERY, WEB, WORKER, Described, Known

PREFIX = "stadtbote_"
SPOKEN = ("de", "en", "tr", "uk", "ar", "ru", "fr")
"""The languages that citizens are understood in: nlu/languages."""
QUICK = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds: what should take milliseconds and must not take two seconds. 0.05 is the acknowledgement's limit."""
TURN = (0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds: what a citizen waits. 0.08, 0.2 and 0.5 are the limits of issue and README."""
CALL = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds: a call to somebody else's server, or a wait for a rate."""
PROCESS = {
    "process_cpu_seconds_total": ("counter", "Processor time used, in seconds."),
    "process_resident_memory_bytes": ("gauge", "Memory in use, shared pages counted in full."),
    "process_virtual_memory_bytes": ("gauge", "Address space."),
    "process_start_time_seconds": ("gauge", "When the process started, Unix time: a jump is a restart."),
    "process_open_fds": ("gauge", "Open files and connections."),
    "process_max_fds": ("gauge", "How many of them it may have."),
}
"""What prometheus_client's ProcessCollector tells, on Linux."""

# The client's own switch: "_created" series double the page, and Prometheus has no use for them.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of one process, in a registry of their own.

    `process` is web, worker or clock: only what such a process can know is on its page; "" has everything.
    `channels` are the names of the channels that are on. Every series whose labels are known exists from the start,
    at zero: a first event must be a step, not a new line.
    """

    def __init__(self, process: str = "", channels: Iterable[str] = (), version: str = "") -> None:
        self.process, self.registry = process, CollectorRegistry()
        self.table: list[Described] = []
        self._channels = tuple(channels)
        channel, some = self._channels, (WEB, CLOCK)

        self.info = self._gauge("info", "Always 1; which process, in which version.", process=EVERY, version=(version,))
        if process:
            self.info.set(1, process, version)

        # --- arrival ---
        self.arrivals = self._counter(
            "arrivals_total",
            "Updates (messages, edits, presses, delivery reports), each element of a batch for itself. "
            "accepted: durable and new; duplicate: known already; report: a platform's word on a delivery; "
            "refused: no proof of origin, or too large; unavailable: the store could not keep it, the platform "
            "was told to come again.",
            some,
            channel=channel,
            outcome=("accepted", "duplicate", "report", "refused", "unavailable"),
        )
        self.acknowledged = self._histogram(
            "acknowledgement_seconds",
            "From a webhook's first byte read to our 200: durable.",
            QUICK,
            (WEB,),
            channel=channel,
        )
        self.dead_letters = self._counter(
            "dead_letters_total",
            "Arrivals put aside. unreadable: not as documented; failed: five tries; channel_off: no such channel.",
            EVERY,
            channel=channel,
            reason=("unreadable", "failed", "channel_off"),
        )

        # --- turn ---
        self.turns = self._histogram(
            "turn_seconds",
            "From an arrival made durable to its reply kept, waiting in the queue included.",
            TURN,
            (WORKER,),
            channel=channel,
        )
        self.replies = self._histogram(
            "reply_seconds",
            "From an arrival made durable to the platform's word that the last part of the reply was taken.",
            TURN,
            (WORKER,),
            channel=channel,
        )
        self.understood = self._counter(
            "understandings_total",
            "Messages understood, by whom: rasa, or keywords (no Rasa, too slow, an alarm, or another language).",
            (WORKER,),
            source=("rasa", "keywords"),
        )
        self.rasa = self._histogram(
            "rasa_seconds", "How long a question to Rasa took, answered or not.", QUICK, (WORKER,)
        )
        self.rasa_calls = self._counter(
            "rasa_calls_total",
            "Questions to Rasa by their end. timeout: longer than a second; unreachable: no connection, or cut; "
            "unusable: no understanding in the answer.",
            (WORKER,),
            outcome=("answered", "timeout", "unreachable", "unusable"),
        )
        self.rasa_servers = self._gauge(
            "rasa_servers",
            "Rasa processes by breaker. closed: asked; open: left alone; probing: the watch is asking it.",
            (WORKER,),
            breaker=("closed", "open", "probing"),
        )
        self.answers = self._counter(
            "answers_total",
            "Questions looked up in the corpus, by what the thresholds decided.",
            (WORKER,),
            decision=("answer", "clarify", "withhold"),
        )
        self.searches = self._histogram("search_seconds", "How long a look into the corpus took.", QUICK, (WORKER,))
        self.entries = self._gauge("entries", "Published entries that this worker answers from.", (WORKER,))
        self.handoffs = self._counter(
            "handoffs_total", "Handoffs opened, by reason.", (WEB, WORKER), reason=tuple(str(r) for r in Reason)
        )
        self.attachments = self._counter(
            "attachments_total",
            "Files that were looked at, by who sent them and what became of them; queued is one more try later.",
            (WEB, WORKER),
            by=("citizen", "clerk"),
            outcome=tuple(str(fate) for fate in Fate if fate is not Fate.HELD),
        )
        self.conflicts = self._counter(
            "conflicts_total", "Turns judged again, because somebody else wrote the conversation in between.", EVERY
        )
        self.fenced = self._counter(
            "fenced_writes_total",
            "Writes refused because another process has the lane or was quicker: it hung, and came back too late.",
            EVERY,
        )

        # --- delivery ---
        self.deliveries = self._counter(
            "deliveries_total",
            "Parts that left the outbox, by their end. failed: certainly not delivered; unknown: nobody can say, and "
            "it is never sent again by itself; dropped: somebody else was in charge.",
            (WORKER,),
            channel=channel,
            state=("sent", "failed", "unknown", "dropped"),
        )
        self.sends = self._histogram(
            "send_seconds",
            "How long a platform took to take a part, or to refuse it.",
            CALL,
            (WORKER,),
            channel=channel,
        )
        self.throttled = self._counter(
            "throttled_total", "Sends that the platform asked to try later.", (WORKER,), channel=channel
        )
        self.waits = self._histogram(
            "bucket_wait_seconds",
            "How long parts waited because a rate of the platform was used up; those that went at once are not here.",
            CALL,
            (WORKER,),
            channel=channel,
        )

        # --- staff ---
        self.lease_expiries = self._counter(
            "lease_expiries_total",
            "Claims taken back. lease_expired: no sign of life of the clerk's page; clerk_fell_silent: the page was "
            "open, and the citizen got no word.",
            (CLOCK,),
            reason=("lease_expired", "clerk_fell_silent"),
        )
        self.town_hall_open = self._gauge(
            "town_hall_open", "1 while some team is there by the calendar, else 0.", (CLOCK,)
        )

        # --- how long somebody has been waiting: told by the one clock that ticks ---
        self.oldest_unhandled = self._gauge(
            "oldest_unhandled_seconds", "Age of the oldest message that no worker has finished; 0: none.", (CLOCK,)
        )
        self.oldest_unsent = self._gauge(
            "oldest_unsent_seconds", "Age of the oldest part that has not left the outbox; 0: none.", (CLOCK,)
        )
        self.oldest_waiting = self._gauge(
            "oldest_waiting_seconds",
            "How long a citizen has waited for a clerk, at most; 0: none.",
            (CLOCK,),
        )
        self.backlog = self._gauge(
            "backlog",
            "What lies in the store. inbox: messages not finished; outbox: parts not left; dead: dead letters; facts: "
            "not counted yet.",
            (CLOCK,),
            queue=("inbox", "outbox", "dead", "facts"),
        )
        self.conversations = self._gauge(
            "conversations",
            "Conversations at the town hall: waiting for a clerk, or assigned to one.",
            (CLOCK,),
            status=("waiting", "assigned"),
        )

        self.answers_worse = self._gauge(
            "answers_worse",
            "1 while answers have become worse, else 0 (docs/numbers.md says when). share: more questions without a "
            "useful answer; score: the search is less sure.",
            (CLOCK,),
            language=("all", *SPOKEN),
            what=("share", "score"),
        )

        # --- parts ---
        self.parts = self._gauge(
            "part_up",
            "1 while this process can use the part, else 0.",
            EVERY,
            part=("store", "encoder", "nlu"),
        )
        self.lanes = self._gauge("lanes_owned", "Lanes of the queue that this worker serves.", (WORKER,))
        self.lanes_total = self._gauge("lanes", "Lanes there are (STADTBOTE_LANES).", EVERY)
        self.working = self._gauge(
            "work_items", "Items in this worker's hands, waiting or under way.", (WORKER,), queue=("inbox", "outbox")
        )
        self.capacity = self._gauge(
            "work_capacity", "Items that this worker handles at once.", (WORKER,), queue=("inbox", "outbox")
        )
        self.store_errors = self._counter(
            "store_errors_total",
            "Calls to Redis that failed. connection: away; timeout: too slow; full: out of memory; read_only: a "
            "replica; disk: it cannot write its file; other: any other refusal.",
            EVERY,
            kind=("connection", "timeout", "full", "read_only", "disk", "other"),
        )
        self.log_lines = self._counter(
            "log_lines_total", "Lines in the log that somebody should read.", EVERY, level=("warning", "error")
        )
        ProcessCollector(registry=self.registry)

    def _keep(self, name: str, kind: str, about: str, where: Sequence[str], labels: dict[str, tuple[str, ...]]) -> bool:
        """Enter it in the table; whether this process has it."""
        self.table.append(Described(PREFIX + name, kind, about, labels, tuple(where)))
        return not self.process or self.process in where

    def _counter(self, name: str, about: str, where: Sequence[str] = EVERY, /, **labels: tuple[str, ...]) -> Counter:
        mine = self._keep(name, "counter", about, where, labels)
        counter = Counter(PREFIX + name, about, tuple(labels), registry=self.registry if mine else None)
        for values in _product(tuple(labels.values())):
            counter.labels(*values)
        return counter

    def _histogram(
        self,
        name: str,
        about: str,
        buckets: Sequence[float],
        where: Sequence[str] = EVERY,
        /,
        **labels: tuple[str, ...],
    ) -> Histogram:
        mine = self._keep(name, "histogram", about, where, labels)
        registry = self.registry if mine else None
        histogram = Histogram(PREFIX + name, about, tuple(labels), buckets=buckets, registry=registry)
        for values in _product(tuple(labels.values())):
            histogram.labels(*values)
        return histogram

    def _gauge(self, name: str, about: str, where: Sequence[str] = EVERY, /, **labels: tuple[str, ...]) -> Known:
        gauge = Known(PREFIX + name, about, tuple(labels))
        if self._keep(name, "gauge", about, where, labels):
            self.registry.register(gauge)
        return gauge


def _product(values: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    """Every combination of labels; none without labels, whose one series is there by itself."""
    rows: list[tuple[str, ...]] = [()] if values else []
    for column in values:
        rows = [(*row, value) for row in rows for value in column]
    return rows
