"""The recorder's modules in the JavaScript of a real browser."""

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture
def run(tab, live_site):
    """Run an async function's body in a page.

    `load(name)` imports a module of the program.
    """
    tab.goto("/recordings/")

    def evaluate(body, argument=None):
        load = "const load = (name) => import(`/static/js/${name}.js`);"
        return tab.evaluate(f"async (argument) => {{ {load} {body} }}", argument)

    return evaluate


KEEP = """
const { openStore, buildFiles } = await load("send/recording-store");
const store = await openStore();
const key = crypto.randomUUID();
const recording = { key, owner: "anna", parts: [{}, {}], mediaType: "audio/mp4", seconds: 4 };
const add = (part, index, text) => store.addPiece({ key, part, index, blob: new Blob([text]), seconds: index });
"""


def test_pieces_come_back_in_order_part_by_part(run):
    texts = run(
        KEEP
        + """
        for (const [part, index, text] of [[1, 0, "c"], [0, 1, "b"], [0, 0, "a"], [0, 10, "z"]]) await add(part, index, text);
        const files = await buildFiles(store, recording);
        const from = (await store.listPieces(key, 0, 1)).map(({ index }) => index);
        await store.remove(key);
        const left = await store.listPieces(key, 0);
        return [await Promise.all(files.map((file) => file.text())), files.map(({ name }) => name), from, left.length];
        """
    )
    assert texts == [["abz", "c"], ["recording-1.m4a", "recording-2.m4a"], [1, 10], 0]


def test_what_the_disk_has_no_room_for_lasts_as_long_as_the_page(run):
    found = run(
        KEEP
        + """
        const put = IDBObjectStore.prototype.put;
        await add(0, 0, "a");
        IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
        let told = "";
        await add(0, 1, "b").catch((error) => (told = error.name));
        IDBObjectStore.prototype.put = put;
        await add(0, 2, "c");
        const [file] = await buildFiles(store, recording);
        return [told, await file.text()];
        """
    )
    assert found == ["QuotaExceededError", "abc"]


def test_rows_say_of_which_format_they_are(run):
    found = run(
        KEEP
        + """
        await store.saveRecording(recording);
        await add(0, 0, "a");
        const kept = (await store.listRecordings()).find((row) => row.key === key);
        const [piece] = await store.listPieces(key, 0);
        return [kept.format, piece.format];
        """
    )
    assert found == [2, 2]


def test_a_browser_that_keeps_nothing_holds_it_as_long_as_the_page(run):
    found = run(
        """
        indexedDB.open = () => { throw new DOMException("private window", "InvalidStateError"); };
        """
        + KEEP
        + """
        await add(0, 0, "a");
        await store.saveRecording(recording);
        return [(await store.listPieces(key, 0)).length, (await store.listRecordings()).length];
        """
    )
    assert found == [1, 1]


@pytest.mark.parametrize(
    ("quota", "is_lasting", "words"),
    [
        (16_000 * 3600 * 25, True, "This browser has room for about 25 h of audio."),
        (16_000 * 3600 * 900, True, "This browser has room for more than 100 h of audio."),
        (
            16_000 * 60,
            False,
            "This browser has room for less than 1 h of audio, but may drop what has not been sent yet",
        ),
    ],
)
def test_how_much_still_fits_is_told_before_recording(run, quota, is_lasting, words):
    said = run(
        """
        const storage = { persisted: async () => false, persist: async () => argument[1] };
        storage.estimate = async () => ({ quota: argument[0], usage: 0 });
        Object.defineProperty(navigator, "storage", { value: storage });
        const { describeFreeSpace } = await load("recorder/free-space");
        const line = document.createElement("p");
        await describeFreeSpace(line);
        return line.textContent;
        """,
        [quota, is_lasting],
    )
    assert said.startswith(words)


def test_a_lock_tells_other_pages_what_is_being_sent(run):
    held = run(
        """
        const { listHeldLocks } = await load("base/locks");
        return navigator.locks.request("recording-x", async () => (await listHeldLocks()).has("recording-x"));
        """
    )
    assert held


SEND = (
    KEEP
    + """
const { RecordingSender } = await load("send/recording-sender");
const api = await load("base/api");
Object.assign(recording, { title: "Modules", language: "", marks: [], losses: [], isOver: false, owner: "" });
recording.parts = [{ isClosed: false }];
const sender = new RecordingSender(store, recording);
const troubles = [];
sender.addEventListener("trouble", ({ detail }) => troubles.push(detail.code));
const until = async (isSo) => { while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20)); };
const ask = async (path, method = "GET") => api.requestForRecording(api.findAddress(path), { method });
const readParts = async () => (await (await ask(`recordings/${sender.id}/`)).json()).parts;
"""
)


