"""The same speech made worse.

As microphones, lines, rooms and speakers do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import av
import av.filter
import numpy as np

from benchmarks.speech.clips import Clip, Take, assemble, scale_times, stretch_pauses
from benchmarks.speech.waveforms import RATE, Signal, from_db, limit, make_noise, measure_level, mix

SEED = 2
NOISE_RATIOS_DB = (20, 10, 5, 0)
VOICES, VOICE_SECONDS = 6, 60.0
CLOSE = (0.0, 0.1)
TELEPHONE_HERTZ = (300, 3400)
# The constant of µ-law, ITU-T G.711, and its steps on each side of zero.
MU, MU_STEPS = 255, 128
LONG_PAUSES = (4.0, 10.0)
OVERDRIVE_DB = 18.0
CROSSTALK_DB = 10.0


@dataclass(frozen=True, slots=True)
class Others:
    """Other people: one who speaks alone, and several at once."""

    voice: Signal
    babble: Signal


def gather_others(clips: Iterator[Clip]) -> Others:
    """Return other voices of equal level.

    They have hardly a pause.
    """
    random = np.random.default_rng(SEED)
    takes = (assemble(clips, VOICE_SECONDS, random, CLOSE).signal for _ in range(VOICES))
    voices = [voice / np.float32(measure_level(voice)) for voice in takes if len(voice)]
    length = min(map(len, voices))
    return Others(voices[0], np.sum([voice[:length] for voice in voices], axis=0, dtype=np.float32))


def build_conditions(others: Others) -> dict[str, Callable[[Take], Take]]:
    """Return by name what is done to clean speech."""
    return {
        "clean": lambda take: take,
        **{
            f"{colour} noise {ratio} dB": partial(add_noise, exponent=exponent, ratio_db=ratio)
            for colour, exponent in (("white", 0), ("pink", 1))
            for ratio in NOISE_RATIOS_DB
        },
        **{
            f"babble {ratio} dB": partial(add_voices, voices=others.babble, ratio_db=ratio) for ratio in NOISE_RATIOS_DB
        },
        "telephone": send_by_telephone,
        "quiet -30 dB": partial(amplify, decibels=-30),
        "quiet -40 dB": partial(amplify, decibels=-40),
        "fast x1.4": partial(change_tempo, factor=1.4),
        "slow x0.75": partial(change_tempo, factor=0.75),
        "long pauses": lengthen_pauses,
        "clipped": overdrive,
        "crosstalk -10 dB": partial(add_voices, voices=others.voice, ratio_db=CROSSTALK_DB),
    }


def add_noise(take: Take, exponent: float, ratio_db: float) -> Take:
    """Mix with coloured noise."""
    noise = make_noise(len(take.signal), exponent, np.random.default_rng(SEED))
    return Take(mix(take.signal, noise, ratio_db), take.utterances)


def add_voices(take: Take, voices: Signal, ratio_db: float) -> Take:
    """Mix with what others say."""
    return Take(mix(take.signal, voices, ratio_db), take.utterances)


def amplify(take: Take, decibels: float) -> Take:
    """Change the volume."""
    return Take(take.signal * np.float32(from_db(decibels)), take.utterances)


def overdrive(take: Take) -> Take:
    """Amplify the sound until most of it is cut off.

    It is cut at full scale.
    """
    peak = np.abs(take.signal).max()
    return Take(np.clip(take.signal / peak * np.float32(from_db(OVERDRIVE_DB)), -1, 1), take.utterances)


def lengthen_pauses(take: Take) -> Take:
    """Put the utterances seconds apart."""
    return stretch_pauses(take, LONG_PAUSES, np.random.default_rng(SEED))


def send_by_telephone(take: Take) -> Take:
    """Keep the frequencies that a telephone carries, in its 8 bits."""
    spectrum = np.fft.rfft(take.signal)
    hertz = np.fft.rfftfreq(len(take.signal), 1 / RATE)
    low, high = TELEPHONE_HERTZ
    band = limit(
        np.fft.irfft(np.where((hertz < low) | (hertz > high), 0, spectrum), len(take.signal)).astype(np.float32)
    )
    steps = np.round(np.log1p(MU * np.abs(band)) / np.log1p(MU) * MU_STEPS) / MU_STEPS
    return Take((np.sign(band) * np.expm1(steps * np.log1p(MU)) / MU).astype(np.float32), take.utterances)


def change_tempo(take: Take, factor: float) -> Take:
    """Speak `factor` times as fast at the same pitch.

    By FFmpeg's overlap of matching waves.
    """
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono", time_base=Fraction(1, RATE))
    tempo, sink = graph.add("atempo", str(factor)), graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    signal = np.concatenate(list(pull_blocks(graph, take.signal)))
    return Take(signal, scale_times(take.utterances, 1 / factor))


def pull_blocks(graph: av.filter.Graph, signal: Signal) -> Iterator[Signal]:
    """Push a signal through a graph and yield what comes out.

    A second at a time.
    """
    seconds = iter(range(0, len(signal), RATE))
    while True:
        try:
            frame = graph.pull()
        except av.BlockingIOError:
            push_block(graph, signal, next(seconds, None))
        except av.EOFError:
            return
        else:
            yield np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1)


def push_block(graph: av.filter.Graph, signal: Signal, start: int | None) -> None:
    """Push the second that begins at a sample, or the end."""
    if start is None:
        graph.push(None)
        return
    frame = av.AudioFrame.from_ndarray(signal[start : start + RATE].reshape(1, -1), "flt", "mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
    graph.push(frame)
