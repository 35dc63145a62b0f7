import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

# What happens to an open page when the program is updated: it is then of an older version than the server.
AGE = "document.querySelector('meta[name=frontend-version]').content = '0.0.1'"


def ask_server(tab):
    """Have the page poll at once, as on a person's return."""
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


# pains O2
def test_an_updated_server_shows_the_snackbar_and_closes_what_would_call_it(tab, live_site):
    tab.goto("/")
    tab.evaluate(AGE)
    ask_server(tab)
    expect(tab.get_by_role("alert")).to_contain_text("Transcribe was updated. Reload to go on.")
    record = tab.locator("[data-record]")
    expect(record).to_be_disabled()
    assert record.get_attribute("title") == "Reload before you start a recording."
    tab.get_by_role("button", name="Reload").click()
    expect(record).to_be_enabled()


def test_a_page_that_knows_of_a_mismatch_makes_no_further_calls(tab, live_site):
    tab.goto("/")
    tab.evaluate(AGE)
    ask_server(tab)
    expect(tab.locator("#mismatch")).to_be_visible()
    calls = []
    tab.on("request", lambda request: calls.append(request.url))
    ask_server(tab)
    tab.wait_for_timeout(2000)
    assert calls == []


def test_a_recording_goes_on_and_is_kept(tab, live_site):
    tab.goto("/")
    recorder = tab.locator("#recorder")
    recorder.get_by_role("button", name="Record").click()
    tab.evaluate(AGE)
    ask_server(tab)
    expect(tab.get_by_role("alert")).to_contain_text("Your recording goes on and is kept")
    expect(tab.get_by_role("button", name="Reload")).to_be_hidden()
    expect(recorder.get_by_role("timer")).to_have_text("0:02")
    recorder.get_by_role("button", name="Stop").click()
    expect(recorder.locator("[data-status]")).to_have_text("Recorded 0:02. Find it under Home.")
    expect(tab.get_by_role("button", name="Reload")).to_be_visible()


def test_a_button_whose_own_call_found_the_mismatch_stays_closed(tab, live_site, make_silence):
    job = live_site.submit("Long garden.wav", make_silence(300))
    live_site.call(f"/api/jobs/{job['id']}/cancel/", b"", method="POST")
    tab.goto("/")
    retry = tab.locator(f"#job-{job['id']}").get_by_role("button", name="Retry")
    tab.route("**/fragments/**", lambda route: route.abort())
    tab.evaluate(AGE)
    retry.click()
    expect(tab.locator("#mismatch")).to_be_visible()
    expect(retry).to_have_attribute("title", "Transcribe was updated. Reload the page first.")
    expect(retry).not_to_have_attribute("aria-busy", "true")
    expect(retry).to_be_disabled()


def test_an_upload_goes_on_and_arrives(tab, live_site, make_silence):
    tab.route("**/api/events/**", lambda route: route.abort())  # it would tell at once
    tab.goto("/")
    tab.evaluate(AGE)
    file = {"name": "Garden.wav", "mimeType": "audio/wav", "buffer": make_silence()}
    tab.locator("#files").set_input_files(file)
    expect(tab.locator(".upload-row .upload-state")).to_have_text("Added")
