"""Student: one before JupyterLab in a browser, who fetches a lesson, works, validates, submits, reads feedback."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, expect

from tests import PATIENCE
from tests.classroom import tiny
from tests.classroom.hubs import PASSWORD, Class

expect.set_options(timeout=PATIENCE * 1000)


class Desk:
    """In a window of their own, logged in."""

    def __init__(self, browser: Browser, made: Class, name: str) -> None:
        self.page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.goto(made.address)
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.menu("Nbgrader")).to_be_visible()

    def menu(self, name: str) -> Locator:
        return self.page.locator(".lm-MenuBar-itemLabel", has_text=name)

    def entries(self) -> list[str]:
        """What the menu Nbgrader offers."""
        self.menu("Nbgrader").click()
        found = self.page.locator(".lm-Menu-itemLabel").all_inner_texts()
        self.page.keyboard.press("Escape")
        return [entry for entry in found if entry]

    def listed(self, which: str) -> Locator:
        """The released, fetched or submitted assignments; the list is opened, or brought up to date."""
        self.menu("Nbgrader").click()
        self.page.locator(".lm-Menu-itemLabel", has_text="Assignment List").click()
        found = self.page.locator(f"#{which}_assignments_list")
        self.page.locator("#refresh_assignments_list").click()
        expect(found.locator(".list_loading")).to_be_hidden()
        return found

    def fetch(self) -> None:
        self.listed("released").get_by_role("button", name="Fetch").click()

    def open(self) -> None:
        found = self.page.locator("#fetched_assignments_list")
        found.locator("a.assignment-notebooks-link").click()
        found.locator(".nested_list_item a").click()
        expect(self.code(0)).to_be_visible()

    def code(self, number: int) -> Locator:
        """The code cell of that number."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def write(self, number: int, source: str) -> None:
        self.code(number).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(source)

    def validate(self) -> str:
        """What the button above the notebook answers."""
        self.page.get_by_role("button", name="Validate").first.click()
        dialog = self.page.locator(".jp-Dialog")
        expect(dialog).to_contain_text("Validate:")
        said = dialog.inner_text()
        dialog.get_by_role("button").last.click()
        return said

    def submit(self) -> None:
        self.page.keyboard.press("ControlOrMeta+S")
        expect(self.page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
        self.listed("fetched").get_by_role("button", name="Submit").click()
        expect(self.page.locator("#submitted_assignments_list").get_by_text(tiny.NAME).first).to_be_visible()

    def read_feedback(self) -> str:
        """Fetch it, follow the link to its folder, open the page that lies there."""
        submitted = self.listed("submitted")
        submitted.get_by_role("button", name="Fetch Feedback").click()
        submitted.get_by_text("view feedback").click()
        self.page.locator(".jp-DirListing-item", has_text=f"{tiny.NAME}.html").dblclick()
        page = self.page.frame_locator(".jp-HTMLViewer iframe").locator("body")
        expect(page).to_contain_text("attention_scores")
        return page.inner_text()
