"""The engine and model in use and this worker's child process.

The child stays warm.
"""

import logging
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from engine import EngineClient, EngineConfig, FakeBehaviour, ModelInfo, ModelMissing, locate_model
from jobs import conf
from jobs.errors import UnsupportedLanguage

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """The state of the model in use.

    `missing` is empty, or says in plain words what is wrong. `checksum` identifies the model: the SHA-256 of its
    weights, or its name where it has none; empty while missing.
    """

    name: str
    languages: tuple[str, ...]
    missing: str = ""
    checksum: str = ""


class EngineHolder:
    """Keeps this process's engine client.

    So the model stays loaded from step to step.
    """

    def __init__(self) -> None:
        self.client: EngineClient | None = None

    def get_client(self) -> EngineClient:
        """Return the client, made on first use.

        A model that was missing is looked for again each time.
        """
        if self.client is None or (self.client.config.engine == "whisper" and self.client.config.model is None):
            self.client = EngineClient(build_config())
        return self.client

    def close(self) -> None:
        """End the child process if there is one."""
        if self.client is not None:
            self.client.close()
            self.client = None


holder = EngineHolder()


def build_config() -> EngineConfig:
    """Return the engine's configuration from the settings.

    Without a model its requests raise ModelMissing.
    """
    return EngineConfig(
        engine="fake" if settings.ENGINE == "fake" else "whisper",
        model=find_model(get_model_name()),
        idle_seconds=settings.ENGINE_IDLE_SECONDS,
        fake=FakeBehaviour(delay_per_second=settings.FAKE_ENGINE_DELAY),
    )


def get_model_name() -> str:
    """Return the name of the model that the settings ask for."""
    return "fake" if settings.ENGINE == "fake" else str(settings.ENGINE_MODEL)


def find_model(name: str, *, allow_download: bool = False) -> ModelInfo | None:
    """Return the model called `name` if it is on this machine.

    Only a supervisor may ask Hugging Face.
    """
    try:
        return locate_model(name, conf.get_data_dir(), allow_download=allow_download)
    except ModelMissing as error:
        logger.info("model %s is missing: %s", name, error)
        return None


@lru_cache(maxsize=1)
def remember_model(name: str) -> ModelInfo:
    """Return the model called `name`; found once per process.

    Raises:
        ModelMissing: it is not there, which is not remembered.
    """
    model = find_model(name)
    if model is None:
        raise ModelMissing(name)
    return model


def describe_model() -> ModelStatus:
    """Return what the pages say about the model in use."""
    try:
        model = remember_model(get_model_name())
    except ModelMissing as error:
        return ModelStatus(name=get_model_name(), languages=(), missing=error.message)
    return ModelStatus(name=model.name, languages=model.languages, checksum=identify_model(model))


def identify_model(model: ModelInfo | None) -> str:
    """Return the identity of `model`.

    It is the SHA-256 of its weights in hex, or its name where it has none.
    """
    return model.checksum or model.name if model else ""


def check_language(language: str) -> None:
    """Refuse a language that the model in use does not know.

    An empty one means to detect it.

    Raises:
        UnsupportedLanguage: the model does not know it.
    """
    known = describe_model().languages
    if language and known and language not in known:
        raise UnsupportedLanguage


def get_engine_name() -> str:
    """Return engine and model as a job records them."""
    model = holder.get_client().config.model
    return f"{settings.ENGINE} {model.name}" if model else settings.ENGINE
