"""Notifications as a browser shows them.

A push service is not available here: its message is put in by DevTools.
"""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import manage

pytestmark = pytest.mark.e2e

SETTINGS = "/settings/notifications/"
# A hidden page, in a browser that keeps its notifications in `shown`.
HIDDEN = """
Object.defineProperty(document, "hidden", { get: () => window.isHidden ?? false });
window.shown = [];
window.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title, options) { super(); window.shown.push([title, options.body, options.tag]); }
};
"""
ADD_WEBHOOK = """
from accounts.models import User
print(User.objects.get(username="anna").webhooks.create(url="http://127.0.0.1:9/hook").pk)
"""
MOVE_WEBHOOK = """
from notifications.models import Webhook
Webhook.objects.update(url="http://127.0.0.1:9/moved")
"""
ADD_BROWSER = """
from accounts.models import User
User.objects.get(username="anna").push_subscriptions.create(
    endpoint="https://push.example/1", p256dh="a", auth="b", label="My browser"
)
"""
# A browser that has subscribed once; a push service is not to be had here.
SUBSCRIBED = """
PushManager.prototype.getSubscription = async () => ({ endpoint: "https://push.example/1", unsubscribe: async () => true });
"""
ALLOW = """
from accounts.models import User
from notifications.models import NotificationPreferences
anna = User.objects.get(username="anna")
NotificationPreferences.objects.update_or_create(owner=anna, defaults={{"in_tab": {wanted}}})
"""


def test_webhooks_are_kept_in_the_page(tab, live_site):
    tab.goto(SETTINGS)
    assert Axe().run(tab).response["violations"] == []
    tab.get_by_label("Address").fill("http://192.168.1.1/hook")
    tab.get_by_role("button", name="Add webhook").click()
    expect(tab.locator(".invalid-feedback")).to_contain_text("TRANSCRIBE_OUTBOUND_ALLOW")
    assert Axe().run(tab).response["violations"] == []


def test_a_call_is_followed_on_the_page_of_its_webhook(tab, live_site, site_environment):
    key = manage(site_environment, "shell", "--verbosity=0", "--command", ADD_WEBHOOK).strip()
    tab.goto(f"{SETTINGS}webhooks/{key}/")
    assert Axe().run(tab).response["violations"] == []
    tab.get_by_role("button", name="Send a test").click()
    delivery = tab.locator("[data-live-webhook] li").first
    expect(delivery).to_contain_text("Next try in a moment", timeout=15_000)
    expect(delivery).to_contain_text("This address is not public")
    manage(site_environment, "shell", "--command", MOVE_WEBHOOK)
    expect(tab.get_by_role("heading", name="http://127.0.0.1:9/moved")).to_be_visible(timeout=15_000)
    tab.get_by_role("link", name="New secret").click()
    assert Axe().run(tab).response["violations"] == []
    tab.get_by_role("button", name="Make a new secret").click()
    assert tab.locator("#one-time-secret").input_value().startswith("whsec_")
    expect(tab.locator("main")).to_contain_text("Calls are signed by the old secret as well until")
    assert Axe().run(tab).response["violations"] == []
    tab.reload()
    expect(tab.locator("#one-time-secret")).to_have_count(0)
    manage(
        site_environment,
        "shell",
        "--command",
        "from notifications.models import Webhook; Webhook.objects.all().delete()",
    )
    expect(tab.get_by_text("This webhook was deleted.")).to_be_visible(timeout=15_000)
    expect(tab.get_by_role("button", name="Send a test")).to_be_hidden()
    assert Axe().run(tab).response["violations"] == []


def test_a_browser_that_the_server_has_forgotten_says_that_it_is_not_told(
    new_context, signed_in, live_site, site_environment
):
    manage(site_environment, "shell", "--command", ADD_BROWSER)
    context = new_context(**{**signed_in, "service_workers": "allow"})
    context.grant_permissions(["notifications"], origin=live_site.url)
    context.add_init_script(SUBSCRIBED)
    tab = context.new_page()
    tab.goto(SETTINGS)
    words = tab.locator("[data-push-words]")
    expect(words).to_have_text("This browser notifies you, also while no page of Transcribe is open.", timeout=10_000)
    tab.get_by_role("button", name="Remove My browser").click()
    expect(words).to_have_text("This browser does not notify you.", timeout=10_000)
    expect(tab.get_by_role("button", name="Notify me by this browser")).to_be_visible()


def test_a_push_message_is_shown_and_leads_to_the_job(new_context, signed_in, live_site, ended_jobs):
    context = new_context(**{**signed_in, "service_workers": "allow"})
    context.grant_permissions(["notifications"], origin=live_site.url)
    tab = context.new_page()
    tools = context.new_cdp_session(tab)
    found = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    tools.send("ServiceWorker.enable")
    tab.goto(SETTINGS)
    tab.evaluate("async () => { await navigator.serviceWorker.ready; }")
    expect(tab.locator("[data-push-words]")).not_to_have_text("Looking what this browser can do…")
    while not found:
        tab.wait_for_timeout(50)
    job = ended_jobs["speech"]["id"]
    message = {"type": "job.completed", "data": {"title": "Worstward Ho", "job": job, "url": f"/jobs/{job}/"}}
    target = {"origin": live_site.url, "registrationId": found[-1]["registrationId"]}
    tools.send("ServiceWorker.deliverPushMessage", {**target, "data": json.dumps(message)})
    read = """async () => {
        const registration = await navigator.serviceWorker.ready;
        return (await registration.getNotifications()).map(({ title, body, tag, data }) => [title, body, tag, data.url]);
    }"""
    tab.wait_for_function("async () => (await (await navigator.serviceWorker.ready).getNotifications()).length > 0")
    assert tab.evaluate(read) == [["Worstward Ho", "The text is ready.", job, f"/jobs/{job}/"]]


def test_an_open_tab_tells_when_nobody_looks_at_it(new_context, signed_in, live_site, site_environment, make_silence):
    manage(site_environment, "shell", "--command", ALLOW.format(wanted=True))
    try:
        context = new_context(**signed_in)
        context.add_init_script(HIDDEN)
        tab = context.new_page()
        tab.goto("/recordings/")
        tab.wait_for_function("() => import('/static/js/live/feed.js').then(({ feed }) => feed.isLive)")
        tab.evaluate("() => { window.isHidden = true; }")
        job = live_site.submit("Away.wav", make_silence())
        tab.wait_for_function("() => window.shown.length > 0", timeout=20_000)
        assert tab.evaluate("window.shown") == [["Away", "The text is ready.", job["id"]]]
        tab.evaluate("() => { window.isHidden = false; window.shown = []; }")
        live_site.wait(live_site.submit("Looked at.wav", make_silence()))
        tab.wait_for_timeout(1000)
        assert tab.evaluate("window.shown") == []
    finally:
        manage(site_environment, "shell", "--command", ALLOW.format(wanted=False))
