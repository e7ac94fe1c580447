"""How a metric is described, and the one kind that prometheus_client lacks: a gauge that may not know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

WEB, WORKER, CLOCK = "web", "worker", "clock"
EVERY = (WEB, WORKER, CLOCK)


@dataclass(frozen=True, slots=True)
class Described:
    """A metric as docs/metrics.md shows it. `labels` gives each label's possible values: a few fixed words.

    `where` are the processes that tell it.
    """

    name: str
    kind: str  # counter, gauge or histogram
    about: str
    labels: Mapping[str, tuple[str, ...]]
    where: tuple[str, ...] = EVERY


class Known(Collector):
    """A gauge that says nothing until it is told, and nothing again once it is forgotten.

    A measured zero and "nobody could look" must not read alike: an alarm would be silent in the worst moment.
    """

    def __init__(self, name: str, about: str, labels: tuple[str, ...]) -> None:
        self._name, self._about, self._labels = name, about, labels
        self._values: dict[tuple[str, ...], float] = {}

    def set(self, value: float, *labels: str) -> None:
        """This is what it is now; a value for every label, in order."""
        if len(labels) != len(self._labels):
            raise ValueError(f"{self._name} has the labels {self._labels}.")
        self._values[labels] = value

    def forget(self) -> None:
        """Nobody knows any more."""
        self._values.clear()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The name alone, so that two of one name are refused."""
        yield GaugeMetricFamily(self._name, self._about)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """See prometheus_client's Collector."""
        if self._values:
            family = GaugeMetricFamily(self._name, self._about, labels=self._labels)
            for labels, value in sorted(self._values.items()):
                family.add_metric(labels, value)
            yield family
