"""A state in which a page is looked at, and what those of a room share."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.states.doing import Step

BUTTON = "button.primary"


@dataclass(frozen=True)
class State:
    """`path` may name a conversation of the scene in braces. `steps` are what somebody does there. Without a `user`
    nobody is signed in: each state a new visitor. `primary` must be reachable however much the page is enlarged, ""
    where it lies in a frame. `apart` is what other states look at."""

    name: str
    scene: str
    path: str
    user: str = "kim"
    steps: tuple[Step, ...] = ()
    primary: str = "h1"
    apart: str = ""


def room(base: str, **shared: str) -> Callable[..., State]:
    """Makes states whose paths begin with `base`, and which share what they do not say themselves."""

    def state(name: str, path: str = "", *steps: Step, **own: str) -> State:
        return State(name, path=base + path, steps=steps, **(shared | own))

    return state
