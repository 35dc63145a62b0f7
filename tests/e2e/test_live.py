import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_two_chosen_files_become_cards_without_a_reload(tab, live_site, make_silence):
    tab.goto("/")
    tab.evaluate("window.isSamePage = true")
    files = [{"name": f"{name}.wav", "mimeType": "audio/wav", "buffer": make_silence()} for name in ("Alto", "Bass")]
    tab.get_by_label("Choose files").set_input_files(files)
    for name in ("Alto", "Bass"):
        card = tab.locator(".job-card").filter(has_text=name).first
        expect(card.locator(".chip")).to_have_text("Completed", timeout=30_000)
        expect(card).to_contain_text("No speech found.")
    assert tab.evaluate("window.isSamePage")


def test_files_can_be_dropped_and_each_error_is_told_beside_its_file(tab, live_site):
    tab.goto("/")
    tab.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["no sound"], "Letter.wav"));
            dataTransfer.items.add(new File([], "Nothing.wav"));
            document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
        }"""
    )
    expect(tab.locator(".upload-row").filter(has_text="Nothing.wav")).to_contain_text("This file is empty.")
    card = tab.locator(".job-card").filter(has_text="Letter").first
    expect(card.locator(".chip")).to_have_text("Failed", timeout=30_000)


def test_nothing_new_is_answered_with_304_and_changes_nothing(tab, live_site, ended_jobs):
    tab.goto("/")
    card = tab.locator(f"#job-{ended_jobs['speech']['id']}")
    card.evaluate("(card) => (card.isUntouched = true)")
    with tab.expect_response("**/fragments/jobs/") as answer:
        tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert answer.value.status == 304
    assert card.evaluate("(card) => card.isUntouched")


def test_an_update_keeps_the_focus_where_it_is(tab, live_site, ended_jobs, make_silence):
    tab.goto("/")
    link = tab.locator(f"#job-{ended_jobs['speech']['id']}").get_by_role("link", name="Open")
    link.focus()
    live_site.wait(live_site.submit("Newcomer.wav", make_silence()))
    expect(tab.locator(".job-card").filter(has_text="Newcomer").first).to_be_visible()
    expect(link).to_be_focused()


def test_retry_answers_in_place(tab, live_site, make_silence):
    job = live_site.submit("Long garden.wav", make_silence(300))
    live_site.call(f"/api/jobs/{job['id']}/cancel/", b"", method="POST")
    tab.goto("/")
    card = tab.locator(f"#job-{job['id']}")
    with tab.expect_response("**/retry/") as answer:
        card.get_by_role("button", name="Retry").click()
    assert answer.value.status == 202
    expect(card.locator(".chip")).to_have_text("Completed", timeout=30_000)


def test_deleting_asks_once_and_says_what_will_be_gone(tab, live_site, make_silence):
    job = live_site.wait(live_site.submit("Unwanted.wav", make_silence()))
    tab.goto("/")
    card = tab.locator(f"#job-{job['id']}")
    card.locator(".card-head summary").click()
    card.get_by_role("link", name="Delete…").click()
    dialog = tab.get_by_role("dialog", name="Delete “Unwanted”?")
    expect(dialog).to_contain_text("Its audio and its text will be gone for good.")
    dialog.get_by_role("button", name="Delete").click()
    expect(card).to_have_count(0)


def test_a_lost_connection_is_told_and_heals(tab, live_site):
    tab.goto("/")
    tab.route("**/fragments/**", lambda route: route.abort())
    for _ in range(2):
        tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        tab.wait_for_timeout(200)
    expect(tab.locator("#offline")).to_be_visible()
    tab.unroute("**/fragments/**")
    tab.evaluate("window.dispatchEvent(new Event('online'))")
    expect(tab.locator("#offline")).to_be_hidden()
