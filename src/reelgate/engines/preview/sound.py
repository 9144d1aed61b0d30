"""The sound track: a bed of shaped noise for the place, a quiet chord under it, and whatever is said.

Noise is shaped in the frequency domain, so a bed of any length costs two transforms. All of it comes from the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.encode import SAMPLE_RATE_HZ, Samples
from reelgate.engines.preview.speech import speak

Channel = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """The noise of a place: how loud each part of the spectrum is, and how it comes and goes."""

    bands: tuple[tuple[float, float, float], ...]  # centre in hertz, width in octaves, loudness
    swell: float = 0.0  # how deep it breathes, 0 to 1
    period_s: float = 6.0  # of one breath
    chord_hz: tuple[float, ...] = (110.0, 164.81, 220.0, 277.18)
    chord: float = 0.35  # loudness of the chord against the noise
    calls: str = ""  # what sings in it: "gulls", "birds", "crickets"


def make_track(parts: Sequence[tuple[str, float]], words: str, rng: np.random.Generator) -> Samples:
    """(2, n) samples of one place after another: (ambience, seconds) each. An unknown ambience is air. `words` are spoken from 0.6 s on,
    the bed lowered."""
    track = _joined(_counted(parts), rng)
    voice = speak(words, SAMPLE_RATE_HZ) if words else None
    if voice is not None:
        track = _spoken_over(track, voice)
    return np.asarray(np.tanh(track * 1.05) * _fades(track.shape[1]), np.float32)


def heard(place: str, *, words: Collection[str], palette: str) -> str:
    """The ambience of a place in this weather at this hour. Rain is heard wherever it falls on something; on land the night has crickets,
    but for snow."""
    if "rain" in words and place in _OUTSIDE:
        return "rain"
    return "night" if palette == "night" and place in _LAND and "snow" not in words else place


def _counted(parts: Sequence[tuple[str, float]]) -> list[tuple[str, int]]:
    """Parts in samples; what sounds the same is one part, so that nothing is heard of a cut within one place."""
    counted: list[tuple[str, int]] = []
    at, end = 0, 0.0
    for ambience, seconds in parts:
        end += seconds
        count = round(end * SAMPLE_RATE_HZ) - at
        at += count
        if counted and counted[-1][0] == ambience:
            count += counted.pop()[1]
        counted.append((ambience, count))
    return counted


def _joined(parts: Sequence[tuple[str, int]], rng: np.random.Generator) -> Samples:
    """Beds in turn. Each goes on for a moment under the next one, which comes up by then: as loud all the way."""
    track = np.zeros((2, sum(count for _, count in parts)), np.float32)
    at = lead = 0
    for number, (ambience, count) in enumerate(parts):
        tail = min(_JOIN, parts[number + 1][1]) if number + 1 < len(parts) else 0
        bed = _bed(BEDS.get(ambience, BEDS["air"]), count + tail, rng)
        bed[:, :lead] *= _rising(lead)
        bed[:, count:] *= _rising(tail)[::-1]
        track[:, at : at + count + tail] += bed
        at, lead = at + count, tail
    return track


def _rising(count: int) -> Channel:
    return np.sin(np.linspace(0, np.pi / 2, count, dtype=np.float32))


def _bed(bed: Bed, count: int, rng: np.random.Generator) -> Samples:
    track = np.stack([_noise(bed, count, rng) for _ in range(2)]) + np.float32(bed.chord) * _chord(bed.chord_hz, count, rng)
    if bed.calls:
        track = track + _CALLS[bed.calls](count, rng)
    return np.asarray(track * (_LOUDNESS / max(1e-6, float(np.sqrt(np.mean(track**2))))), np.float32)


def _noise(bed: Bed, count: int, rng: np.random.Generator) -> Channel:
    size = _quick_length(count)
    spectrum = np.fft.rfft(rng.standard_normal(size, np.float32))
    octave = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ), 1.0))
    shape = sum(loud * np.exp(-(((octave - np.log2(centre)) / width) ** 2)) for centre, width, loud in bed.bands)
    noise = np.fft.irfft(spectrum * shape, size)[:count].astype(np.float32)
    noise /= max(1e-6, float(noise.std()))
    return noise * _breath(bed, count, rng)


def _breath(bed: Bed, count: int, rng: np.random.Generator) -> Channel:
    """Swelling and falling, never twice the same."""
    times = np.arange(count, dtype=np.float32) / SAMPLE_RATE_HZ
    waves = np.zeros(count, np.float32)
    for part, share in ((1.0, 0.6), (1.73, 0.25), (0.41, 0.15)):
        phase = rng.uniform(0, 2 * np.pi)
        waves += np.float32(share) * np.sin(np.float32(2 * np.pi * part / bed.period_s) * times + np.float32(phase))
    return 1 - np.float32(bed.swell) * (0.5 - 0.5 * waves)


def _chord(pitches_hz: tuple[float, ...], count: int, rng: np.random.Generator) -> Channel:
    times = np.arange(count, dtype=np.float32) / SAMPLE_RATE_HZ
    sides = np.zeros((2, count), np.float32)
    for number, pitch in enumerate(pitches_hz):
        slow = 0.6 + 0.4 * np.sin(2 * np.pi * times / (5.0 + number) + rng.uniform(0, 6.28))
        for side in range(2):
            tuned = pitch * (1 + (0.0011 if side else -0.0011) * (1 + number % 2))
            sides[side] += slow * np.sin(np.float32(2 * np.pi * tuned) * times + np.float32(rng.uniform(0, 6.28))) / (1 + 0.35 * number)
    return np.asarray(sides / max(1e-6, float(sides.std())), np.float32)


def _gulls(count: int, rng: np.random.Generator) -> Channel:
    return _calls(count, rng, every_s=2.6, pitch_hz=1150, fall=-0.35, length_s=0.34, loudness=0.55)


def _birds(count: int, rng: np.random.Generator) -> Channel:
    return _calls(count, rng, every_s=0.8, pitch_hz=3300, fall=0.3, length_s=0.11, loudness=0.6)


def _crickets(count: int, rng: np.random.Generator) -> Channel:
    times = np.arange(count, dtype=np.float32) / SAMPLE_RATE_HZ
    pulse = np.clip(np.sin(2 * np.pi * 15 * times), 0, 1) * np.clip(np.sin(2 * np.pi * 0.9 * times + rng.uniform(0, 6.28)) + 0.3, 0, 1)
    return np.asarray(0.3 * pulse * np.sin(2 * np.pi * 4300 * times), np.float32)[None, :] * np.array([[1.0], [0.7]], np.float32)


def _calls(
    count: int, rng: np.random.Generator, *, every_s: float, pitch_hz: float, fall: float, length_s: float, loudness: float
) -> Channel:
    """Short whistled calls, scattered in time and between the sides."""
    sides = np.zeros((2, count), np.float32)
    times = np.arange(int(length_s * SAMPLE_RATE_HZ), dtype=np.float32) / SAMPLE_RATE_HZ
    part = times / length_s
    at = rng.uniform(0.2, every_s)
    while int(at * SAMPLE_RATE_HZ) + times.size < count:
        pitch = pitch_hz * rng.uniform(0.85, 1.2)
        call = np.sin(2 * np.pi * pitch * (times + fall * times * part / 2)) * np.sin(np.pi * part) ** 2
        place, start = rng.uniform(0.2, 0.8), int(at * SAMPLE_RATE_HZ)
        loud = loudness * rng.uniform(0.3, 1.0)
        sides[0, start : start + times.size] += call * loud * (1 - place)
        sides[1, start : start + times.size] += call * loud * place
        at += every_s * rng.uniform(0.35, 1.6)
    return sides


def _spoken_over(track: Samples, voice: Channel) -> Samples:
    count = track.shape[1]
    start = int(_VOICE_AT_S * SAMPLE_RATE_HZ)
    voice = voice[: max(0, count - start - SAMPLE_RATE_HZ // 5)]
    heard = np.zeros(count, np.float32)
    heard[start : start + voice.size] = 1
    window = np.ones(SAMPLE_RATE_HZ // 5, np.float32) / (SAMPLE_RATE_HZ // 5)
    smooth = np.convolve(heard[:: window.size // 8], np.ones(8, np.float32) / 8, "same")
    ducked = 1 - (1 - _DUCKED) * np.interp(np.arange(count), np.arange(smooth.size) * (window.size // 8), smooth)
    spoken = track * ducked.astype(np.float32)
    loudness = float(np.sqrt(np.mean(voice**2))) if voice.size else 1.0
    spoken[:, start : start + voice.size] += voice * np.float32(_VOICE / max(1e-6, loudness))
    return spoken


def _fades(count: int) -> Channel:
    second = np.arange(count, dtype=np.float32) / SAMPLE_RATE_HZ
    return np.clip(np.minimum(second / _FADE_IN_S, second[::-1] / _FADE_OUT_S), 0, 1)


def _quick_length(count: int) -> int:
    """The next length that is a power of two times 1, 3 or 5: other lengths make the transform crawl."""
    return min(base << shift for base in (1, 3, 5) for shift in range(4, 30) if base << shift >= count)


BEDS: Mapping[str, Bed] = {
    "sea": Bed(
        bands=((180, 1.6, 1.0), (900, 1.5, 0.5), (4200, 1.3, 0.16)),
        swell=0.75,
        period_s=5.5,
        chord_hz=(98.0, 146.83, 196.0, 246.94),
        chord=0.3,
        calls="gulls",
    ),
    "wind": Bed(bands=((140, 1.3, 1.0), (520, 0.7, 0.5)), swell=0.6, period_s=7.5, chord_hz=(82.41, 123.47, 164.81, 246.94), chord=0.45),
    "city": Bed(
        bands=((70, 1.1, 1.0), (240, 1.4, 0.45), (1400, 1.6, 0.1)),
        swell=0.25,
        period_s=9.0,
        chord_hz=(73.42, 110.0, 174.61, 220.0),
        chord=0.5,
    ),
    "rain": Bed(
        bands=((3200, 1.7, 0.6), (700, 1.6, 0.35), (110, 1.0, 0.3)),
        swell=0.15,
        period_s=8.0,
        chord_hz=(87.31, 130.81, 207.65, 261.63),
        chord=0.3,
    ),
    "forest": Bed(bands=((260, 1.4, 0.8), (1800, 1.6, 0.2)), swell=0.4, period_s=7.0, chord=0.3, calls="birds"),
    "night": Bed(
        bands=((150, 1.2, 0.8), (500, 1.3, 0.3)),
        swell=0.3,
        period_s=8.0,
        chord_hz=(82.41, 123.47, 196.0, 246.94),
        chord=0.45,
        calls="crickets",
    ),
    "space": Bed(bands=((55, 1.0, 1.0), (160, 1.0, 0.4)), swell=0.4, period_s=9.0, chord_hz=(65.41, 98.0, 130.81, 196.0), chord=0.8),
    "underwater": Bed(bands=((90, 1.1, 1.0), (380, 0.9, 0.35)), swell=0.5, period_s=6.0, chord_hz=(73.42, 110.0, 146.83, 220.0), chord=0.5),
    "sand": Bed(
        bands=((110, 1.2, 0.8), (640, 0.6, 0.5), (5200, 1.0, 0.12)),
        swell=0.7,
        period_s=8.5,
        chord_hz=(87.31, 116.54, 174.61, 233.08),
        chord=0.4,
    ),
    "road": Bed(
        bands=((60, 0.9, 1.0), (330, 1.2, 0.35), (1100, 1.2, 0.12)),
        swell=0.45,
        period_s=6.5,
        chord_hz=(98.0, 146.83, 220.0, 293.66),
        chord=0.35,
    ),
    "hall": Bed(  # many people a long way off
        bands=((210, 0.8, 0.8), (560, 0.8, 0.6), (1500, 0.9, 0.12)),
        swell=0.35,
        period_s=4.0,
        chord_hz=(110.0, 164.81, 246.94, 329.63),
        chord=0.6,
    ),
    "silk": Bed(bands=((700, 1.5, 0.4), (2600, 1.3, 0.12)), swell=0.6, period_s=10.0, chord_hz=(146.83, 220.0, 293.66, 440.0), chord=1.0),
    "air": Bed(bands=((120, 1.3, 1.0), (480, 1.4, 0.35)), swell=0.35, period_s=8.0),
}

_CALLS: Mapping[str, Callable[[int, np.random.Generator], Channel]] = {"gulls": _gulls, "birds": _birds, "crickets": _crickets}
_LAND = frozenset({"wind", "forest", "sand", "road"})
_OUTSIDE = _LAND | {"sea", "city", "air"}  # air: a picture of who knows what
_JOIN = SAMPLE_RATE_HZ // 3  # samples in which one place goes over into the next
_LOUDNESS = 0.1  # -20 dB
_VOICE_AT_S = 0.6
_VOICE = 0.18  # -15 dB
_DUCKED = 0.35
_FADE_IN_S = 0.25
_FADE_OUT_S = 0.5
