import pytest

from jobs import checks


@pytest.fixture
def change_cluster(settings):
    def change(**values):
        settings.Q_CLUSTER = {**settings.Q_CLUSTER, **values}
        return [message.id for message in checks.check_cluster()]

    return change


def test_the_settings_as_delivered_pass(settings):
    assert checks.check_cluster() + checks.check_cache() == []


@pytest.mark.parametrize(
    "values",
    [{"bulk": 2}, {"queue_limit": 4}, {"max_attempts": 0}, {"ack_failures": False}, {"catch_up": True}],
)
def test_settings_that_would_start_work_twice_are_refused(change_cluster, values):
    # pains Q3
    assert change_cluster(**values) == ["jobs.E001"]


def test_a_refusal_says_why(settings):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "ack_failures": False}
    assert checks.check_cluster()[0].msg == (
        "Q_CLUSTER['ack_failures'] must be True: a failed message would be delivered for ever."
    )


@pytest.mark.parametrize("values", [{"timeout": None}, {"timeout": 7200}, {"timeout": 9000}])
def test_a_message_must_not_be_redelivered_before_its_task_is_stopped(change_cluster, values):
    # pains Q3
    assert change_cluster(**values) == ["jobs.E002"]


def test_a_guard_that_would_never_fire_is_refused(change_cluster):
    assert change_cluster(guard_cycle=0.3) == ["jobs.E003"]


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_a_cache_that_processes_do_not_share_is_refused(settings, backend):
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
    assert [message.id for message in checks.check_cache()] == ["jobs.E004"]


def test_a_model_that_is_there_needs_no_words(data_dir):
    assert checks.check_model() == []


def test_a_missing_model_is_a_warning_that_names_it(data_dir, settings):
    settings.ENGINE, settings.ENGINE_MODEL = "whisper", "no-such-model"
    message = checks.check_model()[0]
    assert (message.id, message.is_serious()) == ("jobs.W001", False)
    assert message.msg == "The speech model 'no-such-model' is not on this machine."


@pytest.mark.parametrize("content", ["no json", '{"Only": ["one"]}'])
def test_categories_that_make_no_sense_are_refused(settings, tmp_path, content):
    file = tmp_path / "categories.json"
    file.write_text(content, encoding="utf-8")
    settings.CATEGORIES_FILE = str(file)
    (message,) = checks.check_categories()
    assert (message.id, message.msg.partition("=")[0]) == ("jobs.E005", "TRANSCRIBE_CATEGORIES_FILE")


def test_a_missing_file_of_categories_is_refused(settings):
    settings.CATEGORIES_FILE = "/nonexistent.json"
    assert [message.id for message in checks.check_categories()] == ["jobs.E005"]


def test_the_built_in_categories_pass(settings):
    assert checks.check_categories() == []
