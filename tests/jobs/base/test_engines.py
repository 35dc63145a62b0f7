import pytest

from engine import ModelMissing
from jobs.domain.base import engines
from jobs.errors import UnsupportedLanguage


@pytest.fixture
def no_model(data_dir, settings):
    """Configure a model that does not exist."""
    engines.holder.close()
    settings.ENGINE, settings.ENGINE_MODEL = "whisper", "no-such-model"
    yield
    engines.holder.close()


@pytest.fixture
def own_holder(data_dir):
    holder = engines.EngineHolder()
    yield holder
    holder.close()


def test_the_model_in_use_is_described(data_dir):
    status = engines.describe_model()
    assert (status.name, status.languages, status.missing) == ("fake", ("en", "de", "fr"), "")


def test_a_model_is_looked_for_once(data_dir, monkeypatch):
    engines.describe_model()
    monkeypatch.setattr(engines, "locate_model", lambda *args, **kwargs: 1 / 0)
    assert engines.describe_model().name == "fake"


def test_a_missing_model_is_told_in_plain_words(no_model):
    assert engines.describe_model() == engines.ModelStatus("no-such-model", (), ModelMissing.message)


def test_a_model_that_came_later_is_found(no_model, settings):
    assert engines.describe_model().missing == ModelMissing.message
    settings.ENGINE = "fake"
    assert engines.describe_model().missing == ""


def test_only_a_supervisor_asks_the_hub(data_dir, monkeypatch):
    asked = []
    monkeypatch.setattr(engines, "locate_model", lambda name, folder, *, allow_download: asked.append(allow_download))
    engines.find_model("base")
    engines.find_model("base", allow_download=True)
    assert asked == [False, True]


def test_a_known_language_is_accepted(data_dir):
    engines.check_language("de")


def test_an_open_language_is_accepted(data_dir):
    engines.check_language("")


def test_an_unknown_language_is_refused(data_dir):
    with pytest.raises(UnsupportedLanguage):
        engines.check_language("xx")


def test_the_client_is_kept_from_step_to_step(own_holder):
    assert own_holder.get_client() is own_holder.get_client()


def test_after_closing_there_is_another_client(own_holder):
    first = own_holder.get_client()
    own_holder.close()
    assert own_holder.get_client() is not first


def test_closing_what_was_never_opened_is_fine(own_holder):
    own_holder.close()


def test_a_model_that_was_missing_is_looked_for_each_time(no_model, own_holder):
    assert own_holder.get_client() is not own_holder.get_client()


def test_engine_and_model_are_named_together(data_dir):
    assert engines.get_engine_name() == "fake fake"


def test_without_a_model_the_engine_is_named_alone(no_model):
    assert engines.get_engine_name() == "whisper"


def test_the_child_ends_after_the_idle_time_of_the_settings(data_dir, settings):
    # pains Q6
    settings.ENGINE_IDLE_SECONDS = 7.0
    assert engines.build_config().idle_seconds == 7.0


def test_the_fake_engine_is_as_slow_as_the_settings_say(data_dir, settings):
    settings.FAKE_ENGINE_DELAY = 0.25
    config = engines.build_config()
    assert (config.engine, config.fake.delay_per_second) == ("fake", 0.25)
