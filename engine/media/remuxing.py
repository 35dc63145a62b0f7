"""Join the parts of a recording into one seekable file."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import av
import av.error

from engine.errors import EngineError, UnreadableMedia
from engine.media.containers import CONTENT_TYPES
from engine.media.decoder import MediaReader
from engine.messages import JoinRequest
from engine.types import JoinedFile, Report

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet

REPORT_SECONDS = 0.2
# What browsers record, and the options that add the length and index which browsers leave out.
MUXERS: dict[str, tuple[str, dict[str, str]]] = {
    "webm": ("webm", {"cues_to_front": "1"}),
    "ogg": ("ogg", {}),
    "mp4": ("mp4", {"movflags": "faststart"}),
}
# Parts that do not fit each other are encoded again: Opus at a rate that keeps speech as it is.
NEW_CONTAINER, NEW_CODEC, NEW_RATE, NEW_BIT_RATE = "webm", "libopus", 48_000, 64_000


@dataclass(frozen=True, slots=True)
class Kind:
    """What parts must have in common to be joined without decoding."""

    container: str
    codec: str
    sample_rate: int
    channels: int


def join_parts(request: JoinRequest, report: Report) -> JoinedFile:
    """Write the readable parts into the target.

    `report` gets the seconds written so far.

    Raises:
        UnreadableMedia: there is no sound in any of them.
        OSError: the disk is full.
    """
    kinds = [look_at(part) for part in request.parts]
    readable = {kind for kind in kinds if kind is not None}
    if not readable:
        raise UnreadableMedia("none of the parts could be read")
    (kind, *others) = readable
    fits = not others and kind.container in MUXERS
    joiner: Joiner = (
        PacketJoiner(request.target, kind.container) if fits else FrameJoiner(request.target, NEW_CONTAINER)
    )
    seconds = []
    with joiner:
        for part, known in zip(request.parts, kinds, strict=True):
            seconds.append(joiner.add(part, report) if known is not None else 0.0)
    if not joiner.seconds:
        raise UnreadableMedia("there is no sound in any of the parts")
    return JoinedFile(
        container=joiner.container,
        media_type=CONTENT_TYPES[joiner.container][0],
        part_seconds=tuple(seconds),
        truncated=joiner.damaged or None in kinds,
    )


def look_at(part: Path) -> Kind | None:
    """Return what a readable part is or else None.

    Such a part ended before its first sound.
    """
    try:
        with MediaReader(part) as media:
            info = media.info
            return Kind(info.container, info.codec, info.sample_rate, info.channels)
    except EngineError:
        return None


class Joiner(ABC):
    """Writes parts one after the other; `seconds` is how much is written."""

    def __init__(self, target: Path, container: str) -> None:
        self.container = container
        self.seconds = 0.0
        self.damaged = False
        name, options = MUXERS[container]
        self._output: OutputContainer = av.open(str(target), "w", format=name, options=options)
        self._stream: Any = None
        self._next_report = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._output.close()

    def add(self, part: Path, report: Report) -> float:
        """Append a part and return its seconds.

        Damaged packets are left out, and the rest if it ends in the middle.
        """
        before = self.seconds
        with MediaReader(part) as media:
            for seconds in self._append(media):
                self.seconds = max(self.seconds, seconds)
                self._report(report)
            self.damaged = self.damaged or media.damaged
        return self.seconds - before

    @abstractmethod
    def _append(self, media: MediaReader) -> Iterator[float]:
        """Append the sound of a part; yield the seconds written so far."""

    def _report(self, report: Report) -> None:
        if time.monotonic() >= self._next_report:
            self._next_report = time.monotonic() + REPORT_SECONDS
            report(self.seconds)


class PacketJoiner(Joiner):
    """Copies the packets with new times."""

    def _append(self, media: MediaReader) -> Iterator[float]:
        stream = media.stream
        if self._stream is None:
            self._stream = self._output.add_stream_from_template(stream)
        clock = PacketClock(self.seconds, stream)
        for packet in media.read_packets():
            if packet.size:
                end = clock.place(packet)
                packet.stream = self._stream
                self._output.mux(packet)
                yield end


class PacketClock:
    """Shifts the times of a part's packets to begin at `start` seconds."""

    def __init__(self, start: float, stream: "AudioStream") -> None:
        self._base = stream.time_base or Fraction(1, 1000)
        self._start = round(start / self._base)
        self._first: int | None = None
        self._next = self._start

    def place(self, packet: "Packet[AudioStream]") -> float:
        """Set a packet's new times and return its end in seconds."""
        length = packet.duration or 0
        if packet.pts is None:
            time_stamp = self._next
        else:
            self._first = packet.pts if self._first is None else self._first
            # Times never go back: the muxer would refuse them.
            time_stamp = max(self._start + packet.pts - self._first, self._next - length if length else self._next)
        packet.pts = packet.dts = time_stamp
        self._next = time_stamp + length
        return float(self._next * self._base)


class FrameJoiner(Joiner):
    """Decodes the parts and encodes them again as one stream."""

    def __init__(self, target: Path, container: str) -> None:
        super().__init__(target, container)
        self._stream = self._output.add_stream(NEW_CODEC, rate=NEW_RATE, layout="mono")
        self._stream.bit_rate = NEW_BIT_RATE
        self._samples = 0

    def __exit__(self, *error: object) -> None:
        self._output.mux(self._stream.encode(None))
        super().__exit__(*error)

    def _append(self, media: MediaReader) -> Iterator[float]:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=NEW_RATE)
        for frame in read_frames(media):
            yield self._encode(resampler.resample(frame))
        yield self._encode(resampler.resample(None))

    def _encode(self, frames: Sequence["AudioFrame"]) -> float:
        for frame in frames:
            frame.pts, frame.time_base = self._samples, Fraction(1, NEW_RATE)
            self._samples += frame.samples
            self._output.mux(self._stream.encode(frame))
        return self._samples / NEW_RATE


def read_frames(media: MediaReader) -> Iterator["AudioFrame"]:
    """Yield the decodable frames without their times.

    The times of another part would contradict them.
    """
    for packet in media.read_packets():
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            media.damaged = True
            continue
        for frame in frames:
            frame.pts = None
            yield frame
