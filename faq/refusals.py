"""Why the catalogue refuses a change; an exception's text is for logs and the command line."""

from faq.entry import Problem, Revision


class CatalogueError(Exception):
    """The catalogue refuses; the message says why."""


class UnknownEntry(CatalogueError):
    """There is no such entry."""


class UnknownRevision(CatalogueError):
    """There is no such revision of this entry."""


class EditConflict(CatalogueError):
    """Someone else saved this entry in the meantime; `head` is their revision (None: the entry is gone)."""

    def __init__(self, entry: str, head: Revision | None) -> None:
        self.entry, self.head = entry, head
        super().__init__(f"{entry} was changed in the meantime; look at the newer version first")


class NotPublishable(CatalogueError):
    """The revision has problems that block its release; `problems` lists them."""

    def __init__(self, entry: str, problems: list[Problem]) -> None:
        self.entry, self.problems = entry, problems
        fields = ", ".join(sorted({problem.field for problem in problems}))
        super().__init__(f"{entry} cannot be published yet: {fields}")


class NotInReview(CatalogueError):
    """Of these `entries` the proposed version was taken back or put aside meanwhile; hand it in again, or propose
    without it."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        self.entries = entries
        some = f"{', '.join(entries[:5])}{' …' if len(entries) > 5 else ''}"
        super().__init__(f"no longer in review: {some}; hand in again what shall answer, or propose without it")


class WrongStatus(CatalogueError):
    """The revision is not in a status from which this step leads on."""


class TooLong(CatalogueError):
    """A name is longer than what a database keeps; the message says which and how long it may be."""


class UnknownRelease(CatalogueError):
    """There is no such release."""


class NothingChanged(CatalogueError):
    """What is proposed is what answers already."""


class NotProved(CatalogueError):
    """No trials were run against this release yet, or they could not be run to their end."""


class Worse(CatalogueError):
    """The trials say that this release answers worse than what is live."""


class NeedsSecond(CatalogueError):
    """Of these `entries` somebody wrote a part that nobody else signed; "" stands for thresholds and NLU data."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        self.entries = entries
        told = ", ".join(entry or "thresholds or NLU data" for entry in entries[:5])
        super().__init__(f"a second person must sign: {told}{' …' if len(entries) > 5 else ''}")


class Overtaken(CatalogueError):
    """Another release became live since this one was proposed: it must be set upon that one and proved again."""


class WrongState(CatalogueError):
    """The release is not in a state from which this step leads on."""


class ReasonMissing(CatalogueError):
    """This step needs a stated reason."""
