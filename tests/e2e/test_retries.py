import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

# The server gets the first upload and answers it, but the page hears only that the connection broke.
LOSE_FIRST_ANSWER = """
const open = XMLHttpRequest.prototype.open;
let isLost = false;
XMLHttpRequest.prototype.open = function (...args) {
  if (!isLost) {
    isLost = true;
    this.addEventListener("load", (event) => {
      event.stopImmediatePropagation();
      this.dispatchEvent(new ProgressEvent("error"));
    });
  }
  open.apply(this, args);
};
"""


@pytest.fixture
def home(tab, live_site):
    tab.add_init_script(LOSE_FIRST_ANSWER)
    tab.goto("/")
    return tab


def list_titles(live_site):
    return [job["recording"]["title"] for job in live_site.call("/api/jobs/?page_size=200")["results"]]


# pains R12
def test_a_file_whose_answer_was_lost_is_added_once(home, live_site, make_silence):
    home.get_by_label("Choose files").set_input_files(
        {"name": "Lost answer.wav", "mimeType": "audio/wav", "buffer": make_silence()}
    )
    row = home.locator(".upload-row")
    expect(row).to_contain_text("The server could not be reached.")
    expect(row).to_contain_text("It goes on by itself.")
    expect(row).to_contain_text("Added", timeout=10_000)
    assert list_titles(live_site).count("Lost answer") == 1


# pains R12
def test_a_recording_whose_answer_was_lost_is_added_once(home, live_site):
    before = len(list_titles(live_site))
    recorder = home.locator("#recorder")
    recorder.get_by_role("button", name="Record").click()
    expect(recorder.get_by_role("timer")).to_have_text("0:01")
    recorder.get_by_role("button", name="Stop").click()
    expect(home.locator(".job-card:focus")).to_have_count(1, timeout=30_000)
    assert len(list_titles(live_site)) == before + 1


def test_the_same_audio_again_says_so_and_can_be_transcribed_anyway(tab, live_site, make_silence):
    sound = make_silence(2.5)
    earlier = live_site.wait(live_site.submit("Earlier.wav", sound))
    tab.goto("/")
    tab.get_by_label("Choose files").set_input_files({"name": "Later.wav", "mimeType": "audio/wav", "buffer": sound})
    card = tab.locator(".job-card").filter(has=tab.get_by_role("heading", name="Later"))
    expect(card).to_contain_text("Same audio as Earlier: its text was taken over.")
    card.get_by_role("link", name="Open").click()
    notice = tab.locator(".notice").filter(has_text="Same audio")
    expect(notice.get_by_role("link", name="Earlier")).to_have_attribute("href", f"/jobs/{earlier['id']}/")
    notice.get_by_role("button", name="Transcribe again").click()
    expect(tab.locator(".job-head .chip")).to_have_text("Completed", timeout=30_000)
    expect(notice).to_have_count(0)
