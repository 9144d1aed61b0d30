"""The sound track."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.encode import SAMPLE_RATE_HZ, Samples
from reelgate.engines.preview.sound import BEDS, heard, make_track


def track(ambience: str = "sea", seconds: float = 2.0, words: str = "", seed: int = 1) -> Samples:
    return make_track([(ambience, seconds)], words, np.random.default_rng(seed))


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
    assert brightness(track("rain")) > 1.5 * brightness(track("city"))


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


@pytest.mark.parametrize("place", ["wind", "forest", "sand", "road"])
def test_night_and_rain_are_heard_on_land(place: str) -> None:
    assert heard(place, words=(), palette="day") == place
    assert heard(place, words=(), palette="night") == "night"
    assert heard(place, words=("snow",), palette="night") == place, "crickets sleep in winter"
    assert heard(place, words=("rain",), palette="night") == "rain"


def test_rain_is_heard_in_the_open_only_and_crickets_on_land() -> None:
    assert {heard(place, words=("rain",), palette="day") for place in ("sea", "city", "air")} == {"rain"}
    inside = ("space", "hall", "silk", "underwater")
    assert [heard(place, words=("rain",), palette="night") for place in inside] == list(inside)
    assert [heard(place, words=(), palette="night") for place in ("sea", "city", "air")] == ["sea", "city", "air"]


def brightness(samples: Samples) -> float:
    """The middle of its spectrum, in hertz."""
    spectrum = abs(np.fft.rfft(samples[0]))
    return float(np.average(np.fft.rfftfreq(samples.shape[1], 1 / SAMPLE_RATE_HZ), weights=spectrum))


def test_each_part_has_its_own_bed_and_none_of_them_stops_before_the_next() -> None:
    samples = make_track([("space", 2.0), ("rain", 2.0)], "", np.random.default_rng(1))
    assert samples.shape == (2, 4 * SAMPLE_RATE_HZ)
    first, second = samples[:, : 2 * SAMPLE_RATE_HZ], samples[:, 5 * SAMPLE_RATE_HZ // 2 :]
    assert brightness(second) > 3 * brightness(first)
    cut = samples[:, 2 * SAMPLE_RATE_HZ - 4800 : 2 * SAMPLE_RATE_HZ + 19200].reshape(2, -1, 2400)
    loudness = 20 * np.log10(np.sqrt(np.mean(cut**2, axis=(0, 2))))
    assert loudness.min() > -27
    assert loudness.max() < -15
    assert np.abs(np.diff(samples[:, 2 * SAMPLE_RATE_HZ - 2 : 2 * SAMPLE_RATE_HZ + 2])).max() < 0.1, "it clicks"


def test_parts_that_sound_alike_are_one() -> None:
    one, two = (make_track(parts, "", np.random.default_rng(1)) for parts in ([("sea", 3.0)], [("sea", 1.0), ("sea", 2.0)]))
    assert np.array_equal(one, two)


def test_parts_may_be_as_short_as_a_frame() -> None:
    assert make_track([("sea", 1 / 24), ("wind", 1 / 24), ("sea", 2.0)], "", np.random.default_rng(1)).shape == (2, 100_000)
