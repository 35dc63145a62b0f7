"""The admin's own pages in a real browser."""

import pytest

pytestmark = pytest.mark.e2e


def test_a_title_without_spaces_leaves_room_for_the_other_columns(tab, live_site):
    live_site.submit("n" * 190 + ".wav", b"no sound")
    tab.goto("/admin/jobs/job/")
    hidden = tab.locator(".results").evaluate("(results) => results.scrollWidth - results.clientWidth")
    title = tab.locator("#result_list th.field-title").first.bounding_box()
    assert (hidden, title["width"] < 400) == (0, True)
