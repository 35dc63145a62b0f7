"""The admin's own pages in a real browser."""

import pytest

pytestmark = pytest.mark.e2e


def test_words_without_spaces_leave_room_for_the_other_columns(tab, live_site):
    live_site.submit("n" * 190 + ".wav", b"no sound")
    tab.goto("/admin/jobs/job/")
    columns = ".field-owner, .field-category, .field-engine, .field-state_and_reason .state-reason"
    tab.locator("#result_list").evaluate(
        "(list, columns) => list.querySelectorAll(columns).forEach((cell) => (cell.textContent = 'n'.repeat(60)))",
        columns,
    )
    hidden = tab.locator(".results").evaluate("(results) => results.scrollWidth - results.clientWidth")
    title = tab.locator("#result_list th.field-title").first.bounding_box()
    assert (hidden, title["width"] < 400) == (0, True)
