"""How the gate reads a text: spelling tricks undone, one reading for English words and one for Chinese characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

CJK = r"\u3400-\u9fff\U00020000-\U0003ffff"
BLANK_EN = "_"
BLANK_ZH = "□"

# Letters of other scripts that look Latin, so that a Cyrillic "а" does not hide a word.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеіјорсухѕԁһԛԝѵӏмнткв" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχ" + "ıɑɡɩʟ",
    "ABESIJKMHOPCTYXaeijopcyxsdhqwvlmhtkb" + "ABEZHIKMNOPTYXaeikvoptux" + "iagil",
)
# Traditional and variant characters of the lexicon → simplified.
_TRADITIONAL = (
    "結结紮扎紥扎絕绝環环節节醫医證证産产產产補补數数條条獎奖舉举報报訪访決决徵征撫抚養养費费罰罚準准長长計计劃划"
    "檢检懷怀藥药術术輸输違违規规與与無无戶户獨独雙双遠远內内宮宫植植閘闸離离終终斷断墮堕給给應应該该務务標标額额"
    "齡龄婦妇員员對对電电話话調调査查線线賞赏級级進进單单項项開开職职黨党幹干個个孫孙認认書书業业勞劳務务險险"
    "慶庆壓压減减對对關关係系親亲願愿選选擇择訓训識识評评滿满繳缴墊垫強强製制迫迫禁禁資资質质執执庫库貨货應应"
    "發发領领報报後后隨随併并並并複复覆复診诊斷断傷伤殘残亡亡獻献貼贴轉转償偿鑒鉴鑑鉴別别優优歲岁體体塊块動动"
    "還还拆拆擴扩確确實实現现場场學学習习樣样測测驗验壯壮誌志寫写類类責责權权國国際际兒儿歲岁嬰婴媽妈爺爷經经"
    "紀纪錄录態态廣广傳传統统續续緩缓繼继約约紅红純纯組组細细絡络緊紧網网綜综緣缘編编總总織织腸肠臨临讓让議议"
    "護护讀读變变詢询試试詳详誤误說说請请諾诺證证譯译負负財财貢贡貧贫販贩貸贷貿贸賠赔賬账購购贏赢趕赶跡迹軌轨"
    "達达過过運运邊边連连適适遲迟遷迁鄉乡鄰邻釋释鎮镇鏈链銷销錢钱鍵键門门問问間间閱阅隊队階阶隱隐難难電电題题"
    "額额願愿顧顾飛飞飲饮餐餐馬马驗验體体魚鱼鳥鸟點点齊齐龍龙歡欢殺杀氣气沒没浮浮滅灭災灾爾尔牆墙獲获環环畫画"
    "異异瘡疮盡尽監监盤盘眾众矯矫碼码禮礼種种稱称穩稳窮穷筆笔範范築筑簡简籤签糧粮聯联聲声聽听膽胆臺台萬万葉叶"
    "處处號号術术衛卫裝装裡里見见視视覺觉覽览觀观觸触計计訂订討讨託托訴诉診诊註注許许設设姙妊妳你於于從从復复"
    "徹彻憑凭懸悬戰战據据撥拨擔担擬拟攜携攤摊敗败敵敌斂敛時时晉晋暫暂會会東东極极構构榮荣樂乐樓楼樹树橋桥機机"
)
_SIMPLIFIED = {ord(_TRADITIONAL[i]): _TRADITIONAL[i + 1] for i in range(0, len(_TRADITIONAL), 2)}
_LEET = (
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"},
    {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t"},
)
_LEET_MARKS = str.maketrans({"@": "a", "$": "s", "!": "i", "€": "e", "|": "l"})

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_IN_WORD = re.compile(r"(?<=[A-Za-z0-9])[-_.*·•'’`~^+=/\\|,:;]{1,3}(?=[A-Za-z0-9])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_SINGLE_LETTERS = re.compile(r"\b(?:[a-z] ){2,}[a-z]\b")
# Digits inside a word may stand for letters (1ud), digits after syllables for tones (jie2 za1), one at a word's end for a note.
_MIXED = re.compile(r"\b(?!\d+(?:st|nd|rd|th)\b)(?=(?:\w*[a-z]){2})[a-z]*\d+[a-z][a-z0-9]*\b")
_NUMBERED = re.compile(r"\b[a-z]{2,6}[1-5]\b(?=.*\b[a-z]{2,6}[1-5]\b)|(?<=\b)[a-z]{6,}\d\b")
_DIGITS = re.compile(r"\d")
_TAIL = re.compile(r"(?<=[a-z])\d\b")
_MARKED = re.compile(r"(?<=[A-Za-z0-9])[@$!€|]|[@$!€|](?=[A-Za-z0-9])")
_NOT_CHINESE = re.compile(rf"[^{CJK}a-z0-9]+")
_SPLITTER = re.compile(rf"(?<=[{CJK}])[a-z0-9](?=[{CJK}])")
_HAS_LATIN = re.compile(r"[A-Za-z]|\d.*[@$!]")
_HAS_CJK = re.compile(rf"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the gate reads it: `en` holds spellings of lower-case words between single spaces, `zh` of bare characters."""

    en: tuple[str, ...]
    zh: tuple[str, ...]


def read(text: str) -> Reading:
    """The readings of a text with case, width, accents, look-alikes, spacing tricks and traditional characters undone."""
    plain = _plain(text)
    return Reading(_english(plain), _chinese(plain))


def _plain(text: str) -> str:
    if text.isascii():
        return text
    wide = unicodedata.normalize("NFKC", text)
    bare = "".join(
        c for c in unicodedata.normalize("NFD", wide) if unicodedata.category(c) not in ("Mn", "Cf", "Me")
    )
    return unicodedata.normalize("NFC", bare).translate(_LOOKALIKES)


def _english(plain: str) -> tuple[str, ...]:
    """Spellings to try: as written, camelCase split, in-word marks dropped, single letters joined, digits read as letters."""
    if not _HAS_LATIN.search(plain):
        return ()
    spellings = dict.fromkeys([_spaced(plain)])
    if _CAMEL.search(plain):
        spellings[_spaced(_CAMEL.sub(" ", plain))] = None
    if _IN_WORD.search(plain):
        spellings[_spaced(_IN_WORD.sub("", plain))] = None
    if _MARKED.search(plain):
        spellings[_spaced(plain.translate(_LEET_MARKS))] = None
    for spelling in tuple(spellings):
        if _SINGLE_LETTERS.search(spelling):
            spellings[_SINGLE_LETTERS.sub(lambda m: m.group().replace(" ", ""), spelling)] = None
        if _MIXED.search(spelling):
            for letters in _LEET:
                table = str.maketrans(letters)
                spellings[_MIXED.sub(lambda m, t=table: m.group().translate(t), spelling)] = None  # type: ignore[misc]
            spellings[_MIXED.sub(lambda m: _DIGITS.sub("", m.group()), spelling)] = None
        if _NUMBERED.search(spelling):
            spellings[_TAIL.sub("", spelling)] = None
    return tuple(s for s in spellings if s.strip())


def _spaced(text: str) -> str:
    return _NOT_WORD.sub(" ", text.lower()).strip()


def _chinese(plain: str) -> tuple[str, ...]:
    if not _HAS_CJK.search(plain):
        return ()
    bare = _NOT_CHINESE.sub("", plain.lower().translate(_SIMPLIFIED))
    joined = _SPLITTER.sub("", bare)
    return (bare,) if joined == bare else (bare, joined)