def test_a_piece_that_comes_while_its_part_is_sent_and_closed_is_sent_too(run):
    parts = run(
        SEND
        + """
        await add(0, 0, "abc");
        const list = store.listPieces.bind(store);
        store.listPieces = async (...from) => {
            const pieces = await list(...from);
            store.listPieces = list;
            await add(0, 1, "de");
            recording.parts[0].isClosed = true;
            sender.wake();
            return pieces;
        };
        sender.run();
        await until(() => sender.uploads[0]?.isClosed);
        const parts = await readParts();
        await ask(`recordings/${sender.id}/`, "DELETE");
        return parts.map(({ received_bytes, length }) => [received_bytes, length]);
        """
    )
    assert parts == [[5, 5]]


RECORD = """
const { Recorder } = await load("recorder/recorder");
const recorder = new Recorder({ limitSeconds: 60 });
const told = [];
for (const type of ["part", "piece", "end"]) recorder.addEventListener(type, () => told.push(type));
const alarms = [];
recorder.addEventListener("alarm", ({ detail }) => alarms.push(detail));
const pass = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
"""


def test_the_end_waits_for_the_last_piece_of_a_part_that_is_ending_already(run):
    told = run(
        RECORD
        + """
        await recorder.start();
        await pass(500);
        recorder.endPart();
        await recorder.stop();
        return told;
        """
    )
    assert told == ["part", "piece", "end"]


ANSWER = """
const { sendBytes, createUpload } = await load("send/tus");
const answer = (status, offset) => {
    window.XMLHttpRequest = class extends EventTarget {
        upload = new EventTarget();
        status = status;
        open() {}
        setRequestHeader() {}
        getResponseHeader(name) { return name === "Upload-Offset" ? offset : null; }
        send() { window.wasSent = true; this.dispatchEvent(new Event("load")); }
        abort() {}
    };
};
"""


@pytest.mark.parametrize(
    ("offset", "told"), [("13", "13"), ("10", "upload_offset_mismatch"), (None, "upload_offset_mismatch")]
)
def test_what_the_server_did_not_keep_does_not_count_as_sent(run, offset, told):
    found = run(
        ANSWER
        + """
        answer(204, argument);
        return sendBytes("/x", new Blob(["abc"]), 10, { person: "anna" }).then(({ offset }) => String(offset), ({ code }) => code);
        """,
        offset,
    )
    assert found == told


def test_storage_that_the_browser_closed_is_opened_anew(run):
    kept = run(
        KEEP
        + """
        await add(0, 0, "a");
        store.database.close();
        await add(0, 1, "b");
        store.database.close();
        const pieces = await store.listPieces(key, 0);
        return [pieces.length, store.overflow.length];
        """
    )
    assert kept == [2, 0]


def test_what_a_closed_storage_does_not_take_is_kept_in_memory(run):
    kept = run(
        KEEP
        + """
        const { open } = indexedDB;
        store.database.close();
        indexedDB.open = () => { throw new DOMException("lost", "UnknownError"); };
        const told = await add(0, 0, "a").catch((error) => error.name);
        indexedDB.open = open.bind(indexedDB);
        return [told, (await store.listPieces(key, 0)).length];
        """
    )
    assert kept == ["UnknownError", 1]


def test_the_sender_tries_again_whatever_went_wrong(run):
    found = run(
        SEND
        + """
        await add(0, 0, "abc");
        const [list, { fetch }] = [store.listPieces.bind(store), window];
        window.fetch = async () => { window.fetch = fetch; return new Response("<html>Sign in to the network</html>"); };
        store.listPieces = async () => { store.listPieces = list; throw new DOMException("lost", "UnknownError"); };
        sender.addEventListener("trouble", () => sender.wake());
        sender.run();
        await until(() => sender.uploads[0]?.offset === 3);
        await ask(`recordings/${sender.id}/`, "DELETE");
        return troubles;
        """
    )
    assert found == ["unreadable", "browser_failed"]


def test_what_somebody_recorded_waits_until_they_are_signed_in(run):
    found = run(
        SEND
        + """
        recording.owner = "boris";
        let asked = 0;
        document.addEventListener("signed-out", () => (asked += 1));
        sender.run();
        await until(() => troubles.length);
        const before = sender.id;
        recording.owner = "anna";
        sender.wake();
        await until(() => sender.id);
        const told = [...troubles];
        await ask(`recordings/${sender.id}/`, "DELETE");
        return [told, asked, before];
        """
    )
    assert found == [["other_person"], 1, None]


