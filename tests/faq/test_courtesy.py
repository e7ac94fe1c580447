"""Long work lets go first who answers somebody, and comes to its end nevertheless."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq import courtesy
from faq.courtesy import Courtesy, courteous, give_way


class Clock:
    """Time that goes by when somebody works or waits; somebody is always first."""

    def __init__(self) -> None:
        self.now = self.waited = 0.0

    def monotonic(self) -> float:
        return self.now

    def is_set(self) -> bool:
        return False

    def set(self) -> None:
        raise AssertionError("nobody leaves here")

    clear = set

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.waited += seconds


@given(st.lists(st.floats(0, 0.3), max_size=200))
def test_it_waits_no_longer_than_it_works(pieces: list[float]) -> None:
    clock, polite = Clock(), Courtesy()
    polite._nobody = clock  # type: ignore[assignment]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(courtesy, "time", clock)
        with polite.giving_way():
            for seconds in pieces:
                clock.now += seconds
                give_way()
    assert clock.waited <= sum(pieces) + courtesy._GRACE + courtesy._PATIENCE
    if sum(pieces) > 1:
        assert clock.waited > 0


def test_it_waits_for_all_who_are_first_and_goes_on_at_once() -> None:
    polite, began, done = Courtesy(), threading.Event(), threading.Event()
    seen: list[int] = []

    def work() -> None:
        with polite.giving_way():
            began.set()
            seen.extend(courteous(range(5 * courtesy._AT_ONCE)))
        done.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(courtesy, "_PATIENCE", 3600.0)
        with polite.first():
            with polite.first():
                thread = threading.Thread(target=work)
                thread.start()
                began.wait()
            assert not done.wait(0.1)  # one of the two is at work yet
            assert seen == []
        assert done.wait(60)
        thread.join()
    assert seen == list(range(5 * courtesy._AT_ONCE))


def test_who_fails_is_no_longer_first() -> None:
    polite = Courtesy()
    with pytest.raises(KeyError), polite.first():
        raise KeyError
    assert polite._nobody.is_set()


def test_nobody_waits_who_does_not_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    polite = Courtesy()
    monkeypatch.setattr(courtesy, "_PATIENCE", 3600.0)
    with polite.giving_way():
        pass
    with polite.first():
        assert list(courteous("ab" * courtesy._AT_ONCE)) == list("ab" * courtesy._AT_ONCE)
        give_way()
