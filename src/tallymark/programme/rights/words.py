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
# Traditional and variant characters → the simplified characters of the lexicon, in pairs.
_TRADITIONAL = (
    "與与專专業业東东兩两嚴严喪丧個个箇个臨临為为爲为擧举舉举義义樂乐乗乘習习鄉乡書书亂乱瞭了於于亾亡產产産产僅仅倉仓㕥以㠯以們们價价眾众衆众優优會会傳传傷伤倫伦偽伪僞伪體体脩修償偿儲储兒儿兌兑黨党關关養养"
    "內内冊册寫写農农辳农決决況况準准減减凴凭憑凭齣出擊击圅函劃划則则剏创剙创創创別别彆别颳刮製制劑剂勸劝辦办務务働动動动勵励勢势區区醫医昇升陞升單单佔占衛卫衞卫卽即捲卷厰厂廠厂壓压㕘参參参葠参蓡参蔘参雙双"
    "發发髮发秖只隻只枱台檯台臺台颱台葉叶號号閤合衕同後后嚮向曏向聽听脗吻員员週周咊和諮咨谘咨餵喂廻回迴回逥回囙因團团糰团睏困圍围國国圖图場场塲场墊垫墮堕墻墙牆墙聲声處处俻备備备復复複复亱夜殀夭頭头奬奖獎奖"
    "婦妇媍妇媽妈姙妊婣姻嬰婴學学實实寵宠審审宮宫傢家對对導导儘尽盡尽屬属崗岗㠀岛島岛峯峰佈布師师帳帐帶带乹干乾干亁干幹干榦干秊年並并併并竝并廣广牀床庫库應应廢废癈废㢘廉亷廉開开棄弃挵弄張张強强歸归噹当當当"
    "彔录錄录録录徵征誌志懷怀態态總总䘏恤卹恤賉恤懸悬懲惩慣惯願愿戶户纔才紥扎紮扎釦扣執执擾扰摺折撫抚搶抢護护報报牴抵觝抵擔担擁拥擇择掛挂損损換换㨿据據据㩗携㩦携擕携攜携撡操傚效効效捄救敎教數数斷断無无旹时"
    "時时晉晋曬晒曉晓暫暂㬉暖煗暖朞期朮术術术機机權权條条來来極极搆构構构櫃柜査查標标樹树樣样覈核檔档檢检牓榜檻槛欵款殘残殯殡汙污汚污沒没㳒法灋法註注瀉泻測测滿满滅灭點点熱热愛爱牽牵狀状獨独豬猪貓猫環环現现"
    "毬球電电暢畅㽞留畱留疎疏療疗瘧疟癥症監监蓋盖盤盘瞞瞒碼码確确離离俬私種种稱称稅税穩稳牎窗牕窗窓窗窻窗競竞筞策篩筛簽签籤签簡简祘算簒篡類类醣糖餹糖係系繫系糾纠紅红約约級级紀纪純纯綱纲納纳綫线線线缐线練练"
    "組组織织終终經经結结繞绕遶绕給给絕绝絶绝統统緩缓纏缠繳缴網网罰罚罸罚罷罢羣群攷考職职聯联揹背脫脱緻致節节囌苏甦苏蘇苏蘓苏範范榮荣葯药藥药獲获穫获營营塟葬虛虚蟲虫螡蚊蟁蚊補补錶表見见規规眎视眡视視视譽誉"
    "計计訂订認认討讨訓训議议記记講讲許许論论設设訪访証证證证評评識识訴诉診诊試试䛡话話话詢询該该誤误說说説说請请諾诺課课調调談谈謝谢穀谷負负責责敗败賬账貨货質质貪贪貧贫購购貼贴貸贷費费資资賞赏賠赔賽赛蹤踪"
    "車车軌轨轉转輪轮輸输辤辞辭辞達达過过運运還还進进遠远違违連连廹迫跡迹蹟迹適适選选踰逾遺遗鄰邻隣邻詶酬酧酬醻酬痠酸埰采寀采採采釋释裏里裡里鍳鉴鑑鉴鑒鉴針针鍼针鈎钩鉤钩鉗钳鉄铁鐵铁銷销錯错鎭镇鎮镇長长門门"
    "問问間间閘闸閙闹鬧闹閱阅閲阅隊队坿附際际險险隨随隱隐難难僱雇黴霉麪面麫面麵面麺面項项須须鬚须顧顾預预領领題题頟额額额風风舘馆館馆餽馈饋馈馬马敺驱駈驱驅驱騐验驗验黃黄皷鼓齒齿齡龄"
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
# Digits inside a word may stand for letters (1ud), after syllables for tones (jie2 za1), at a word's end for a count.
_MIXED = re.compile(r"\b(?!\d+(?:st|nd|rd|th)\b)(?=(?:\w*[a-z]){2})[a-z]*\d+[a-z][a-z0-9]*\b")
_NUMBERED = re.compile(r"\b[a-z]{2,}\d+\b")
_DIGITS = re.compile(r"\d")
_TAIL = re.compile(r"(?<=[a-z])\d+\b")
_MARKED = re.compile(r"(?<=[A-Za-z0-9])[@$!€|]|[@$!€|](?=[A-Za-z0-9])")
_NOT_CHINESE = re.compile(rf"[^{CJK}a-z0-9]+")
_SPLITTER = re.compile(rf"(?<=[{CJK}])[a-z0-9](?=[{CJK}])")
_HAS_LATIN = re.compile(r"[A-Za-z]|\d.*[@$!]")
_HAS_CJK = re.compile(rf"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the gate reads it: `en` in lower-case words between single spaces, `zh` in bare characters."""

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
    """Spellings: as written, camelCase split, in-word marks dropped, single letters joined, digits as letters."""
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
