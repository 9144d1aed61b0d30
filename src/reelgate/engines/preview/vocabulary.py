"""The words that the preview engine knows, English and Chinese.

A table goes from a meaning to its words by weight, an underscore standing for a space. A word may stand in several tables:
"sunrise" names a light and a thing. Plurals need no word of their own but for those in `IRREGULAR`.
"""

from __future__ import annotations

from collections.abc import Mapping

SCENE: Mapping[str, Mapping[int, str]] = {
    "ocean": {
        3: (
            "ocean sea seaside seascape coast coastline beach surf surfer surfing shore seashore wave tide harbour "
            "harbor bay lagoon cliff_sea "
            "大海 海洋 海边 海滩 沙滩 海浪 海岸 浪花 海面 港湾 海上 海"
        ),
        2: (
            "boat ship sail sailboat yacht island lighthouse whale dolphin seagull pier palm_tree tropical island "
            "帆船 船 岛屿 海岛 灯塔 海豚 鲸鱼 海鸥 码头 棕榈"
        ),
        1: ("water horizon sunset 水面 地平线"),
    },
    "mountains": {
        3: ("mountain mountainous peak alp alpine summit himalaya massif ridge valley canyon 雪山 高山 群山 山脉 山峰 山谷 峡谷 山"),
        2: (
            "lake river stream hill glacier cliff snowcap highland fjord viaduct waterfall hiker hiking climber eagle "
            "湖 湖泊 湖水 河 河流 小溪 山丘 冰川 悬崖 瀑布 老鹰"
        ),
        1: ("mist drone landscape wilderness nature pine 薄雾 航拍 风景 荒野 自然"),
    },
    "city": {
        3: (
            "city cityscape skyline downtown metropolis skyscraper tokyo shanghai new_york manhattan hong_kong london "
            "paris cyberpunk urban "
            "城市 都市 天际线 摩天大楼 高楼 东京 上海 北京 香港 赛博朋克"
        ),
        2: (
            "street neon building tower traffic taxi car bridge rooftop billboard subway office apartment alley cafe "
            "restaurant "
            "街道 街头 霓虹 霓虹灯 建筑 大厦 车流 汽车 大桥 屋顶 广告牌 地铁"
        ),
        1: ("robot night_life future futuristic 未来 机器人"),
    },
    "forest": {
        3: ("forest woods woodland jungle rainforest grove redwood 森林 树林 丛林 雨林 竹林"),
        2: ("tree deer bear fox squirrel rabbit fern moss mushroom bamboo 树木 大树 鹿 熊 熊猫 狐狸 松鼠 兔子 蘑菇 树"),
        1: ("leaf garden park butterfly 树叶 花园 公园 蝴蝶"),
    },
    "space": {
        3: (
            "space outer_space galaxy nebula planet cosmos cosmic universe astronaut spaceship spacecraft starship "
            "orbit_earth "
            "太空 宇宙 星系 银河 星云 行星 宇航员 飞船"
        ),
        2: ("asteroid comet alien mars saturn jupiter satellite earth 小行星 彗星 外星 火星 土星 木星 卫星 地球"),
        1: ("star stars starry sci-fi 星星 星空 科幻"),
    },
    "underwater": {
        3: ("underwater coral reef jellyfish deep_sea aquarium submarine goldfish 水下 海底 珊瑚 水母 深海 水族馆 潜水艇 金鱼"),
        2: ("fish shark turtle diver scuba octopus 鱼 鲨鱼 海龟 潜水员 章鱼"),
    },
    "desert": {
        3: ("desert dune sahara oasis 沙漠 沙丘 戈壁 绿洲"),
        2: ("camel cactus sand savanna savannah 骆驼 仙人掌 沙子 草原"),
    },
    "stage": {
        3: ("stage theatre theater concert opera throne_hall audience spotlight ballet 舞台 剧院 剧场 演唱会 观众 音乐会 朝堂"),
        2: (
            "people crowd dancer dancing singer singing actor actress king queen lord knight emperor court ceremony wedding dialogue "
            "人群 舞者 跳舞 歌手 唱歌 演员 国王 王后 贵族 领主 骑士 皇帝 婚礼 众人"
        ),
        1: ("person man woman girl boy child portrait face 人 男人 女人 女孩 男孩 孩子 人物 肖像"),
    },
    "flow": {
        3: ("abstract swirl silk fractal pattern psychedelic 抽象 丝绸 漩涡 图案 流动"),
        2: ("flow flowing ribbon smoke paint ink liquid 流体 烟雾 颜料 水墨 墨水"),
    },
    "road": {
        3: ("road highway motorway racetrack 公路 高速公路 赛道"),
        2: ("truck motorcycle driving race_car 卡车 摩托车 驾驶 赛车"),
    },
}

PALETTE: Mapping[str, Mapping[int, str]] = {
    "neon": {
        3: ("neon cyberpunk synthwave vaporwave holographic 霓虹 霓虹灯 赛博朋克"),
    },
    "storm": {
        3: ("storm stormy thunderstorm thunder lightning tempest typhoon hurricane 暴风雨 雷暴 闪电 风暴 台风"),
        2: ("overcast gloomy dramatic_clouds 阴天 乌云"),
    },
    "sunset": {
        3: ("sunset dusk sundown twilight evening_glow afterglow 日落 夕阳 黄昏 晚霞 落日 傍晚"),
        2: ("sun_dips fiery evening blue_hour 火红"),
        1: "orange_and_purple purple romantic",
    },
    "dawn": {
        3: ("dawn sunrise daybreak first_light 日出 黎明 清晨 拂晓 朝霞 晨光 早晨"),
        2: ("morning early_morning pastel 早上"),
    },
    "golden": {
        3: ("golden_hour golden goldenhour magic_hour 黄金时刻 金色 金黄"),
        2: ("warm sunlit sun_rays autumn autumnal 温暖 阳光 秋天 秋"),
    },
    "night": {
        3: ("night midnight moonlight moonlit nocturnal starry starry_night night_sky 夜晚 夜 深夜 午夜 月光 星空 夜景 夜空"),
        2: ("moon dark stars 月亮 黑暗 星星"),
    },
    "fog": {
        3: ("fog foggy misty haze hazy mist 雾 大雾 浓雾 薄雾 雾气 迷雾"),
        1: ("mysterious eerie 神秘"),
    },
    "day": {
        3: ("daytime midday noon daylight blue_sky sunny clear_sky 白天 正午 中午 晴天 蓝天 晴朗"),
        2: ("day bright clear summer spring 明亮 夏天 春天"),
        1: ("snow snowy 雪"),
    },
}
"""The light of a picture, in the order in which a draw is decided."""

