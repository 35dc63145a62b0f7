"""Signals to measure with: decoded, written and mixed.

Always 16 kHz, one channel, from -1 to 1.
"""

import io
import wave
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]
RATE = 16_000
FULL_SCALE = 32767
# Of a recording only its louder parts count for how loud the speech in it is.
FRAME_SAMPLES, SPEECH_RANGE_DB = RATE // 50, 30.0
# Coloured noise below this frequency is not heard, and would carry nearly all of the energy.
LOWEST_HERTZ = 20.0


def read_sound(source: Path | bytes, kind: str | None = None) -> Signal:
    """Decode a file or its content.

    `kind` names the format where the content does not show it.

    Raises:
        FFmpegError: it is no sound.
    """
    opened = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(opened, "r", format=kind) as media:
        frames = [made for frame in media.decode(audio=0) for made in resampler.resample(frame)]
    frames += resampler.resample(None)
    parts = [np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(-1) for frame in frames]
    return np.concatenate(parts) if parts else make_silence(0)


def write_sound(file: Path, signal: Signal) -> Path:
    """Write 16-bit WAV; what is too loud is clipped."""
    with wave.open(str(file), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes((np.clip(signal, -1, 1) * FULL_SCALE).round().astype("<i2").tobytes())
    return file


def make_silence(seconds: float) -> Signal:
    """Return digital silence."""
    return np.zeros(round(seconds * RATE), np.float32)


def make_noise(samples: int, exponent: float, random: np.random.Generator) -> Signal:
    """Return noise of RMS 1 whose power falls with frequency.

    It falls with the frequency to the `exponent`: 0 white, 1 pink, 2 brown.
    """
    spectrum = np.fft.rfft(random.standard_normal(samples))
    hertz = np.fft.rfftfreq(samples, 1 / RATE)
    shaped = np.where(hertz < LOWEST_HERTZ, 0, spectrum / np.maximum(hertz, LOWEST_HERTZ) ** (exponent / 2))
    noise = np.fft.irfft(shaped, samples)
    return (noise / measure_rms(noise)).astype(np.float32)


def measure_rms(signal: NDArray[np.floating]) -> float:
    """Return the root of the mean square, never 0."""
    return float(np.sqrt(np.mean(np.square(signal, dtype=np.float64))) + 1e-12) if len(signal) else 1e-12


def measure_level(signal: Signal) -> float:
    """Return the RMS of speech without its pauses.

    Of 20 ms frames less than 30 dB below the loudest.
    """
    frames = signal[: len(signal) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    power = np.mean(frames**2, axis=1)
    return float(np.sqrt(power[power >= power.max(initial=0) * from_db(-SPEECH_RANGE_DB) ** 2].mean()) + 1e-12)


def from_db(decibels: float) -> float:
    """Return decibels as a factor of amplitude."""
    return float(10 ** (decibels / 20))


def mix(speech: Signal, other: Signal, ratio_db: float) -> Signal:
    """Add `other` to speech that is `ratio_db` louder.

    It is repeated or cut to length; the sum is kept below full scale.
    """
    repeated = np.resize(other, len(speech))
    mixed = speech + repeated * np.float32(measure_level(speech) / measure_level(repeated) / from_db(ratio_db))
    return limit(mixed)


def limit(signal: Signal) -> Signal:
    """Turn down what would be clipped."""
    peak = float(np.abs(signal).max(initial=0))
    return signal if peak <= 1 else (signal / np.float32(peak)).astype(np.float32)
