"""The findings on the report's page, folded by kind of budget, in Chromium."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_the_findings_are_folded_by_kind_of_budget(page: "Page"):
    groups = page.locator("#found details.findings")
    kinds = [group.get_attribute("data-kind") for group in groups.all()]
    assert kinds == ["visited", "macs", "several"]
    assert page.locator("#found li").first.is_hidden()
    counts = [int(text.split()[0]) for text in page.locator("#found .score").all_inner_texts()]
    for group, count in zip(groups.all(), counts, strict=True):
        group.locator("summary").click()
        assert group.locator("li:visible").count() == count


def test_what_the_answer_says_is_not_folded_too(page: "Page"):
    answer = page.locator("#answer ul").first.locator("li").all_text_contents()
    folded = page.locator("#found li").all_text_contents()
    assert len(answer) == 3 and not set(answer) & set(folded)
    assert any("tested by" in sentence for sentence in folded)


def test_a_key_unfolds_them(page: "Page"):
    summary = page.locator("#found summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#found details").first.locator("li").first.is_visible()
    page.keyboard.press("Space")
    assert page.locator("#found details").first.locator("li").first.is_hidden()


def test_paper_has_all_of_them_and_the_screen_folds_them_again(page: "Page"):
    page.locator("#found summary").first.click()
    page.emulate_media(media="print")
    page.locator(".findings:not([open])").first.wait_for(state="detached")
    page.emulate_media(media="screen")
    unfolded = page.locator(".findings[open]")
    unfolded.nth(1).wait_for(state="detached")
    assert unfolded.count() == 1
