"""Sound made on the spot, and real speech from a package."""

import importlib.util
import io
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 16_000


def make_tone(seconds, rate=RATE, frequency=440.0, loudness=0.3):
    time = np.arange(round(seconds * rate)) / rate
    return (loudness * 32767 * np.sin(2 * np.pi * frequency * time)).astype(np.int16)


def write_wav(path, samples, rate=RATE, channels=1):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def encode(path, samples, *, container, codec, rate=RATE, layout="mono", options=None, pictures=None):  # noqa: PLR0913 - each says what the file is
    """Write samples with PyAV.

    They are one channel, copied to all; `pictures` is None, "video" or "cover".
    """
    with av.open(str(path), "w", format=container, options=options or {}) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        stream.bit_rate = 12_200 if codec == "libopencore_amrnb" else 64_000
        if pictures:
            add_pictures(output, pictures)
        for start in range(0, len(samples), rate):
            frame = av.AudioFrame.from_ndarray(samples[start : start + rate].reshape(1, -1), "s16", "mono")
            frame.sample_rate, frame.pts = rate, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def add_pictures(output, kind):
    cover = kind == "cover"
    video = output.add_stream("png" if cover else "mpeg4", rate=5)
    video.width, video.height, video.pix_fmt = 32, 32, "rgb24" if cover else "yuv420p"
    if cover:
        video.disposition = av.stream.Disposition.attached_pic
    packets = []
    for index in range(1 if cover else 10):
        frame = av.VideoFrame(32, 32, video.pix_fmt)
        frame.pts, frame.time_base = index, Fraction(1, 5)
        packets += video.encode(frame)
    output.mux(packets + video.encode(None))


def read_speech(name):
    """Return a speech sample of moonshine-voice at 16 kHz.

    The package is not imported.
    """
    resampler = av.AudioResampler("s16", "mono", RATE)
    with av.open(str(find_speech_file(name))) as source:
        frames = [item for frame in source.decode(audio=0) for item in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().ravel() for frame in [*frames, *resampler.resample(None)]])


def find_speech_file(name):
    return Path(importlib.util.find_spec("moonshine_voice").origin).parent / "assets" / name


def ignore(seconds):
    """A tick that does nothing."""


BROWSER_RATE = 48_000
# As browsers write them: in one go, without knowing how long it gets.
LIVE = {
    "webm": ("webm", "libopus", {"live": "1"}),
    "ogg": ("ogg", "libopus", {}),
    "mp4": ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
}


class Pipe(io.BytesIO):
    """A file that one cannot go back in."""

    def seekable(self):
        return False

    def seek(self, *_arguments):
        raise OSError("a pipe")


def record(seconds, container="webm", rate=BROWSER_RATE):
    """Return a tone as a browser records it."""
    return record_samples(make_tone(seconds, rate=rate), container, rate)


def record_samples(samples, container="webm", rate=BROWSER_RATE):
    """Return sound as a browser records it.

    Written in one go, without knowing how long it gets.
    """
    name, codec, options = LIVE[container]
    pipe = Pipe()
    with av.open(pipe, "w", format=name, options=options) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        for start in range(0, len(samples), 960):
            piece = samples[start : start + 960].astype(np.float32)[np.newaxis] / 32768
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate, start
            resampled = av.AudioResampler(format=stream.format, layout="mono", rate=rate).resample(frame)
            for item in resampled:
                output.mux(stream.encode(item))
        output.mux(stream.encode(None))
    return pipe.getvalue()
