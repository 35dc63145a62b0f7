"""Open hostile media safely and decode it in blocks.

The blocks are 16 kHz mono samples.
"""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import av
import av.error
import numpy as np

from engine.errors import EmptyFile, NoAudioTrack, UnreadableMedia
from engine.media.containers import FORMAT_WHITELIST, describe_media
from engine.media.riff import read_wav_seconds
from engine.media.wav import SAMPLE_RATE, Samples
from engine.types import Span

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

# "none" is no protocol's name: the demuxer reads the file object it is given and can open nothing else.
OPEN_OPTIONS = {"format_whitelist": ",".join(FORMAT_WHITELIST), "protocol_whitelist": "none"}
# A header may claim any length. Only a loss beyond these limits counts as truncation.
LOSS_SECONDS = 1.0
LOSS_SHARE = 0.02
# Encoders round times and leave out a little: shorter gaps are ignored. A longer jump than the second limit is a broken
# clock.
GAP_SECONDS = 0.5
LONGEST_GAP_SECONDS = 600.0


class MediaFile(io.BufferedReader):
    """A file that survives seeks to impossible positions.

    A damaged header may send a demuxer there.
    """

    def seek(self, offset: int, whence: int = 0) -> int:
        """Return the new position, or -1 for a failed seek.

        FFmpeg understands -1.
        """
        try:
            return super().seek(offset, whence)
        except (OSError, ValueError):
            return -1


class MediaReader:
    """One opened media file.

    `info` is there at once; `read_blocks` yields the sound.

    Raises:
        EmptyFile: the file has no bytes.
        UnreadableMedia: it could not be opened.
        NoAudioTrack: it holds no sound.
    """

    def __init__(self, path: Path) -> None:
        if path.stat().st_size == 0:
            raise EmptyFile
        self._file = MediaFile(io.FileIO(path))
        try:
            self._container = self._open()
            self.stream = choose_stream(self._container)
        except BaseException:
            self._file.close()
            raise
        info = describe_media(self._container, self.stream)
        self.info = replace(info, seconds=read_wav_seconds(path)) if info.container == "wav" else info
        self.samples = 0
        self.damaged = False
        self.gaps: list[Span] = []
        self._clock = FrameClock()
        self._resampler = Resampler()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()
        self._file.close()

    @property
    def seconds(self) -> float:
        """Seconds of sound decoded so far."""
        return self.samples / SAMPLE_RATE

    def read_blocks(self) -> Iterator[Samples]:
        """Yield the sound in small blocks of 16-bit samples.

        Damaged packets are left out and set `damaged`.

        Raises:
            EmptyFile: the sound has no samples.
            UnreadableMedia: not one sample could be decoded.
        """
        for packet in self.read_packets():
            yield from self._count(self._decode(packet))
        yield from self._count(self._drain())
        if not self.samples:
            raise UnreadableMedia("no sample could be decoded") if self.damaged else EmptyFile("no samples")

    def measure_loss(self) -> float | None:
        """Return the promised seconds that are missing.

        0 when none are missed, None when unknown.
        """
        if self.info.seconds is None:
            return None if self.damaged else 0.0
        lost = self.info.seconds - self.seconds
        return lost if lost > max(LOSS_SECONDS, LOSS_SHARE * self.info.seconds) else 0.0

    def _open(self) -> "InputContainer":
        try:
            return av.open(self._file, mode="r", options=OPEN_OPTIONS, metadata_errors="replace")
        except (av.error.FFmpegError, ValueError) as error:
            raise UnreadableMedia(str(error)) from error

    def read_packets(self) -> Iterator["Packet[AudioStream]"]:
        """Yield the packets of the sound up to the first damage.

        Damage is remembered in `damaged`.
        """
        try:
            yield from self._container.demux(self.stream)
        except av.error.FFmpegError:
            self.damaged = True

    def _decode(self, packet: "Packet[AudioStream]") -> list[Samples]:
        try:
            return [block for frame in packet.decode() for block in self._convert(frame)]
        except av.error.FFmpegError:
            self.damaged = True
            return []

    def _convert(self, frame: "AudioFrame") -> list[Samples]:
        """Convert one frame with silence for what is missing before it.

        So the times stay those of a player.
        """
        missing = self._clock.measure_gap(frame)
        if not missing:
            return self._resampler.convert(frame)
        self.gaps.append(Span(self.seconds, self.seconds + missing))
        return [np.zeros(int(missing * SAMPLE_RATE), np.int16), *self._resampler.convert(frame)]

    def _drain(self) -> list[Samples]:
        try:
            return self._resampler.flush()
        except av.error.FFmpegError:
            self.damaged = True
            return []

    def _count(self, blocks: list[Samples]) -> Iterator[Samples]:
        for block in blocks:
            self.samples += len(block)
            yield block


class FrameClock:
    """Compares the times that frames carry with the sound that has come."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._seconds = 0.0

    def measure_gap(self, frame: "AudioFrame") -> float:
        """Return the seconds of sound that are missing before a frame.

        0 where its time shows no gap.
        """
        time = frame.time
        missing = 0.0
        if time is not None:
            self._first = time if self._first is None else self._first
            missing = time - self._first - self._seconds
        # A clock that jumps back or too far is reset: what follows is compared with its present time.
        if not -GAP_SECONDS < missing <= LONGEST_GAP_SECONDS and self._first is not None:
            self._first += missing
        is_gap = GAP_SECONDS <= missing <= LONGEST_GAP_SECONDS
        length = frame.samples / frame.sample_rate if frame.sample_rate else 0.0
        self._seconds += length + (missing if is_gap else 0.0)
        return missing if is_gap else 0.0


class Resampler:
    """Turns frames of any rate and layout into 16 kHz mono.

    Both may change on the way.
    """

    def __init__(self) -> None:
        self._source: tuple[str, str, int] | None = None
        self._resampler = build_resampler()

    def convert(self, frame: "AudioFrame") -> list[Samples]:
        source = (frame.format.name, frame.layout.name, frame.sample_rate)
        rest: list[Samples] = []
        if self._source not in {None, source}:
            rest = self.flush()
            self._resampler = build_resampler()
        self._source = source
        # Broken time stamps would make the resampler refuse the frame; we count samples instead.
        frame.pts = None
        return rest + [to_samples(item) for item in self._resampler.resample(frame)]

    def flush(self) -> list[Samples]:
        if self._source is None:
            return []
        return [to_samples(item) for item in self._resampler.resample(None)]


def build_resampler() -> av.AudioResampler:
    """Return a converter from anything to 16-bit mono at 16 kHz."""
    return av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)


def to_samples(frame: "AudioFrame") -> Samples:
    """Return the samples of a 16-bit mono frame as a flat array."""
    return np.asarray(frame.to_ndarray(), dtype=np.int16).ravel()


def choose_stream(container: "InputContainer") -> "AudioStream":
    """Return the audio stream that a player would play.

    Raises:
        NoAudioTrack: the container holds no sound.
        UnreadableMedia: there is no decoder for it.
    """
    stream = container.streams.best("audio")
    if stream is None:
        container.close()
        raise NoAudioTrack
    # The types promise a decoder; damaged headers break the promise.
    if getattr(stream, "codec_context", None) is None:
        container.close()
        raise UnreadableMedia("there is no decoder for this sound")
    return stream  # type: ignore[return-value]  # best("audio") returns audio streams only
