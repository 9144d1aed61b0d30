"""What the words put into or over the water of a scene: an island, a lighthouse, a keep on a rock, a bridge."""

from __future__ import annotations

from dataclasses import dataclass

from reelgate.engines.preview import bridge, island, landmark, lighthouse, masonry, traffic, weather
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.stage import Layer, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Berth:
    """Where there is room. Places are counted from the edge away from the light, in widths; lengths are short sides."""

    island: float
    mark: float  # of the rock that bears a lighthouse or a keep
    reach: float  # of that rock
    air: float  # share of haze before it all, on a clear day
    depth: float
    bridge: tuple[float, float] | None  # its towers; None = a viaduct of stone
    span: float  # height of the bridge
    hill: float  # height of the island
    firs: bool = False  # whether firs grow on it
    keep: bool = True  # whether a tower is an old one on a rock


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What was asked for: layers from far to near, and who is alive there."""

    layers: tuple[Layer, ...] = ()
    beam: lighthouse.Beam | None = None
    road: traffic.Road | None = None
    land: Setting | None = None

    def roles(self, *, after: int) -> tuple[Role, ...]:
        """Who plays once so many layers stand: behind the water, so that it mirrors them."""
        beam, road, land = self.beam, self.road, self.land
        cars = (
            ()
            if road is None or land is None
            else (Role(after=after, cast=lambda size, _: traffic.Traffic(road, size, land.brief.own("cars"))),)
        )
        light = () if beam is None else (Role(after=after, cast=lambda size, _: lighthouse.Turning(beam, size)),)
        return (*cars, *light)


NONE = Marks()


def marks(land: Setting, berth: Berth) -> Marks:
    """Whatever of it the words of the brief ask for."""
    layers: list[Layer] = []
    road = beam = None
    if weather.asked(land.brief, "bridge"):
        crossing, road = _bridge(land, berth)
        layers.append(crossing)
    if weather.asked(land.brief, "island", "palms"):
        layers.append(_island(land, berth))
    lit = weather.asked(land.brief, "lighthouse")
    if berth.keep and weather.asked(land.brief, "tower"):
        layers += _keep(land, berth, aside=_BESIDE if lit else 0.0)
    if lit:
        layers += _lighthouse(land, berth)
        beam = lighthouse.beam_of(land, _lamp(land, berth), berth.depth)
    return Marks(layers=tuple(layers), beam=beam, road=road, land=land)


def _air(land: Setting, berth: Berth) -> float:
    return min(0.9, berth.air * (0.6 + 0.8 * land.palette.haziness) + 0.8 * land.murk)


def _island(land: Setting, berth: Berth) -> Layer:
    scale = min(1.0, land.wide / 1.3)
    reach = 0.24 * scale
    isle = island.Isle(
        x=land.aside(min(berth.island, 1.0 - reach / land.wide)) * land.wide,
        reach=reach,
        height=berth.hill * scale,
        air=_air(land, berth),
        depth=berth.depth,
        palms=weather.asked(land.brief, "palms"),
        firs=berth.firs,
        woods="trees" not in land.brief.negative,
    )
    return island.island(land, isle)


def _keep(land: Setting, berth: Berth, aside: float) -> list[Layer]:
    x = berth.mark - aside
    rock = island.skerry(land, land.aside(x) * land.wide, reach=1.15 * berth.reach, air=_air(land, berth), depth=berth.depth)
    foot = land.shore - (island.SKERRY * 1.15 * berth.reach - _SUNK) * land.unit
    site = masonry.Site(x=land.aside(x) * land.brief.width, foot=foot, air=_air(land, berth), depth=berth.depth)
    return [masonry.planted(land, landmark.keep(land, 1.75 * berth.reach * land.unit), site), rock]


def _lighthouse(land: Setting, berth: Berth) -> list[Layer]:
    rock = island.skerry(land, land.aside(berth.mark) * land.wide, reach=berth.reach, air=_air(land, berth), depth=berth.depth)
    site = masonry.Site(x=land.aside(berth.mark) * land.brief.width, foot=_foot(land, berth), air=_air(land, berth), depth=berth.depth)
    return [masonry.planted(land, lighthouse.lighthouse(land, _tall(land, berth)), site), rock]


def _foot(land: Setting, berth: Berth) -> float:
    """The row on which a lighthouse stands: a little sunk into its rock, whose ragged edge then hides its own."""
    return land.shore - (island.SKERRY * berth.reach - _SUNK) * land.unit


def _tall(land: Setting, berth: Berth) -> float:
    return 2.1 * berth.reach * land.unit


def _lamp(land: Setting, berth: Berth) -> tuple[float, float]:
    return land.aside(berth.mark) * land.brief.width, _foot(land, berth) - lighthouse.LAMP * _tall(land, berth)


def _bridge(land: Setting, berth: Berth) -> tuple[Layer, traffic.Road | None]:
    stone = berth.bridge is None
    span = bridge.Span(
        tall=berth.span,
        deck=berth.span if stone else 0.22 * berth.span,
        towers=berth.bridge or (0.0, 1.0),
        colour=_STONE if stone else _STEEL,
        air=_air(land, berth),
        depth=berth.depth,
    )
    if stone:
        return bridge.viaduct(land, span), None
    lit = land.palette.lamps > _DUSK
    rows = bridge.deck_of(land, span)
    road = traffic.Road(rows=rows, depth=berth.depth, many=round(8 * land.wide), lit=lit, bodies=traffic.bodies_of(land))
    return bridge.hanging(land, span), road


_BESIDE = 0.15
_SUNK = 0.010
_DUSK = 0.1  # lamps of a palette from which on cars have theirs on
_STEEL = (0.62, 0.24, 0.17)
_STONE = (0.64, 0.60, 0.54)
