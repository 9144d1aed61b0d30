"""Flow, painted from every palette in every aspect."""

from __future__ import annotations

from reelgate.engines.preview.scenes.flow import SCENE
from tests.painting import make_brief


def test_cloths_live_before_the_room_and_more_of_them_where_more_is_asked_for() -> None:
    few, many = (SCENE.paint(make_brief(cfg_scale=scale)).alive for scale in (0.2, 0.8))
    assert len(many) == len(few) + 1
    assert {role.after for role in many} == {1}
