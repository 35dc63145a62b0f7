"""The formats that the probe may open and their content types."""

from typing import TYPE_CHECKING

from engine.types import MediaInfo

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

# The names of FFmpeg's demuxers. Playlists, image sequences and formats that open other files are left out on purpose.
FORMAT_WHITELIST = (
    "wav", "w64", "mp3", "aac", "flac", "ogg", "aiff", "caf", "au", "amr", "amrnb", "amrwb", "asf",
    "mov", "mp4", "matroska", "webm", "avi", "flv", "mpeg", "mpegts",
)  # fmt: skip

# Content types by demuxer, for sound alone and for sound with pictures.
CONTENT_TYPES: dict[str, tuple[str, str]] = {
    "wav": ("audio/wav", "audio/wav"),
    "w64": ("audio/x-w64", "audio/x-w64"),
    "mp3": ("audio/mpeg", "audio/mpeg"),
    "aac": ("audio/aac", "audio/aac"),
    "flac": ("audio/flac", "audio/flac"),
    "ogg": ("audio/ogg", "video/ogg"),
    "aiff": ("audio/aiff", "audio/aiff"),
    "caf": ("audio/x-caf", "audio/x-caf"),
    "au": ("audio/basic", "audio/basic"),
    "amr": ("audio/amr", "audio/amr"),
    "asf": ("audio/x-ms-wma", "video/x-ms-wmv"),
    "mp4": ("audio/mp4", "video/mp4"),
    "webm": ("audio/webm", "video/webm"),
    "matroska": ("audio/x-matroska", "video/x-matroska"),
    "avi": ("video/x-msvideo", "video/x-msvideo"),
    "flv": ("video/x-flv", "video/x-flv"),
    "mpeg": ("video/mpeg", "video/mpeg"),
    "mpegts": ("video/mp2t", "video/mp2t"),
}
_SAME_CONTAINER = {"mov": "mp4", "amrnb": "amr", "amrwb": "amr"}
_WEBM_CODECS = {"opus", "vorbis", "vp8", "vp9", "av1"}
# Without an index these demuxers guess the length from the bit rate, which proves nothing.
GUESSED_LENGTH = {"aac", "amr", "mpeg", "mpegts"}


def describe_media(container: "InputContainer", stream: "AudioStream") -> MediaInfo:
    """Describe an opened container and the audio stream chosen from it."""
    name = get_container_name(container)
    sound, pictures = CONTENT_TYPES[name]
    context = stream.codec_context
    return MediaInfo(
        container=name,
        codec=context.name,
        media_type=pictures if has_pictures(container) else sound,
        sample_rate=context.sample_rate,
        channels=context.channels,
        seconds=read_promise(name, container, stream),
    )


def get_container_name(container: "InputContainer") -> str:
    """Return our short name; Matroska with nothing but WebM's codecs is WebM."""
    first = container.format.name.split(",")[0]
    name = _SAME_CONTAINER.get(first, first)
    codecs = {stream.codec_context.name.removeprefix("lib") for stream in container.streams if stream.codec_context}
    return "webm" if name == "matroska" and codecs <= _WEBM_CODECS else name


def has_pictures(container: "InputContainer") -> bool:
    """Whether there is a moving picture.

    The cover of an album is none.
    """
    return any(not is_cover(int(stream.disposition)) for stream in container.streams.video)


def is_cover(disposition: int) -> bool:
    """Whether a picture stream is the cover of an album."""
    # AV_DISPOSITION_ATTACHED_PIC of libavformat/avformat.h
    return bool(disposition & 0x0400)


def read_promise(name: str, container: "InputContainer", stream: "AudioStream") -> float | None:
    """Return the seconds of sound that the container promises.

    None where it only guesses, or does not say.
    """
    if name in GUESSED_LENGTH:
        return None
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / 1_000_000 if container.duration else None
