"""Every state of every page has no barrier, nothing that sticks out, and its purpose in reach at every size."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.looking import (
    ALL_BUT_COLOURS,
    COLOURS,
    LAPTOP,
    PHONE,
    TABLET,
    ZOOMED,
    Unreached,
    barriers,
    chromium,
    looking,
    reached,
    resize,
    states_of,
    sticks_out,
)
from tests.browser.scenes import SCENES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# What axe reads beside colours does not change with them, nor the colours with the size; they take most of its time.
LOOKS = (
    (LAPTOP, "light", ""),
    (LAPTOP, "dark", COLOURS),
    (PHONE, "light", ALL_BUT_COLOURS),
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that stops at once."""
    monkeypatch.setattr("bot.worker.WAIT_SECONDS", 0.05)


@pytest.mark.parametrize("scene", SCENES)
async def test_every_state(scene: str, browser: Browser, tmp_path: Path, redis_url: str) -> None:
    wrong: list[str] = []
    async with looking(scene, tmp_path, redis_url, browser) as looker:
        for state in states_of(scene):
            try:
                page = await looker.enter(state)
            except Unreached as error:
                wrong.append(str(error))
                continue
            for size, scheme, what in LOOKS:
                await resize(page, size, scheme)
                found = [*await barriers(page, what, state.apart), *await sticks_out(page, size[0])]
                wrong += [f"{state.name} {size} {scheme}: {one}" for one in found]
            for size in (TABLET, ZOOMED):
                await resize(page, size, "light")
                wrong += [f"{state.name} {size}: {one}" for one in await sticks_out(page, size[0])]
            wrong += [f"{state.name} {ZOOMED}: {one}" for one in await reached(page, state)]
        wrong += looker.complaints
    assert not wrong, "\n".join(wrong)
