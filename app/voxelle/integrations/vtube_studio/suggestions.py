"""A first mapping, from what the artist called the model's hotkeys and expressions. Where no name fits, nothing is guessed."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from voxelle.domain.avatar import AvatarHotkey, Emotion
from voxelle.integrations.vtube_studio.mapping import TOGGLE_EXPRESSION, clean
from voxelle.integrations.vtube_studio.model import Model
from voxelle.integrations.vtube_studio.settings import Deed, DeedKind, EmotionRow, ModelMapping, VTubeStudioSettings

_FITTING = {TOGGLE_EXPRESSION, "TriggerAnimation"}
"""Other hotkeys change models, backgrounds or cameras, whatever they are called."""
_ENDING = re.compile(r"\.(exp3|motion3)\.json$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")
_TOKEN = re.compile(r"[^\W\d_]+")
_SHORTEST_STEM = 5
"""Words of at least so many letters also fit the beginning of longer ones: `smile` fits `smiley`, but `star` not `start`.

Stems of languages that bend their words are shorter by one.
"""
_UNSPACED = 0x2E80
"""From here on, scripts are written without spaces, and a word may stand anywhere in a name."""


class _Words(NamedTuple):
    whole: frozenset[str]
    stems: tuple[str, ...]
    unspaced: tuple[str, ...]


class _Group(NamedTuple):
    emotions: tuple[Emotion, ...]
    words: str


_GROUPS = (
    _Group(
        (Emotion.LOVE, Emotion.DESIRE, Emotion.CARING, Emotion.ADMIRATION),
        "heart hearts love lovely kiss herz herzen liebe verliebt amor amour coeur cœur corazon corazón coração miłość сердц любов"
        " ハート はーと 好き 大好き ラブ らぶ 爱心 愛心 爱 心眼 하트 사랑",
    ),
    _Group(
        (Emotion.EMBARRASSMENT,),
        "blush shy embarrass bashful flushed verlegen scham errötet schüchtern rougir gêné timide sonrojo vergüenza tímido vergonha"
        " смущ румян tere 照れ てれ 照 赤面 恥ずかし 頬染め 脸红 臉紅 害羞 부끄 홍조",
    ),
    _Group(
        (Emotion.EXCITEMENT, Emotion.PRIDE, Emotion.ADMIRATION),
        "sparkle sparkly excite shiny star stars starry proud smug doya glitzer stolz aufgeregt étoile fier estrellas orgullo"
        " сия звезд kira キラキラ きらきら キラ目 どや ドヤ 自信 星星 星眼 兴奋 興奮 得意 반짝 신남",
    ),
    _Group(
        (Emotion.DISGUST, Emotion.DISAPPROVAL),
        "disgust gross eww ekel angewidert dégoût asco nojo отвращ jito jitome ジト目 じと目 呆れ 嫌 無表情 嫌弃 无语 혐오 정색",
    ),
    _Group(
        (Emotion.ANGER, Emotion.ANNOYANCE, Emotion.DISAPPROVAL),
        "angry anger mad rage annoyed pout grumpy furious wütend wut böse sauer zorn colère fâché enojo enojado enfado furia ira raiva zły"
        " злой злость злая гнев oko okoru puku 怒 ぷんぷん プンプン おこ 膨れ ぷく 激おこ 生气 生氣 愤怒 화남 분노 화난",
    ),
    _Group(
        (Emotion.SADNESS, Emotion.GRIEF, Emotion.DISAPPOINTMENT, Emotion.REMORSE),
        "sad sadness cry crying tear tears sob sorrow depressed traurig weinen tränen heulen triste pleure larmes llorar lágrimas chorar"
        " smutny груст плач слез naki kanashi 泣 涙 悲 しょんぼり うるうる 哭 伤心 傷心 眼泪 流泪 슬픔 슬픈 눈물 우는",
    ),
    _Group(
        (Emotion.SURPRISE, Emotion.REALIZATION),
        "surprise shock shocked amazed astonished wow gasp überrascht erschrocken staunen surpris étonné sorpresa sorprendido surpreso"
        " удив шок odoroki bikkuri 驚 びっくり ビックリ ショック 惊讶 驚訝 吃惊 惊 놀람 놀란",
    ),
    _Group(
        (Emotion.FEAR, Emotion.NERVOUSNESS),
        "fear fearful scare scared afraid panic nervous sweat worried pale dark gloom angst ängstlich schweiß nervös peur effrayé miedo"
        " asustado sudor medo страх испуг пот kowai aozame ase yami 怖 恐 青ざめ 焦 汗 闇 黒 怯え ガクブル 害怕 黑脸 黑化 冷汗"
        " 무서 식은땀 어둠",
    ),
    _Group(
        (Emotion.CONFUSION, Emotion.CURIOSITY),
        "confuse question dizzy puzzled curious huh swirl verwirrt frage neugierig schwindel confus perplexe confundido confuso pregunta"
        " вопрос недоум komari guruguru 困 はてな ハテナ 疑問 ぐるぐる グルグル 目回 疑惑 疑问 困惑 晕 暈 혼란 물음표 어지러",
    ),
    _Group(
        (
            Emotion.JOY,
            Emotion.AMUSEMENT,
            Emotion.OPTIMISM,
            Emotion.APPROVAL,
            Emotion.GRATITUDE,
            Emotion.RELIEF,
            Emotion.EXCITEMENT,
            Emotion.PRIDE,
            Emotion.LOVE,
            Emotion.CARING,
            Emotion.ADMIRATION,
        ),
        "smile smiling happy happiness joy laugh laughing grin giggle glad cheer lächeln lachen froh fröhlich glücklich freude sourire"
        " heureux joie rire feliz sonrisa alegre alegría risa sorriso rir uśmiech радост улыб смех счаст egao niko nikoniko warai"
        " 笑 にこ にっこ ニコ ニッコ 喜 嬉 楽 スマイル 开心 開心 高兴 快乐 微笑 웃 미소 기쁨 행복",
    ),
)
"""In order: the first group whose word is in a name takes it. A group that shares emotions with a later one comes before it."""
_IDLE = "idle stretch yawn wave sway nod breathe warten winken gähnen 待機 あくび 伸び 手振り 眠 待机 대기"
_NOT_WORDS = "no not off remove reset clear stop kein keine aus sin sans なし 解除 关闭"
_THINKING = "think thinking ponder denken nachdenken réfléchir pensar 考え 思考 생각"
_LISTENING = "listen listening zuhören écouter escuchar 聞く 聴く 倾听 듣는"


class _Named(NamedTuple):
    deed: Deed
    names: tuple[str, ...]


def suggest(model: Model) -> ModelMapping:
    """Return what the names of a model's own hotkeys and expressions tell."""
    found: dict[int, list[Deed]] = {}
    for deed, names in _named(model):
        group = next((number for number, each in enumerate(_GROUPS) if _fits(names, each.words)), None)
        if group is not None:
            found.setdefault(group, []).append(deed)
    rows = tuple(EmotionRow(emotions=_GROUPS[number].emotions, deeds=tuple(found[number][:20])) for number in sorted(found))
    motions = [_Named(_press(each), _names(each.name, each.file)) for each in model.hotkeys if each.kind == "TriggerAnimation"]
    posed = [each for each in _named(model) if each.deed not in [deed for row in rows for deed in row.deeds]]
    return ModelMapping(
        model_name=clean(model.name),
        rows=rows,
        idle=tuple(each.deed for each in motions if _fits(each.names, _IDLE))[:20],
        thinking=next((each.deed for each in posed if _fits(each.names, _THINKING)), None),
        listening=next((each.deed for each in posed if _fits(each.names, _LISTENING)), None),
    )


