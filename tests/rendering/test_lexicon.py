"""Reading prompts, English and Chinese."""

from __future__ import annotations

import pytest

from reelgate.engines.preview import camera, thing, vocabulary
from reelgate.engines.preview.lexicon import Reading, read_prompt

SCENES = ("city", "mountains", "ocean")


def read(prompt: str, negative_prompt: str = "", seed: int = 1) -> Reading:
    return read_prompt(prompt, negative_prompt, scenes=SCENES, seed=seed)


@pytest.mark.parametrize(
    ("prompt", "scene", "palette"),
    [
        ("As the sun dips below the horizon, powerful waves crash against jagged rocks", "ocean", "sunset"),
        ("Drone shot over misty alpine peaks at dawn, a still lake below", "mountains", "dawn"),
        ("Neon skyline of a future Tokyo at night, light rain", "city", "neon"),
        ("海边日落，海浪拍打岩石", "ocean", "sunset"),
        ("雪山，清晨，无人机航拍", "mountains", "dawn"),
        ("赛博朋克城市，雨夜", "city", "neon"),
        ("a FOREST in thick fog", "mountains", "fog"),
        ("a foggy night by the sea", "ocean", "night"),
    ],
)
def test_words_choose_scene_and_light(prompt: str, scene: str, palette: str) -> None:
    reading = read(prompt)

    assert (reading.scene, reading.palette, reading.known) == (scene, palette, True)


def test_weather_things_and_camera_are_read_too() -> None:
    reading = read("Slow zoom in on boats in the rain, seagulls above the rocks")

    assert reading.words >= {"boats", "rain", "birds", "rocks"}
    assert reading.camera == {"push_in"}
    assert read("航拍，下雪，帆船").words >= {"snow", "boats"}
    assert read("航拍，下雪，帆船").camera == {"aerial"}


def test_the_longest_word_counts() -> None:
    assert "boats" in read("a fishing boat").words
    assert read("a blue hour street").palette == "sunset"  # not the blue of day
    assert "snow" not in read("a snowy owl-shaped cloud, no snow").words


def test_what_the_negative_prompt_names_is_taken_away() -> None:
    reading = read("a beach with birds in the fog", "birds, fog, grain")

    assert not reading.words & {"birds", "fog"}
    assert "grain" in reading.negative
    assert reading.palette != "fog"


def test_no_and_without_are_understood() -> None:
    assert read("mountains without trees, no clouds").negative >= {"trees", "clouds"}
    assert "trees" not in read("没有树木的雪山").words


def test_parts_of_words_are_not_words() -> None:
    assert not read("a seasoned chef at a rockabilly party").known


def test_an_unknown_text_is_left_to_the_seed() -> None:
    scenes = {read("qwertz uiop", seed=seed).scene for seed in range(20)}

    assert scenes == set(SCENES)
    assert read("qwertz uiop", seed=4) == read("qwertz uiop", seed=4)
    assert not read("qwertz uiop").known


def test_a_scene_nobody_painted_gives_way_to_its_kin() -> None:
    assert read("a desert caravan among dunes").scene == "mountains"
    assert read_prompt("a desert", "", scenes=(*SCENES, "desert"), seed=1).scene == "desert"


@pytest.mark.parametrize(
    ("prompt", "camera"),
    [
        ("the camera pans left", {"pan_left"}),
        ("the camera pans to the right across the bay", {"pan_right"}),
        ("slow pan", {"pan_right"}),
        ("camera slowly zooms out", {"pull_out"}),
        ("zooming in, handheld", {"push_in", "handheld"}),
        ("镜头拉远", {"pull_out"}),
        ("a Panasonic camera on a table", set()),
    ],
)
def test_the_camera_is_told_where_to_go(prompt: str, camera: set[str]) -> None:
    assert read(prompt).camera == camera


def test_every_camera_word_is_a_move() -> None:
    assert set(vocabulary.CAMERA) == set(camera.MOVES)


def test_no_meaning_is_without_a_word_in_both_languages() -> None:
    for table in (vocabulary.SCENE, vocabulary.PALETTE, vocabulary.CAMERA, thing.THING, thing.UNDRAWN):
        for name, rows in table.items():
            words = " ".join(rows.values()).split()
            assert any(word.isascii() for word in words), name
            assert any(not word.isascii() for word in words), name


def test_of_an_unknown_text_something_abstract_is_made_where_that_can_be() -> None:
    for text in ("", "qwertz uiop", "un chien qui dort au soleil", "человек читает книгу"):
        assert read_prompt(text, "", scenes=["city", "flow", "ocean"], seed=3).scene == "flow"


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("a noble lord among his people in the throne hall", "stage"),
        ("一位贵族领主站在人群中", "stage"),
        ("a school of fish over a coral reef", "underwater"),
        ("骆驼走过沙漠", "desert"),
        ("driving on a highway at night", "road"),
        ("an astronaut above a planet", "space"),
        ("a fox in the forest", "forest"),
        ("a woman walks through a city in the rain", "city"),
    ],
)
def test_each_scene_is_found_by_its_own_words(prompt: str, scene: str) -> None:
    assert read_prompt(prompt, "", scenes=vocabulary.SCENE, seed=1).scene == scene