CAMERA: Mapping[str, Mapping[int, str]] = {
    "push_in": {
        1: (
            "push_in pushes_in push-in zoom_in zooms_in zooming_in dolly_in dolly_forward moves_forward moving_forward "
            "close_in "
            "推近 推进 拉近 镜头推进 向前"
        ),
    },
    "pull_out": {
        1: (
            "pull_out pulls_out pull_back pulls_back pulling_back zoom_out zooms_out zooming_out dolly_out dolly_back "
            "拉远 拉开 后退 镜头拉远"
        ),
    },
    "pan_left": {
        1: ("moves_left moves_to_the_left truck_left 向左平移 左摇 向左移动 镜头向左"),
    },
    "pan_right": {
        1: (
            "pan panning panning_shot pan_across moves_right moves_to_the_right "
            "truck_right tracking_shot "
            "向右平移 右摇 向右移动 镜头向右 平移 跟拍"
        ),
    },
    "tilt_up": {
        1: ("crane_up camera_rises rising_shot pedestal_up 上摇 镜头上移 镜头上升 向上移动"),
    },
    "tilt_down": {
        1: ("crane_down camera_lowers descending_shot 下摇 镜头下移 镜头下降 向下移动"),
    },
    "aerial": {
        1: ("aerial aerial_shot drone drone_shot bird's_eye flyover fly_over helicopter_shot 航拍 鸟瞰 无人机 俯瞰 飞越"),
    },
    "orbit": {
        1: ("orbit orbits orbiting orbit_shot arc_shot circles_around revolves_around 环绕 围绕 绕拍"),
    },
    "handheld": {
        1: ("handheld hand-held shaky_cam documentary_style 手持 晃动"),
    },
    "static": {
        1: (
            "static_shot static_camera no_camera_movement camera_does_not_move still_camera "
            "locked-off locked_camera fixed_camera tripod 固定镜头 静止镜头 固定机位"
        ),
    },
}

GOING: Mapping[str, Mapping[str, str]] = {
    "pan pans panning": {
        "pan_left": "left leftward leftwards",
        "pan_right": "right rightward rightwards",
        "tilt_up": "up upward upwards",
        "tilt_down": "down downward downwards",
    },
    "tilt tilts tilting camera_crane camera_cranes camera_craning camera_pedestals": {
        "tilt_up": "up upward upwards",
        "tilt_down": "down downward downwards",
    },
    "zoom zooms zooming dolly dollies dollying camera_push camera_pushes camera_pushing": {
        "push_in": "in forward forwards closer",
        "pull_out": "out back backward backwards away",
    },
    "pull_back pulls_back pulling_back camera_pull camera_pulls camera_pulling": {
        "pull_out": "out back backward backwards away",
    },
    "camera_move camera_moves camera_moving camera_slides camera_sliding camera_glides camera_gliding camera_trucks camera_trucking": {
        "pan_left": "left leftward leftwards",
        "pan_right": "right rightward rightwards",
        "tilt_up": "up upward upwards",
        "tilt_down": "down downward downwards",
        "push_in": "in forward forwards closer",
        "pull_out": "out back backward backwards away",
    },
    "camera_is camera_stays camera_remains camera_holds camera_keeps": {
        "static": "static still fixed stationary motionless locked",
    },
}
"""Where a camera goes: verbs, and for each move the words that say so at most three words later, "pans slowly to the left"."""

IRREGULAR: Mapping[str, str] = {
    "woman": "women",
    "man": "men",
    "person": "people",
    "child": "children",
    "leaf": "leaves",
    "nebula": "nebulae",
    "cactus": "cacti",
}
"""Plurals that no rule makes."""

KIN: Mapping[str, Mapping[str, float]] = {
    "ocean": {"underwater": 0.6, "desert": 0.2},
    "mountains": {"forest": 0.7, "desert": 0.5, "road": 0.4, "space": 0.3},
    "city": {"road": 0.5, "space": 0.2},
}
"""How well a scene stands in for one that is not installed; those that are win by their own words."""

USUAL_PALETTES: Mapping[str, tuple[str, ...]] = {
    "ocean": ("sunset", "golden", "day", "dawn"),
    "mountains": ("dawn", "golden", "day", "sunset"),
    "city": ("neon", "night", "sunset", "golden"),
    "forest": ("dawn", "golden", "day", "fog"),
    "space": ("night", "sunset", "neon", "dawn"),
    "underwater": ("day", "dawn", "night", "neon"),
    "desert": ("golden", "sunset", "day", "dawn"),
    "road": ("sunset", "golden", "day", "dawn"),
    "stage": ("golden", "night", "sunset", "neon"),
    "flow": ("sunset", "neon", "night", "dawn"),
}
ANY_PALETTES = ("golden", "day", "sunset", "dawn")
