"""Words that only say "here goes a picture", in the languages decks are written in. Pure."""

from __future__ import annotations

import re
import unicodedata

# What is meant by a picture: lower case, composed (NFKC), as whole words.
_PICTURE = (
    "picture", "image", "photo", "photograph", "pic", "illustration", "graphic", "visual", "screenshot",
    "figure", "artwork", "bild", "foto", "grafik", "abbildung", "fotografie", "photographie", "visuel",
    "imagen", "fotografía", "ilustración", "gráfico", "immagine", "fotografia", "illustrazione", "figura",
    "imagem", "ilustração", "afbeelding", "plaatje", "beeld", "obraz", "obrazek", "zdjęcie", "ilustracja",
    "grafika", "картинка", "картинку", "картинки", "изображение", "изображения", "фото", "фотография",
    "фотографию", "иллюстрация", "иллюстрацию", "рисунок", "рисунка", "зображення", "фотографія", "фотографію",
    "світлина", "світлину", "ілюстрація", "ілюстрацію", "малюнок", "resim", "görsel", "görseli", "fotoğraf",
    "fotoğrafı", "resmi", "çizim", "图片", "图像", "照片", "插图", "圖片", "圖像", "相片", "插圖", "画像",
    "写真", "イラスト", "図", "이미지", "사진", "그림", "삽화", "صورة", "الصورة", "صوره", "رسم", "תמונה",
    "התמונה", "תמונות", "צילום", "للصورة", "لصورة", "איור",
)  # fmt: skip

# What says that it is still to come.
_TO_COME = (
    "here", "placeholder", "goes", "insert", "add", "place", "put", "drop", "your", "tbd", "todo", "pending",
    "holder", "space", "hier", "platzhalter", "einfügen", "einsetzen", "ergänzen", "folgt", "ici",
    "emplacement", "insérer", "insérez", "ajouter", "ajoutez", "réservé", "aquí", "aqui", "marcador",
    "insertar", "inserte", "insertá", "inserta", "añadir", "agregar", "qui", "segnaposto", "inserire",
    "inserisci", "aggiungere", "aggiungi", "inserir", "insira", "adicionar", "adicione", "plaats",
    "plaatshouder", "plaatsen", "invoegen", "toevoegen", "tijdelijke", "tutaj", "tu", "symbol", "zastępczy", "wstaw",
    "wstawić", "dodaj", "miejsce", "здесь", "тут", "вставить", "вставьте", "вставка", "добавить", "добавьте",
    "место", "заполнитель", "заглушка", "сюда", "вставити", "вставте", "додати", "додайте", "місце",
    "заповнювач", "buraya", "burada", "ekle", "ekleyin", "yer", "tutucu", "tutucusu", "eklenecek", "在此",
    "此处", "这里", "插入", "添加", "占位符", "占位", "放置", "待添加", "在這裡", "在此處", "此處", "這裡", "新增",
    "預留位置", "預留", "ここに", "ここ", "挿入", "追加", "プレースホルダー", "プレースホルダ", "入れる",
    "여기에", "여기", "삽입", "추가", "자리", "표시자", "자리표시자", "هنا", "أدرج", "إدراج", "ادراج", "أضف",
    "إضافة", "عنصر", "نائب", "لعنصر", "مكان", "כאן", "הוסף", "הכנס", "הוספת", "הכנסת", "מציין", "מיקום",
)  # fmt: skip

# Words that add nothing to either.
_FILLING = (
    "a", "an", "the", "of", "or", "for", "in", "to", "be", "this", "that", "is", "please", "click", "icon",
    "our", "some", "new", "nice", "relevant", "related", "big", "small", "caption", "ein", "eine", "das", "der",
    "für", "die", "den", "dein", "ihr", "bitte", "un", "une", "le", "la", "l", "d", "de", "du", "des", "votre", "el",
    "una", "su", "tu", "por", "favor", "il", "lo", "del", "uma", "o", "da", "do", "sua", "een", "het", "uw",
    "voor", "van", "w", "na", "dla", "твой", "ваше", "ваша", "вашу", "ваш", "для", "будь", "ласка",
    "пожалуйста", "bir", "lütfen", "için", "的", "一张", "一張", "您的", "请", "請", "を", "の", "する",
    "してください", "に", "을", "를", "하세요", "هذه", "هذا", "من", "فضلك", "על", "את", "של",
)  # fmt: skip

_SPACED = frozenset(_PICTURE), frozenset(_TO_COME), frozenset(_FILLING)
_UNSPACED = tuple(
    tuple(sorted((word for word in words if not word.isascii()), key=len, reverse=True)) for words in _SPACED
)
# Scripts that are written without spaces between words, and Korean, whose particles cling to them.
_CONTINUOUS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_BRACKETED = re.compile(r"\s*[\[<({【〔「『«]+([^\[\]<>(){}]*)[\]>)}】〕」』»]+\s*")
# Nobody says "image here" at such length.
_MOST_LETTERS = 60


def says_image_here(text: str) -> bool:
    """True where `text` as a whole says that a picture goes here: "Insert photo", "[Bild]", "图片占位符".

    A picture's name alone says so in brackets only: "Photo" heads many a slide.
    """
    plain = _composed(text)
    if not plain or len(plain) > _MOST_LETTERS:
        return False
    in_brackets = _BRACKETED.fullmatch(plain)
    counts = _count(in_brackets[1] if in_brackets else plain)
    if counts is None:
        return False
    pictures, to_come = counts
    return pictures > 0 and (to_come > 0 or in_brackets is not None)


def _composed(text: str) -> str:
    """`text` in lower case and in the one of Unicode's spellings the vocabulary uses."""
    # The Turkish capital İ lower-cases to an i with a dot of its own.
    lower = unicodedata.normalize("NFKC", text.casefold()).replace("i\u0307", "i")
    return " ".join("".join(c for c in lower if unicodedata.category(c) != "Cf").split())


def _count(text: str) -> tuple[int, int] | None:
    """How many words name a picture and how many say it is to come; None where another word is among them."""
    pictures = to_come = 0
    for word in re.findall(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*", text):
        counted = _of_continuous(word) if _CONTINUOUS.search(word) else _of_spaced(word)
        if counted is None:
            return None
        pictures, to_come = pictures + counted[0], to_come + counted[1]
    return pictures, to_come


def _of_spaced(word: str) -> tuple[int, int] | None:
    names, promises, filling = _SPACED
    if word in names or word in promises or word in filling:
        return int(word in names), int(word in promises)
    # German and Dutch write it as one word: "Bildplatzhalter".
    for name in names:
        if word.startswith(name) and word.removeprefix(name).removeprefix("s") in promises:
            return 1, 1
    return None


def _of_continuous(word: str) -> tuple[int, int] | None:
    """The same of a word in a script without spaces, which is taken apart from its beginning, longest parts first."""
    counts = [0, 0, 0]
    while word:
        for number, parts in enumerate(_UNSPACED):
            part = next((part for part in parts if word.startswith(part)), None)
            if part is not None:
                counts[number] += 1
                word = word.removeprefix(part)
                break
        else:
            return None
    return counts[0], counts[1]
