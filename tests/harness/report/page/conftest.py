"""The report's page of the made-up run, opened in Chromium."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from harness.commands.report import write_report
from tests.harness.report.fake_run import MadeUpRun, copy_as

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def address(made_up_run: MadeUpRun, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a report of the made-up run and of a second dataset whose data cannot be found."""
    out = tmp_path_factory.mktemp("page")
    other = copy_as("other", made_up_run, out / "other").path
    return write_report([made_up_run.path, other], out).page.as_uri()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    playwright = pytest.importorskip("playwright.sync_api", reason="run: pip install .[dev]")
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        pytest.skip("Chromium is not installed; run: apt-get install chromium")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """The browser's console messages and errors, and every address the page requests."""
    return []


@pytest.fixture
def page(browser: "Browser", address: str, complaints: list[str]) -> Iterator["Page"]:
    page = browser.new_page(viewport=WIDE)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(address)
    assert complaints.pop(0) == address  # the only request is the page itself
    yield page
    assert complaints == []
    page.close()
