"""Things that a prompt may name, in English and Chinese: those that a scene may have a place for, and those that are drawn in none.

The words are written as those of `vocabulary` are.
"""

from __future__ import annotations

from collections.abc import Mapping

THING: Mapping[str, Mapping[int, str]] = {
    "rain": {
        1: ("rain rainy raining drizzle downpour rainfall rain-soaked thunderstorm 雨 下雨 小雨 大雨 暴雨 雨中 细雨 暴风雨"),
    },
    "snow": {
        1: ("snow snowy snowing snowfall blizzard snowflake winter 雪 下雪 大雪 飘雪 雪花 冬天 冬季"),
    },
    "fog": {
        1: ("fog foggy mist misty haze hazy 雾 大雾 浓雾 薄雾 雾气 迷雾"),
    },
    "storm": {
        1: ("storm stormy thunderstorm thunder lightning tempest typhoon hurricane 暴风雨 雷暴 闪电 风暴 台风"),
    },
    "wind": {
        1: ("wind windy breeze gust 风 大风 微风"),
    },
    "clouds": {
        1: ("cloud cloudy clouds overcast sea_of_clouds 云 云海 白云 多云 乌云"),
    },
    "clear": {
        1: ("clear_sky cloudless blue_sky sunny 晴天 晴朗 万里无云"),
    },
    "rocks": {
        1: ("rock rocky jagged boulder cliff stone reef 岩石 礁石 石头 悬崖"),
    },
    "trees": {
        1: ("tree pine forest woods fir spruce palm 树 树木 松树 森林 树林 大树"),
    },
    "birds": {
        1: ("bird seagull gull flock eagle crane swallow 鸟 海鸥 飞鸟 鸟群 老鹰 燕子"),
    },
    "moon": {
        1: ("moon moonlight moonlit full_moon 月亮 月光 满月 明月"),
    },
    "rings": {
        1: ("saturn ringed planetary_ring rings_of 土星 行星环 光环"),
    },
    "stars": {
        1: ("stars starry starry_night milky_way 星星 星空 繁星 银河"),
    },
    "sun": {
        1: ("sun sunset sunrise sunlight sun_dips 太阳 日落 日出 夕阳 阳光 落日"),
    },
    "fish": {
        1: ("fish goldfish school_of_fish shoal shark turtle 鱼 金鱼 鱼群 鲨鱼 海龟"),
    },
    "bubbles": {
        1: ("bubble bubbly 气泡 泡泡"),
    },
    "boats": {
        1: ("boat ship sail sailboat yacht fishing_boat 船 帆船 小船 渔船 轮船"),
    },
    "lake": {
        1: ("lake pond reservoir fjord 湖 湖泊 湖水 池塘"),
    },
    "river": {
        1: ("river stream canal 河 河流 小溪 运河 江"),
    },
    "island": {
        1: ("island 岛 岛屿 海岛 小岛"),
    },
    "lighthouse": {
        1: ("lighthouse 灯塔"),
    },
    "palms": {
        1: ("palm palm_tree tropical 棕榈 棕榈树 热带 椰树"),
    },
    "waves": {
        1: ("wave crash crashing surf rough_sea swell 海浪 波浪 浪花 巨浪"),
    },
    "calm": {
        1: ("calm still tranquil serene peaceful mirror-like 平静 宁静 安静"),
    },
    "bridge": {
        1: ("bridge viaduct 桥 大桥"),
    },
    "tower": {
        1: ("tower watchtower 塔 高塔 电视塔"),
    },
    "reflections": {
        1: ("reflection reflect reflecting mirrored 倒影 反射"),
    },
    "traffic": {
        1: ("traffic car cars taxi headlight 车流 汽车 车灯"),
    },
    "lord": {
        1: ("lord king queen emperor noble crown throne_hall 领主 国王 王后 皇帝 贵族 王冠"),
    },
    "people": {
        1: ("people person man woman girl boy crowd child 人 人群 男人 女人 女孩 男孩 孩子"),
    },
    "grain": {
        1: ("grain grainy noise noisy film_grain 噪点 颗粒"),
    },
    "vignette": {
        1: ("vignette vignetting dark_corners 暗角"),
    },
    "blur": {
        1: ("blur blurry blurred out_of_focus 模糊"),
    },
}
"""Weather, things, and three faults of a picture that only a negative prompt names."""

VISIBLE = frozenset(
    {
        *("rocks", "trees", "birds", "moon", "stars", "rings", "sun", "fish", "bubbles", "boats", "lake", "river", "island", "lighthouse"),
        *("palms", "bridge", "tower", "traffic", "lord", "people"),
    }
)
"""The things that one would look for in the picture. Which of them a scene has a place for is said by the scene."""

UNDRAWN: Mapping[str, Mapping[int, str]] = {
    name: {1: words}
    for name, words in {
        "astronaut": "astronaut 宇航员",
        "balloon": "balloon hot_air_balloon 气球 热气球",
        "bear": "bear 熊",
        "billboard": "billboard 广告牌",
        "butterfly": "butterfly 蝴蝶",
        "cabin": "cabin cottage hut 小屋 木屋",
        "cactus": "cactus 仙人掌",
        "camel": "camel 骆驼",
        "castle": "castle palace 城堡 宫殿",
        "cat": "cat kitten 小猫 猫咪",
        "church": "church cathedral temple 教堂 寺庙",
        "deer": "deer 鹿",
        "diver": "diver scuba 潜水员",
        "dog": "dog puppy 小狗",
        "dolphin": "dolphin 海豚",
        "dragon": "dragon 巨龙 飞龙",
        "flower": "flower blossom 花朵 樱花",
        "fox": "fox 狐狸",
        "helicopter": "helicopter airplane aeroplane 直升机 飞机",
        "hiker": "hiker hiking climber 登山者 徒步者",
        "horse": "horse 骏马 马匹",
        "house": "house 房子",
        "jellyfish": "jellyfish 水母",
        "motorcycle": "motorcycle bicycle 摩托车 自行车",
        "mushroom": "mushroom 蘑菇",
        "octopus": "octopus 章鱼",
        "panda": "panda 熊猫",
        "pier": "pier 码头",
        "pyramid": "pyramid 金字塔",
        "rabbit": "rabbit 兔子",
        "robot": "robot 机器人",
        "satellite": "satellite 卫星",
        "spaceship": "spaceship spacecraft starship 飞船",
        "squirrel": "squirrel 松鼠",
        "submarine": "submarine 潜水艇",
        "surfer": "surfer 冲浪者",
        "train": "train subway 火车 地铁",
        "truck": "truck 卡车",
        "waterfall": "waterfall 瀑布",
        "whale": "whale 鲸鱼",
    }.items()
}
"""What is known by name and drawn nowhere: each is said in the answer, by its English name."""
