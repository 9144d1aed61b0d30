"""What the generations of Kling share."""

from __future__ import annotations

from reelgate.catalog._kling import KlingPicture720, KlingPictures1080, KlingText720, KlingText1080, per_second, with_voices
from reelgate.domain.media import Foreign, VideoInput
from reelgate.domain.money import Money


def test_a_prompt_is_enough_for_a_video_from_text() -> None:
    assert KlingText720.model_validate({"prompt": "a fox"}).wanted() == VideoInput(
        prompt="a fox",
        negative_prompt="blur, distort, and low quality",
        seconds=5,
        aspect_ratio="16:9",
        resolution="720p",
        cfg_scale=0.5,
    )


def test_pro_is_1080p() -> None:
    assert KlingText1080.model_validate({"prompt": "a fox"}).wanted().resolution == "1080p"


def test_a_video_from_a_picture_follows_its_shape_unless_told_otherwise() -> None:
    body = {"prompt": "p", "image_url": "https://example.com/fox.png"}
    assert KlingPicture720.model_validate(body).wanted().aspect_ratio == "auto"
    assert KlingPicture720.model_validate({**body, "aspect_ratio": "1:1"}).wanted().aspect_ratio == "1:1"


def test_a_last_picture_is_the_tail() -> None:
    body = {"prompt": "p", "image_url": "https://a", "tail_image_url": "https://b"}
    assert KlingPictures1080.model_validate(body).wanted().last_frame == Foreign("https://b", "tail_image_url")


def test_sound_costs_more_and_voices_most() -> None:
    price = with_voices("0.07", with_sound="0.14", with_voices="0.168")
    voices = {"fal": {"voice_ids": ["calm"]}}
    assert price.quote(VideoInput(seconds=5)).amount == Money.dollars("0.35")
    assert price.quote(VideoInput(seconds=5, sound=True)).amount == Money.dollars("0.70")
    assert price.quote(VideoInput(seconds=5, sound=True, extras=voices)).amount == Money.dollars("0.84")
    assert price.quote(VideoInput(seconds=5, sound=False, extras=voices)).amount == Money.dollars("0.35")
    assert price.quote(VideoInput(seconds=5, sound=True, extras={"fal": {"elements": [{"voice_id": "calm"}]}})).words == "5 s × $0.168"
    assert price.quote(VideoInput(seconds=5, sound=True, extras={"fal": {"elements": [{"video_url": 0}]}})).words == "5 s × $0.14"
    assert price.describe() == "$0.07 a second, $0.14 with sound, $0.168 with sound and chosen voices"
    assert price.source.text


def test_five_seconds_of_turbo_cost_35_cents() -> None:
    quote = per_second("0.07").quote(KlingText1080.model_validate({"prompt": "a fox"}).wanted())
    assert (quote.amount, quote.words) == (Money.dollars("0.35"), "5 s × $0.07")