def mapping_of(settings: VTubeStudioSettings, model: Model) -> ModelMapping | None:
    """Return what the streamer saved for a model, by its id, or by its name where an import gave it a new id."""
    saved = settings.mappings.get(model.id)
    if saved is not None or not model.name:
        return saved
    return next((each for each in settings.mappings.values() if each.model_name == clean(model.name)), None)


def _named(model: Model) -> Iterator[_Named]:
    """Yield what can be done with its names: hotkeys first, then expressions that none of them sets."""
    pressed = set()
    for hotkey in model.hotkeys:
        if hotkey.kind in _FITTING and hotkey.id:
            pressed.add(hotkey.file)
            yield _Named(_press(hotkey), _names(hotkey.name, hotkey.file))
    for expression in model.expressions:
        if expression.file not in pressed:
            deed = Deed(kind=DeedKind.EXPRESSION, target=clean(expression.file), name=clean(expression.name))
            yield _Named(deed, _names(expression.name, expression.file))


def _press(hotkey: AvatarHotkey) -> Deed:
    return Deed(kind=DeedKind.HOTKEY, target=clean(hotkey.id), name=clean(hotkey.name))


def _names(name: str, file: str) -> tuple[str, ...]:
    """Return a name and that of its file, the name first."""
    return tuple(each for each in (name, _ENDING.sub("", file)) if each)


def _fits(names: tuple[str, ...], words: str) -> bool:
    """Tell whether one of the words is in one of the names, and does not speak of taking it off."""
    wanted = _wanted(words)
    return any(_contains(name, wanted) for name in names)


def _contains(name: str, wanted: _Words) -> bool:
    plain = unicodedata.normalize("NFKC", name)
    tokens = {token.casefold() for part in _CAMEL.split(plain) for token in _TOKEN.findall(part)}
    folded = plain.casefold()
    refused = _wanted(_NOT_WORDS)
    if refused.whole & tokens or any(word in folded for word in refused.unspaced):
        return False
    if wanted.whole & tokens or any(word in folded for word in wanted.unspaced):
        return True
    return any(token.startswith(wanted.stems) for token in tokens)


@functools.cache
def _wanted(words: str) -> _Words:
    """Sort words by how they fit."""
    each = words.split()
    spaced = [word for word in each if ord(word[0]) < _UNSPACED]
    stems = tuple(word for word in spaced if len(word) + (not word.isascii()) >= _SHORTEST_STEM)
    return _Words(frozenset(spaced), stems, tuple(word for word in each if ord(word[0]) >= _UNSPACED))
