"""What the words of a brief do."""

from __future__ import annotations

import pytest

from reelgate.engines.preview import weather
from reelgate.engines.preview.palette import named
from reelgate.engines.preview.plane import Colour
from tests.painting import make_brief


def test_without_words_the_palette_is_as_it_is() -> None:
    assert weather.palette_of(make_brief("golden")) == named("golden")


def test_a_word_that_is_refused_is_not_asked_for() -> None:
    assert weather.asked(make_brief(words="rain birds"), "rain")
    assert not weather.asked(make_brief(words="rain birds", negative="rain"), "rain")
    assert not weather.asked(make_brief(words="birds"), "rain", "snow")


def test_fog_thickens_the_air_and_its_refusal_clears_it() -> None:
    clear, usual, thick = (
        weather.palette_of(make_brief("dawn", words=words, negative=negative)).haziness
        for words, negative in (("", "fog"), ("", ""), ("fog", ""))
    )
    assert clear < usual < thick <= 1.0


@pytest.mark.parametrize("hour", ["sunset", "golden", "dawn", "day"])
def test_in_fog_the_sky_is_air_as_well(hour: str) -> None:
    clear, foggy = weather.palette_of(make_brief(hour)), weather.palette_of(make_brief(hour, words="fog"))
    assert _apart(foggy.zenith, foggy.horizon) < 0.65 * _apart(clear.zenith, clear.horizon)
    assert _apart(foggy.cloud_light, foggy.cloud_shade) < 0.65 * _apart(clear.cloud_light, clear.cloud_shade)
    assert foggy.cloud <= 0.2


def test_a_night_in_fog_stays_one() -> None:
    clear, foggy = weather.palette_of(make_brief("night")), weather.palette_of(make_brief("night", words="fog"))
    assert max(foggy.zenith) < max(clear.zenith) + 0.1
    assert foggy.ground == clear.ground


def _apart(one: Colour, other: Colour) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def test_a_storm_closes_the_sky_and_hides_the_stars() -> None:
    palette = weather.palette_of(make_brief("night", words="storm"))
    assert palette.cloud >= 0.9
    assert palette.stars < 0.3


def test_clear_skies_and_stars_are_kept_free_of_clouds() -> None:
    assert weather.palette_of(make_brief("day", words="clear")).cloud < 0.1
    assert weather.palette_of(make_brief("day", negative="clouds")).cloud < 0.1
    assert weather.palette_of(make_brief("sunset", words="stars")).stars == 1.0
    assert weather.palette_of(make_brief("day", words="stars")).stars == 0.0


def test_the_moon_rises_where_the_sky_is_dark_enough() -> None:
    assert weather.palette_of(make_brief("sunset", words="moon")).moon
    assert not weather.palette_of(make_brief("day", words="moon")).moon


def test_it_rains_and_snows_when_asked_and_harder_in_a_storm() -> None:
    assert weather.rain(make_brief()) == weather.snow(make_brief()) == 0.0
    assert 0.0 < weather.rain(make_brief(words="rain")) < weather.rain(make_brief(words="rain storm")) == 1.0
    assert weather.snow(make_brief(words="snow", cfg_scale=1.0)) > weather.snow(make_brief(words="snow", cfg_scale=0.0)) > 0.0


def test_snow_closes_the_sky_a_little() -> None:
    assert weather.palette_of(make_brief("day", words="snow")).cloud > named("day").cloud


def test_birds_stay_at_home_in_the_dark_and_in_the_rain() -> None:
    assert weather.birds(make_brief("day"), 4) == 4
    assert weather.birds(make_brief("night"), 4) == 0
    assert weather.birds(make_brief("day", words="rain"), 4) == 0
    assert weather.birds(make_brief("night", words="birds"), 4) >= 5
    assert weather.birds(make_brief("day", words="birds", negative="birds"), 4) == 0


def test_without_moon_and_stars_a_night_stays_one() -> None:
    night, dark = (weather.palette_of(make_brief("night", negative=negative)) for negative in ("", "moon stars"))

    assert night.moon
    assert night.sun_size > 0.0
    assert (dark.sun_size, dark.stars, dark.zenith) == (0.0, 0.0, night.zenith)
    assert dark.sun_height < 0.0, "no light comes from where it stood"
    assert weather.palette_of(make_brief("sunset", negative="moon")).sun_size > 0.0, "the sun is no moon"


def test_it_does_not_rain_from_a_blue_sky() -> None:
    dry, wet = (weather.palette_of(make_brief("day", words=words)) for words in ("", "rain"))
    for name in ("zenith", "middle", "horizon", "water"):
        before, after = (getattr(palette, name) for palette in (dry, wet))
        assert max(after) - min(after) < 0.5 * (max(before) - min(before))


def test_rain_leaves_the_colours_of_an_evening() -> None:
    dry, wet = (weather.palette_of(make_brief("sunset", words=words)) for words in ("", "rain"))
    assert wet.zenith == dry.zenith
    assert wet.light == dry.light
