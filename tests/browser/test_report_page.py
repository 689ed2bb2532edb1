"""The report in a real browser: on a phone and on a desktop, dark and light, and printed. axe finds no violation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from operate.report.page import write_report
from operate.report.source import RunSource
from tests.unit.operate.report.evidence import (
    BALANCER,
    make_failed_at,
    make_logged,
    make_migrated,
    make_operations,
    make_running,
    make_source,
)

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
UNKNOWN: dict[str, Any] = {"operations": None, "lag": None, "resources": None}
LONG = "a" * 300
"""a name without a place to break it"""
SOURCES = {
    "migrated": make_source(make_migrated(), expected={"await-job": 0.7, "freeze": 0.4}, missing=[LONG]),
    "rolled-back": make_source(make_failed_at("activate"), operations=make_operations(failed=2)),
    "running": make_source(make_running(), **UNKNOWN),
    "logged": make_source(make_logged(), operations=None, balancer=BALANCER),
}
PHONE, DESKTOP = (390, 844), (1280, 900)
VIEWS = [
    ("migrated", PHONE, "dark"),
    ("migrated", DESKTOP, "light"),
    ("rolled-back", PHONE, "light"),
    ("rolled-back", DESKTOP, "dark"),
    ("running", PHONE, "dark"),
    ("logged", PHONE, "dark"),
    ("logged", PHONE, "light"),
    ("logged", DESKTOP, "dark"),
    ("logged", DESKTOP, "light"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages by name of their source."""
    folder = tmp_path_factory.mktemp("pages")

    def write(name: str, source: RunSource) -> Path:
        return write_report(source, folder / f"{name}.html")

    return {name: write(name, source) for name, source in SOURCES.items()}


@pytest.fixture
def show(browser: Browser, pages: dict[str, Path]) -> Iterator[Any]:
    """Open a page with every detail unfolded. At the end the browser must have reported no error, and no request to anywhere."""
    context = browser.new_context(bypass_csp=True)  # for the script of axe; the page itself has none
    reported: list[str] = []

    def open_page(name: str, size: tuple[int, int], scheme: Any) -> Page:
        page = context.new_page()
        page.on("console", lambda message: reported.append(message.text))
        page.on("pageerror", lambda error: reported.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else reported.append(request.url))  # fmt: skip
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        page.goto(pages[name].as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        return page

    yield open_page
    context.close()
    assert reported == []


@pytest.mark.parametrize(("name", "size", "scheme"), VIEWS)
def test_a_page_is_accessible_and_fits(name: str, size: tuple[int, int], scheme: str, show: Any) -> None:
    page = show(name, size, scheme)

    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size[0], "the page scrolls horizontally"
    assert list_violations(page) == []


def test_a_violation_would_be_found(show: Any) -> None:
    page = show("running", DESKTOP, "light")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")

    assert [one.partition(":")[0] for one in list_violations(page)] == ["image-alt"]


def test_colours_of_page_and_plots_follow_the_reader(show: Any) -> None:
    found = {}
    for scheme in ("light", "dark"):
        page = show("migrated", DESKTOP, scheme)
        text = "getComputedStyle(document.querySelector('figure .wide svg text')).fill"
        found[scheme] = page.evaluate(f"[getComputedStyle(document.body).backgroundColor, {text}]")

    assert found["light"][0] != found["dark"][0]
    assert found["light"][1] != found["dark"][1]


def test_a_phone_gets_plots_of_its_own_with_readable_text(show: Any) -> None:
    page = show("migrated", PHONE, "light")

    assert page.locator("figure .wide").first.is_hidden()
    assert page.locator("figure .narrow").first.is_visible()
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.narrow svg text')].map(one => one.getBoundingClientRect().height))"
    )
    assert smallest >= 9


def test_a_printed_page_is_light_and_shows_what_is_folded(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(pages["migrated"].as_uri())
    page.emulate_media(media="print")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.get_by_role("table", name="Steps").first.evaluate("one => one.checkVisibility({contentVisibilityAuto: true})")  # fmt: skip
    assert page.pdf(format="A4")[:4] == b"%PDF"
    page.close()


def list_violations(page: Page) -> list[str]:
    """Return the violations that axe finds: rule, and the first element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    assert found["passes"], "axe checked nothing"
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
