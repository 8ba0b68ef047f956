"""People sign in at the user pool's page, stay signed in while their tokens are renewed, and sign out."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from local.cognito.pool import PASSWORD
from tests.console.visit import Visits, give_name, settled

KEPT = "penstock.tokens"
MAY = {
    "reader": {"penstock/read"},
    "writer": {"penstock/read", "penstock/write"},
    "operator": {"penstock/read", "penstock/operate"},
    "admin": {"penstock/read", "penstock/write", "penstock/operate"},
}


def kept(page: Page) -> dict[str, object]:
    found: dict[str, object] = json.loads(page.evaluate("(key) => sessionStorage.getItem(key)", KEPT))
    return found


@pytest.mark.parametrize("user", MAY)
def test_everybody_signs_in_with_name_and_password(visits: Visits, user: str) -> None:
    page = visits.stranger()
    page.goto(visits.address)
    expect(page).to_have_url(re.compile("code_challenge_method=S256"))
    give_name(page, user, PASSWORD)
    expect(page.get_by_role("heading", level=1, name="Pipelines")).to_be_visible()
    expect(page.get_by_role("banner")).to_contain_text(user)
    assert "code=" not in page.url


def test_a_wrong_password_is_refused_in_words(visits: Visits) -> None:
    page = visits.stranger()
    page.goto(visits.address)
    give_name(page, "reader", "not-the-password")
    expect(page.get_by_role("alert")).to_contain_text("Incorrect username or password")
    expect(page.get_by_label("Username")).to_have_value("reader")
    give_name(page, "reader", PASSWORD)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_who_signs_out_is_asked_again(visits: Visits) -> None:
    page = visits.stranger()
    page.goto(visits.address)
    give_name(page, "reader", PASSWORD)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Username")).to_be_visible()
    assert page.evaluate("(key) => sessionStorage.getItem(key)", KEPT) is None
    page.goto(visits.address)
    expect(page.get_by_label("Username")).to_be_visible()


def test_the_address_of_a_view_survives_the_sign_in(visits: Visits) -> None:
    page = visits.stranger()
    page.goto(f"{visits.address}#/runners")
    give_name(page, "reader", PASSWORD)
    expect(page.get_by_role("heading", level=1, name="Task Runners")).to_be_visible()
    assert page.url.endswith("#/runners")


def test_tokens_are_renewed_before_they_end(visits: Visits) -> None:
    page = visits.signed_in("reader")
    settled(page)
    before = kept(page)
    page.evaluate(
        "([key, old]) => sessionStorage.setItem(key, JSON.stringify({ ...old, expires: Date.now() }))", [KEPT, before]
    )
    page.reload()
    settled(page)
    expect(page.get_by_role("heading", level=1, name="Pipelines")).to_be_visible()
    after = kept(page)
    assert after["access"] != before["access"]
    assert after["refresh"] == before["refresh"]


def test_who_cannot_be_renewed_signs_in_again_and_comes_back(visits: Visits) -> None:
    visits.faults.forgiven.append("status of 400")
    page = visits.signed_in("reader", "#/runners")
    settled(page)
    page.evaluate(
        """(key) => {
        const old = JSON.parse(sessionStorage.getItem(key));
        sessionStorage.setItem(key, JSON.stringify({ ...old, refresh: "none", expires: 0 }));
        }""",
        KEPT,
    )
    page.context.clear_cookies()
    page.reload()
    give_name(page, "reader", PASSWORD)
    expect(page.get_by_role("heading", level=1, name="Task Runners")).to_be_visible()
