"""One Chromium for the tests of this folder. Without it they fail with the reason; `python -m rehearsal packages --tests` installs it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield Debian's Chromium. As root it needs --no-sandbox; the pages are our own.

    A module's, not the session's: Playwright keeps an event loop in this thread until it stops, and asyncio.run() refuses to run beside it.
    """
    path = shutil.which("chromium")
    assert path, "there is no Chromium: run `python -m rehearsal packages --tests` as root"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()
