"""The sound track."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.encode import SAMPLE_RATE_HZ, Samples
from reelgate.engines.preview.sound import BEDS, make_track


def track(ambience: str = "sea", seconds: float = 2.0, words: str = "", seed: int = 1) -> Samples:
    return make_track(ambience, seconds, words, np.random.default_rng(seed))


def decibels(samples: Samples) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples**2))))


@pytest.mark.parametrize("ambience", [*BEDS, "unheard of"])
def test_a_bed_is_quiet_and_never_clips(ambience: str) -> None:
    samples = track(ambience)

    assert samples.shape == (2, 2 * SAMPLE_RATE_HZ)
    assert -24 < decibels(samples[:, SAMPLE_RATE_HZ // 2 : -SAMPLE_RATE_HZ // 2]) < -17
    assert abs(samples).max() < 1


def test_it_begins_and_ends_in_silence() -> None:
    samples = track()

    assert abs(samples[:, :40]).max() < 0.01
    assert abs(samples[:, -40:]).max() < 0.01


def test_places_sound_different() -> None:
    def brightness(ambience: str) -> float:
        spectrum = abs(np.fft.rfft(track(ambience)[0]))
        return float(np.average(np.fft.rfftfreq(2 * SAMPLE_RATE_HZ, 1 / SAMPLE_RATE_HZ), weights=spectrum))

    assert brightness("rain") > 1.5 * brightness("city")


def test_left_and_right_are_not_one() -> None:
    left, right = track("wind")

    assert np.corrcoef(left, right)[0, 1] < 0.9


def test_the_seed_decides() -> None:
    assert np.array_equal(track(seed=3), track(seed=3))
    assert not np.array_equal(track(seed=3), track(seed=4))


@pytest.mark.needs("espeak-ng")
def test_a_voice_is_heard_over_a_lowered_bed() -> None:
    silent, spoken = track(seconds=4), track(seconds=4, words="hello there, captain, how are you")

    voice = slice(int(0.8 * SAMPLE_RATE_HZ), int(1.8 * SAMPLE_RATE_HZ))
    assert decibels(spoken[:, voice]) > decibels(silent[:, voice]) + 3
    assert np.allclose(spoken[:, : SAMPLE_RATE_HZ // 4], silent[:, : SAMPLE_RATE_HZ // 4], atol=1e-3)


@pytest.mark.parametrize("seconds", [1 / 24, 0.3, 11.0])
def test_any_length_will_do(seconds: float) -> None:
    assert track(seconds=seconds, words="hello").shape[1] == round(seconds * SAMPLE_RATE_HZ)