def test_the_dialog_notices_that_somebody_else_has_signed_in(run):
    words = run(
        """
        await load("live/sign-in-again");
        const dialog = document.getElementById("sign-in-again");
        const pages = ["<form></form>", "<meta name=person content=boris>"];
        window.fetch = async () => new Response(pages.shift());
        document.dispatchEvent(new CustomEvent("signed-out"));
        dialog.querySelector("input").value = "secret";
        dialog.querySelector("form").requestSubmit();
        const error = dialog.querySelector("[data-sign-in-error]");
        while (!error.textContent) await new Promise((resolve) => setTimeout(resolve, 20));
        return [dialog.open, error.textContent];
        """
    )
    assert words == [True, "boris is signed in with this browser. Sign out there first, then sign in here."]


def test_an_upload_that_is_cancelled_while_it_is_made_leaves_nothing_behind(run):
    found = run(
        ANSWER
        + """
        const { FileSender } = await load("send/file-sender");
        const sender = new FileSender(new File(["abc"], "a.wav"), "", { progress() {}, waiting() {} });
        const calls = [];
        window.fetch = async (url, { method }) => {
            calls.push(method);
            if (method === "POST") sender.cancel();
            return new Response(null, { status: method === "POST" ? 201 : 204, headers: { Location: "/made" } });
        };
        answer(204, "3");
        const job = await sender.send();
        return [job, calls, window.wasSent ?? false, localStorage.getItem(sender.memory)];
        """
    )
    assert found == [None, ["POST", "DELETE"], False, None]


def test_bytes_of_a_cancelled_upload_are_not_sent(run):
    found = run(
        ANSWER
        + """
        answer(204, "3");
        const options = { person: "anna", signal: AbortSignal.abort() };
        const code = await sendBytes("/x", new Blob(["abc"]), 0, options).catch((error) => error.code);
        return [code, window.wasSent ?? false];
        """
    )
    assert found == ["aborted", False]


def test_a_microphone_that_ends_during_a_pause_is_opened_anew_beside_other_sound(run):
    found = run(
        RECORD
        + """
        let opened = 0;
        const tone = async () => {
            const sound = new AudioContext();
            const [source, end] = [sound.createOscillator(), sound.createMediaStreamDestination()];
            source.connect(end);
            source.start();
            opened += 1;
            return end.stream;
        };
        Object.assign(navigator.mediaDevices, { getDisplayMedia: tone, getUserMedia: tone });
        await recorder.start({ kind: "both", deviceId: "" });
        recorder.pause();
        recorder.input.tracks[1].dispatchEvent(new Event("ended"));
        recorder.resume();
        while (recorder.state !== "recording") await pass(20);
        await recorder.stop();
        return [opened, told.filter((type) => type === "part").length];
        """
    )
    assert found == [4, 2]


@pytest.mark.parametrize(("age", "alarm", "parts"), [(60_000, "restarted", 2), (0, "failed", 1)])
def test_a_recorder_that_stops_by_itself_is_begun_anew_but_not_for_ever(run, age, alarm, parts):
    found = run(
        RECORD
        + """
        await recorder.start();
        await pass(300);
        recorder.begunAt -= argument;
        recorder.media.stop(); // as browsers do by themselves
        while (!alarms.length) await pass(20);
        const { state } = recorder;
        await recorder.stop();
        return [alarms[0], state, told.filter((type) => type === "part").length, recorder.losses.length];
        """,
        age,
    )
    assert found == [alarm, "recording" if parts == 2 else "paused", parts, 1]


def test_pieces_that_stop_coming_raise_an_alarm(run):
    found = run(
        RECORD
        + """
        await recorder.start();
        recorder.ticksWithoutPiece = 48;
        while (!alarms.length) await pass(20);
        while (alarms.length < 2) await pass(20);
        await recorder.stop();
        return alarms;
        """
    )
    assert found == ["stalled", ""]


def test_what_is_discarded_without_a_network_goes_from_the_server_later(run):
    found = run(
        SEND
        + """
        await add(0, 0, "abc");
        sender.run();
        await until(() => sender.uploads[0]?.offset === 3);
        const { fetch } = window;
        window.fetch = async () => { throw new TypeError("no network"); };
        await sender.discard();
        const left = [(await store.listPieces(key, 0)).length, (await store.listRecordings()).some((row) => row.key === key)];
        await until(() => !sender.isAwake);
        window.fetch = fetch;
        const gone = new RecordingSender(store, { ...recording }); // as the next visit has it
        navigator.locks.request = (name, work) => work();
        const job = await gone.run();
        const status = await ask(`recordings/${sender.id}/`).then(() => 200, (error) => error.status);
        return [left, job, status, (await store.listRecordings()).some((row) => row.key === key)];
        """
    )
    assert found == [[0, True], None, 404, False]


