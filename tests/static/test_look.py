"""The frame: accessible in both themes and at both widths, remembered theme, keys, icons that exist."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import tracker
from tests.static.pages import Pages

FOLDER = Path(tracker.__file__).parent
ICON_USES = re.compile(r"""(?:icon\(|sign=|"sign": |icon=)\s*["']([a-z0-9-]+)["']""")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/", "/desk", "/?public"])
def test_nothing_for_axe_to_say_and_nothing_wider_than_the_screen(
    open_page: Callable[..., Page], path: str, width: int, theme: str
) -> None:
    page = open_page(path, viewport={"width": width, "height": 850}, color_scheme=theme, reduced_motion="reduce")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [
        (found["id"], found["nodes"][0]["html"])
        for found in Axe().run(page, options={"resultTypes": ["violations"]})["violations"]
    ] == []


def test_both_bars_stay_in_sight_on_a_page_longer_than_the_screen(open_page: Callable[..., Page]) -> None:
    page = open_page("/", viewport={"width": 1440, "height": 400})
    tops = "['.sidebar', '.topbar'].map(each => document.querySelector(each).getBoundingClientRect().top)"
    assert page.evaluate("scrollTo({ top: 300, behavior: 'instant' }), scrollY") == 300
    assert page.evaluate(tops) == [0, 0]


def test_the_chosen_theme_is_remembered(open_page: Callable[..., Page]) -> None:
    page = open_page("/", color_scheme="light")
    page.click("[data-theme-toggle]")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_slash_goes_to_the_search_but_not_out_of_a_field(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.focus("#text")
    page.keyboard.press("/")
    expect(page.locator("#text")).to_have_value("/")


def test_a_menu_closes_on_escape_and_gives_the_focus_back(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    page.click(".topbar summary")
    page.focus(".topbar .menu-panel button")
    page.keyboard.press("Escape")
    expect(page.locator(".topbar details")).not_to_have_attribute("open", "")
    expect(page.locator(".topbar summary")).to_be_focused()


def test_a_filter_is_used_as_soon_as_it_is_chosen(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    page.select_option("#filter-etat", "1")
    page.wait_for_url("**/?q=&etat=1")


def test_a_name_picked_on_a_desk_leaves_the_field_free(desk: Page, pages: Pages) -> None:
    desk.evaluate("""() => { const form = document.querySelector('[data-scan-form]');
      form.setAttribute('hx-swap', 'none');
      form.insertAdjacentHTML('beforeend', '<button name="pick" value="7">Zoé</button>'); }""")
    desk.fill("[data-scan-code]", "Zo")
    desk.click("button[name=pick]")
    expect(desk.locator("[data-scan-code]")).to_have_value("")
    expect(desk.locator("[data-scan-code]")).to_be_focused()
    assert [(scan["pick"], scan["code"]) for scan in pages.scans] == [("7", "Zo")]


def test_every_icon_that_is_named_is_vendored() -> None:
    listed = set(json.loads((FOLDER.parent / "package.json").read_text())["tracker"]["icons"])
    files = [*FOLDER.glob("templates/**/*.html"), *FOLDER.glob("web/**/*.py")]
    named = {name for file in files for name in ICON_USES.findall(file.read_text())}
    assert len(named) > 20
    assert named - listed == set()


def test_the_lock_file_names_no_address_to_download_from() -> None:
    packages = json.loads((FOLDER.parent / "package-lock.json").read_text())["packages"]
    assert all("resolved" not in package for package in packages.values())
    assert all("integrity" in package for name, package in packages.items() if name)


def test_the_stylesheets_and_templates_keep_to_the_strict_policy() -> None:
    for file in FOLDER.glob("templates/**/*.html"):
        text = file.read_text()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), file
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), file
