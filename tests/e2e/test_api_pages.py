"""The pages of the API in a real browser."""

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(new_context, signed_in):
    """A signed-in page that may break the policy on styles.

    The API's libraries do, and that is no failure here.
    """
    return new_context(**signed_in).new_page()


def test_the_bar_covers_nothing_at_320_pixels(page, live_site):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/api/jobs/")
    bar, crumbs = (page.locator(name).bounding_box() for name in (".navbar", "ul.breadcrumb"))
    assert bar["y"] + bar["height"] <= crumbs["y"]


def test_an_upload_is_tried_out_with_a_form(page, live_site):
    page.goto("/api/docs/")
    page.locator("#operations-jobs-jobs_create").get_by_role("button").first.click()
    choice = page.get_by_label("Request content type")
    assert (choice.input_value(), page.locator(".docs-title").text_content()) == (
        "multipart/form-data",
        "Transcribe API",
    )
