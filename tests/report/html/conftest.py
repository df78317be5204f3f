"""A headless Chromium for the tests of pages; they are skipped where there is none."""

import shutil
from functools import cache

import pytest

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium():
    """A browser, started once."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("there is no chromium on this computer")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Opened:
    """A page in the browser, and all that it complained about or asked of the network."""

    def __init__(self, page):
        self.page = page
        self.complaints, self.requests = [], []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))

    def open(self, path):
        """Load the file and wait until every plot is drawn."""
        self.page.goto(path.resolve().as_uri())
        self.page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
        return self

    def text(self, selector):
        return self.page.locator(selector).inner_text()


@pytest.fixture(scope="session")
def window(chromium):
    """Opens a file in a window of some width and colour scheme."""

    def open_file(path, width=1280, scheme="light"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        return Opened(context.new_page()).open(path)

    return open_file


@pytest.fixture(scope="session")
def untouched(window):
    """One window for each page, width and scheme: for tests that look and touch nothing."""
    return cache(window)


@pytest.fixture
def opened(window):
    """A window for one test, closed after it."""
    found = []

    def open_file(*arguments, **options):
        found.append(window(*arguments, **options))
        return found[-1]

    yield open_file
    for each in found:
        each.page.context.close()
