"""Somebody at the console: signs in, opens views, and whatever went wrong meanwhile is remembered."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, expect

from local.cognito.pool import PASSWORD
from tests.e2e.plane import Plane

DESK = (1280, 800)
PHONE = (375, 812)
WATCH_POLICY = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} kept out ${event.blockedURI} ${event.sample}`));"""
LOADING = "[aria-busy=true]:visible, .loading:visible"


class Faults:
    """What no test should see: errors on the browser's console, broken policies, requests to other origins.

    forgiven  patterns; a test adds to it what it brings about on purpose
    """

    def __init__(self, origins: set[str]) -> None:
        self._origins = origins
        self.forgiven: list[str] = []
        self.found: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """From now on."""
        context.add_init_script(WATCH_POLICY)
        context.on("console", self._told)
        context.on("weberror", lambda fault: self.found.append(f"uncaught: {fault.error}"))
        context.on("request", self._asked)

    def _told(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"{message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and f"{parts.scheme}://{parts.netloc}" not in self._origins:
            self.found.append(f"asked another origin: {request.url}")

    def left(self) -> list[str]:
        """Those that no pattern forgives."""
        return [fault for fault in self.found if not any(re.search(pattern, fault) for pattern in self.forgiven)]


class Visits:
    """All visits of one test. Contexts are closed by `end`."""

    def __init__(self, browser: Browser, plane: Plane, cookies: dict[str, Any]) -> None:
        self._browser = browser
        self._plane = plane
        self._cookies = cookies
        self._contexts: list[BrowserContext] = []
        self.faults = Faults({plane.endpoints["api"], plane.endpoints["sign_in"]})

    @property
    def address(self) -> str:
        """The console's."""
        return f"{self._plane.endpoints['api']}/console"

    def stranger(self, size: tuple[int, int] = DESK, scheme: str = "light", **more: Any) -> Page:
        """A page of somebody who is not signed in."""
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale="en-GB",
            timezone_id="Europe/Berlin",
            **more,
        )
        context.set_default_timeout(20_000)
        self.faults.watch(context)
        self._contexts.append(context)
        return context.new_page()

    def signed_in(
        self, user: str, view: str = "#/", size: tuple[int, int] = DESK, scheme: str = "light", **more: Any
    ) -> Page:
        """The console as `user`, at `view`. The first time by name and password, then by the sign-in page's cookie."""
        page = self.stranger(size, scheme, **more)
        if user in self._cookies:
            page.context.add_cookies(self._cookies[user])
            page.goto(f"{self.address}{view}")
        else:
            page.goto(f"{self.address}{view}")
            give_name(page, user, PASSWORD)
            self._cookies[user] = page.context.cookies()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        return page

    def pages(self) -> list[Page]:
        """Those that are open."""
        return [page for context in self._contexts for page in context.pages]

    def end(self) -> None:
        """Close them all."""
        for context in self._contexts:
            with suppress(Error):
                context.close()


def give_name(page: Page, user: str, password: str) -> None:
    """Fill in the sign-in page."""
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def settled(page: Page) -> None:
    """Wait until the view has a heading and shows nothing as loading."""
    expect(page.locator("main h1").first).to_be_visible()
    expect(page.locator(LOADING).filter(visible=True)).to_have_count(0)


def go(page: Page, view: str) -> None:
    """To another view of the console by its address, without loading the page anew."""
    page.evaluate("(view) => { location.hash = view }", view.removeprefix("#"))
    settled(page)


def tones(page: Page) -> Mapping[str, str]:
    """What the page stands in: its colours."""
    found: Mapping[str, str] = page.evaluate(
        "() => ({ text: getComputedStyle(document.body).color, page: getComputedStyle(document.body).backgroundColor })"
    )
    return found