@pytest.mark.parametrize(
    ("prompt", "camera"),
    [
        ("The camera pans slowly to the left over the city", {"pan_left"}),
        ("panning very gently right", {"pan_right"}),
        ("the camera pans up the tower", {"tilt_up"}),
        ("it tilts upwards", {"tilt_up"}),
        ("the camera tilts slowly down", {"tilt_down"}),
        ("the camera moves slowly to the right", {"pan_right"}),
        ("the camera slowly moves to the left", {"pan_left"}),
        ("the camera moves steadily forward", {"push_in"}),
        ("zooms slowly out in the rain", {"pull_out"}),
        ("the camera pushes gently in", {"push_in"}),
        ("the camera pulls slowly back", {"pull_out"}),
        ("the camera is static", {"static"}),
        ("the camera remains completely still", {"static"}),
        ("static shot", {"static"}),
        ("no camera movement", {"static"}),
        ("the camera is not static", set()),
        ("she tilts her head up", set()),
        ("a boat moves in the harbour", set()),
        ("a pan, the left hand of the cook", {"pan_right"}),
    ],
)
def test_between_a_camera_s_verb_and_its_way_there_may_be_words(prompt: str, camera: set[str]) -> None:
    assert read(prompt).camera == camera


def test_what_lies_between_a_verb_and_its_way_is_read_too() -> None:
    reading = read("the camera pans over boats to the left")

    assert (reading.camera, reading.words) == ({"pan_right"}, {"boats"}), "too far away"
    assert read("the camera pans over boats left").camera == {"pan_left"}
    assert read("the camera pans over boats left").words == {"boats"}


def test_a_long_run_of_gaps_is_read_at_once() -> None:
    assert read("pan" + "_" * 5000 + "pan " * 500 + " " * 5000 + "no " * 500).camera == {"pan_right"}


@pytest.mark.parametrize(
    ("prompt", "unwanted", "wanted"),
    [
        ("an ocean without boats or birds", {"boats", "birds"}, set()),
        ("an ocean without boats and birds", {"boats", "birds"}, set()),
        ("an ocean, no boats, birds, or rocks", {"boats", "birds", "rocks"}, set()),
        ("an ocean without any text or birds", {"birds"}, set()),
        ("an ocean without boats and with birds", {"boats"}, {"birds"}),
        ("an ocean without boats and a lighthouse", {"boats"}, {"lighthouse"}),
        ("an ocean without boats, birds above", {"boats"}, {"birds"}),
        ("不要有船的大海", {"boats"}, set()),
        ("没有船和鸟的大海", {"boats", "birds"}, set()),
        ("没有船的大海，有鸟", {"boats"}, {"birds"}),
    ],
)
def test_a_denial_holds_for_a_whole_list(prompt: str, unwanted: set[str], wanted: set[str]) -> None:
    reading = read(prompt)

    assert (reading.scene, reading.negative, reading.words) == ("ocean", unwanted, wanted)


def test_as_much_against_as_for_is_unwanted_where_the_negative_prompt_says_so() -> None:
    reading = read("seagulls over the ocean", "birds")

    assert reading.negative == {"birds"}
    assert not reading.words
    assert "birds" not in read("birds here, no birds there").negative


@pytest.mark.parametrize(("prompt", "negative"), [("mountains at night", "moon, stars"), ("mountains at night, no moon and stars", "")])
def test_a_night_without_a_moon_is_a_night(prompt: str, negative: str) -> None:
    reading = read(prompt, negative)

    assert (reading.palette, reading.negative) == ("night", {"moon", "stars"})
    assert read("mountains", "night").palette != "night"


def test_a_sea_without_ships_is_a_sea() -> None:
    assert read("a beach", "boats, ships, a lighthouse").scene == "ocean"
    assert read("a beach, a city", "city").scene == "ocean"


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("galaxies", "space"),
        ("butterflies", "forest"),
        ("cities", "city"),
        ("falling leaves", "forest"),
        ("nebulae", "space"),
        ("women", "stage"),
        ("men", "stage"),
        ("children", "stage"),
        ("people", "stage"),
    ],
)
def test_plurals_are_known(prompt: str, scene: str) -> None:
    reading = read_prompt(prompt, "", scenes=vocabulary.SCENE, seed=1)

    assert (reading.scene, reading.known) == (scene, True)
    assert ("people" in reading.words) == (scene == "stage")


def test_every_way_that_a_camera_goes_is_a_move() -> None:
    assert {move for ways in vocabulary.GOING.values() for move in ways} <= set(vocabulary.CAMERA)


@pytest.mark.parametrize(
    ("prompt", "scene", "thing"),
    [
        ("a river", "mountains", "river"),
        ("a viaduct", "mountains", "bridge"),
        ("小溪", "mountains", "river"),
        ("a watchtower", None, "tower"),
    ],
)
def test_words_for_what_stands_in_a_scene_name_it(prompt: str, scene: str | None, thing: str) -> None:
    reading = read(prompt)
    assert thing in reading.words
    assert scene in {None, reading.scene}


def test_what_is_drawn_nowhere_is_known_by_name() -> None:
    assert read("two camels and a castle by the sea").undrawn == {"camel", "castle"}
    assert read("the ocean, no whales", "dolphin").undrawn == frozenset()


def test_a_skyscraper_is_no_tower() -> None:
    assert "tower" not in read("skyscrapers").words


def test_nothing_is_both_drawn_and_undrawn() -> None:
    assert not thing.VISIBLE & set(thing.UNDRAWN)
    assert set(thing.THING) >= thing.VISIBLE
