"""Ten minutes without speech of ten kinds.

Any word in them is invented.
"""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.speech.waveforms import RATE, Signal, from_db, limit, make_noise, make_silence

SEED = 3
SECONDS = 60.0
LEVEL = from_db(-20)
HUM_HERTZ, HUM_HARMONICS = 50.0, 8
# Semitones above A3: a minor, F, C and G, two seconds each; and a tune in the same key.
CHORDS = ((0, 3, 7), (-4, 0, 3), (3, 7, 10), (-2, 2, 5))
TUNE = (12, 15, 19, 17, 15, 14, 12, 7, 10, 12, 14, 15)
BASE_HERTZ = 220.0
CHORD_SECONDS, NOTE_SECONDS = 2.0, 0.35
OVERTONES = (1.0, 0.5, 0.25, 0.12)
KEYS_PER_SECOND, KEY_SECONDS = 5.0, 0.03
FAN_HERTZ, FAN_DEPTH = 1.7, 0.5
BEEP_HERTZ, BEEP_SECONDS, BEEP_EVERY_SECONDS = 1000.0, 0.4, 2.0

Maker = Callable[[np.random.Generator], Signal]


def make_sounds() -> dict[str, Signal]:
    """Return a minute of each kind, always the same."""
    return {name: make(np.random.default_rng(SEED)) for name, make in MAKERS.items()}


def count_time() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the second of each sample."""
    return np.arange(round(SECONDS * RATE)) / RATE


def set_level(signal: Signal) -> Signal:
    """Scale a sound of RMS 1 to the common level.

    It stays below full scale.
    """
    return limit((signal * LEVEL).astype(np.float32))


def make_hum(_random: np.random.Generator) -> Signal:
    """Return the mains and its harmonics, each weaker."""
    time = count_time()
    waves = [np.sin(2 * np.pi * HUM_HERTZ * number * time) / number for number in range(1, HUM_HARMONICS + 1)]
    return set_level(np.sum(waves, axis=0).astype(np.float32))


def make_note(semitones: float, seconds: float) -> Signal:
    """Return a tone with overtones that is struck and dies away."""
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = BASE_HERTZ * 2 ** (semitones / 12)
    tone = sum(share * np.sin(2 * np.pi * hertz * number * time) for number, share in enumerate(OVERTONES, 1))
    return np.asarray(tone * np.minimum(time / 0.01, 1) * np.exp(-2 * time / seconds), dtype=np.float32)


def play(chords: Sequence[Sequence[int]], seconds: float) -> Signal:
    """Return chords repeated to the full time."""
    bar = np.concatenate([np.sum([make_note(note, seconds) for note in chord], axis=0) for chord in chords])
    return set_level(np.resize(bar, round(SECONDS * RATE)))


def make_keys(random: np.random.Generator) -> Signal:
    """Return short bursts of noise as of a keyboard.

    They come at random times.
    """
    signal = make_silence(SECONDS)
    decay = np.exp(-np.linspace(0, 6, round(KEY_SECONDS * RATE)))
    for start in random.integers(0, len(signal) - len(decay), round(SECONDS * KEYS_PER_SECOND)):
        signal[start : start + len(decay)] += (random.standard_normal(len(decay)) * decay).astype(np.float32)
    return set_level(signal)


def make_fan(random: np.random.Generator) -> Signal:
    """Return deep noise that comes and goes."""
    swell = 1 + FAN_DEPTH * np.sin(2 * np.pi * FAN_HERTZ * count_time())
    return set_level((make_noise(round(SECONDS * RATE), 1.5, random) * swell).astype(np.float32))


def make_beeps(_random: np.random.Generator) -> Signal:
    """Return a tone that is switched on and off."""
    time = count_time()
    beeps = np.sin(2 * np.pi * BEEP_HERTZ * time) * (time % BEEP_EVERY_SECONDS < BEEP_SECONDS)
    return set_level(beeps.astype(np.float32))


def make_coloured(exponent: float) -> Maker:
    """Return what makes noise of one colour."""
    return lambda random: set_level(make_noise(round(SECONDS * RATE), exponent, random))


MAKERS: dict[str, Maker] = {
    "silence": lambda _random: make_silence(SECONDS),
    "white noise": make_coloured(0),
    "pink noise": make_coloured(1),
    "brown noise": make_coloured(2),
    "hum": make_hum,
    "chords": lambda _random: play(CHORDS, CHORD_SECONDS),
    "tune": lambda _random: play([[note] for note in TUNE], NOTE_SECONDS),
    "keyboard": make_keys,
    "fan": make_fan,
    "beeps": make_beeps,
}