def test_discarding_what_is_being_sent_ends_the_sending(run):
    found = run(
        SEND
        + """
        const { Recovery } = await load("recorder/recovery");
        Object.assign(recording, { owner: "anna", isOver: true });
        await store.saveRecording(recording);
        await add(0, 0, "abc");
        const root = document.createElement("div");
        root.innerHTML = `<ul></ul><template><li><i data-title></i><i data-about></i><i data-download></i></li></template>`;
        const { fetch } = window;
        window.fetch = async () => { throw new TypeError("no network"); };
        let added = 0;
        const recovery = new Recovery(root, { added: async () => (added += 1) });
        await recovery.ready;
        const line = root.querySelector("li");
        await until(() => line.textContent.includes("tried again"));
        const discarding = recovery.discard(line, recovery.local.get(key));
        document.querySelector("#confirm [data-confirm-yes]").click();
        await discarding;
        window.fetch = fetch;
        dispatchEvent(new Event("online"));
        await recovery.senders.get(key).running;
        return [added, root.querySelectorAll("li").length, (await store.listRecordings()).some((row) => row.key === key)];
        """
    )
    assert found == [0, 0, False]


GAP = (
    SEND
    + """
recording.mediaType = "audio/webm;codecs=opus";
const cluster = new Uint8Array([0x1f, 0x43, 0xb6, 0x75]);
const keep = (index, start, ...texts) =>
    store.addPiece({ key, part: 0, index, start, blob: new Blob(texts), seconds: 2 * index + 2 });
const sendClosed = async () => {
    recording.parts[0].isClosed = true;
    sender.run();
    await until(() => sender.uploads[0]?.isClosed);
    const parts = (await readParts()).map(({ length, finished_at }) => [length, finished_at !== null]);
    await ask(`recordings/${sender.id}/`, "DELETE");
    return [parts, recording.losses];
};
"""
)


def test_after_a_gap_the_rest_is_a_part_of_its_own_with_the_head_of_the_stream(run):
    parts, losses = run(GAP + 'await keep(0, 0, "HEAD", cluster, "ab"); await keep(3, 99, "xyz"); return sendClosed();')
    assert parts == [[10, True], [7, True]]
    assert losses == [{"start": 2, "seconds": 0, "reason": "interrupted"}]


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_what_fails_on_the_way_over_a_gap_is_done_again(run, failing):
    parts, losses = run(
        GAP
        + """
        await keep(0, 0, "HEAD", cluster, "ab");
        const { fetch } = window;
        const { send } = XMLHttpRequest.prototype;
        sender.run();
        await until(() => sender.uploads[0]?.offset === 10);
        let requests = 0;
        const fail = () => (requests += 1) === argument;
        window.fetch = async (...call) => { if (fail()) throw new TypeError("no network"); return fetch(...call); };
        XMLHttpRequest.prototype.send = function (body) {
            if (fail()) this.dispatchEvent(new Event("error"));
            else send.call(this, body);
        };
        sender.addEventListener("trouble", () => sender.wake());
        await keep(3, 99, "xyz");
        sender.wake();
        return sendClosed();
        """,
        failing,
    )
    assert (parts, losses) == ([[10, True], [7, True]], [{"start": 2, "seconds": 0, "reason": "interrupted"}])


def test_a_part_whose_beginning_is_gone_is_sent_all_the_same(run):
    parts, losses = run(GAP + 'await keep(3, 99, "xyz"); return sendClosed();')
    assert (parts, [loss["start"] for loss in losses]) == ([[0, True], [3, True]], [0])


def test_pieces_of_older_pages_follow_each_other(run):
    parts, losses = run(GAP + 'await keep(0, undefined, "abc"); await keep(1, undefined, "de"); return sendClosed();')
    assert (parts, losses) == ([[5, True]], [])


def test_what_the_server_has_from_memory_is_no_gap(run):
    parts, losses = run(
        GAP
        + """
        await keep(0, 0, "abc");
        const working = sender.run();
        await until(() => sender.uploads[0]?.offset === 3);
        await sender.sendPiece(sender.uploads[0], new Blob(["from memory"]));
        sender.uploads = []; // as after a crash
        await keep(2, 14, "xyz");
        sender.wake();
        return sendClosed();
        """
    )
    assert (parts, losses) == ([[17, True]], [])
