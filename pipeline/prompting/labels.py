"""The labels and pleasantries that come with a prompt ("Слайд 10:", "Sure! Here's the prompt:") in many languages."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto

from anyascii import anyascii


class Label(Enum):
    """What the text after a label is."""

    ASIDE = auto()  # not part of the picture's description: alt text, notes, a negative prompt
    PROMPT = auto()  # the image prompt itself
    ASPECT = auto()  # a part of the description: its label goes, its text stays where it is
    CAPTION = auto()  # the slide's number, title or content, or a word of introduction


def _words(text: str) -> frozenset[str]:
    return frozenset(anyascii(word).lower() for word in text.split())


# Words in Latin letters, compared whole and without their accents; the first label that knows a word wins.
_LATIN = {
    Label.ASIDE: _words(
        "negative alt alternative alternativtext alternatif alternativo notes note reason rationale explanation"
        " keywords tags hinweis begründung notiz remarque nota poznámka uwaga"
    ),
    Label.PROMPT: _words(
        "prompt prompts promt prompten bildprompt english englisch anglais inglés inglese inglês angielsku"
        " eingabeaufforderung dall dalle midjourney invite indicación instrucción comando istem kehote podpowiedź výzva"
    ),
    Label.ASPECT: _words("style scene subject setting stil estilo stile styl"),
    Label.CAPTION: _words(
        "slide slides folie folien diapositive diapo diapositiva dia dias slajd slajdu snímek snímka slayt slaid"
        " lysbilde lysark diapozitiv trang salindia"
        " title titel titre título titolo tytuł název nadpis başlık cím titlu judul naslov otsikko rubrik"
        " text texte texto testo tekst content contents inhalt contenu contenido contenuto conteúdo treść obsah"
        " inhoud innehåll indhold innhold sisältö içerik tartalom conținut isi sadržaj"
        " description beschreibung bildbeschreibung descripción descrizione descrição opis popis beschrijving"
        " beskrivning beskrivelse kuvaus açıklama leírás descriere deskripsi"
        " caption illustration image picture bild imagen immagine imagem obraz afbeelding concept idea metaphor"
        " answer output result response antwort réponse respuesta risposta resposta"
        " here below following sure certainly absolutely okay hier voici aquí ecco aqui natürlich claro"
    ),
}
# Words that may stand beside those in a label.
_BESIDE = _words(
    "the a an your my this that for of in on to is are as s and with no new final revised improved suggested short"
    " detailed visual ai art generation generator model version translated translation dall dalle e gpt midjourney"
    " stable diffusion flux imagen openai course ok great you go"
    " der die das den dem des ein eine für auf zur zum ist bildes le la les l un une du de d en pour el los las"
    " para il lo per è o os uma um do da na po dla pro av på voor van het gerne bien sûr supuesto certo"
)
# Beginnings of words in other scripts, looked for anywhere in a label: some of these scripts do not part words.
_OTHER_SCRIPTS = {
    Label.ASIDE: (
        *("альтернатив", "негатив", "примечан", "заметк", "приміт", "替代文本", "替代文字", "负面", "負面", "反向"),
        *("代替テキスト", "ネガティブ", "대체 텍스트", "네거티브", "טקסט חלופי", "النص البديل"),
    ),
    Label.PROMPT: (
        *("промпт", "промт", "запрос", "подсказк", "запит", "английск", "англійськ", "προτροπή"),
        *("提示", "英文", "プロンプト", "프롬프트", "פרומפט", "הנחיה", "موجه", "المطالبة", "प्रॉम्प्ट", "พรอมต์"),
    ),
}

_OPENERS = (
    "sure|certainly|of course|absolutely|okay|ok|great|no problem|natürlich|gerne|bien sûr|claro|por supuesto|certo"
)
_PRESENTING = re.compile(
    rf"(?:{_OPENERS}|here|i(?:'ve| have)|below|this is|the following|hier|voici|aquí|aqui|ecco)\b", re.IGNORECASE
)
_PLEASANTRY = re.compile(
    rf"(?:{_OPENERS})(?: thing)?[!.,]*$"
    r"|(?:i'd be|i'm|i am|i would be) (?:happy|glad)\b|i hope (?:this|it|that)\b|hope this\b|let me know\b|feel free\b"
    r"|would you like\b|do you want me\b|please let me\b|if you(?:'d| would) like\b"
    r"|i(?:'ve| have) (?:also )?(?:created|written|made|kept|avoided)\b|i can also\b"
    r"|you can (?:also )?(?:adjust|change|modify)\b",
    re.IGNORECASE,
)

_DRAWN_ROUND = r"""[\s"'(\[{<【-]*+"""
_HEAD = r"(?:[^:\n\]】.!?]|[.!?](?!\s))"  # within one sentence
_BEFORE_COLON = re.compile(
    rf"""{_DRAWN_ROUND}(?P<head>{_HEAD}{{1,120}}?)["'\s]{{0,5}}[:\]】](?!\d)[:\s]*(?P<rest>.*)""", re.DOTALL
)
_NUMBERED = re.compile(
    rf"{_DRAWN_ROUND}(?P<head>[^\W\d_]+\s*[#№]?\s*\d+(?:\s*/\s*\d+)?)\s*(?:[-–—.|)]+(?:\s|$)|$)\s*(?P<rest>.*)",
    re.DOTALL,
)
_LOOSE = re.compile(rf"{_DRAWN_ROUND}(?P<head>{_HEAD}{{1,40}}?)(?:\s+[-–—]+\s+(?P<rest>.*)|[\s.,]*$)", re.DOTALL)


def is_pleasantry(sentence: str) -> bool:
    """Tell whether a person is spoken to: "Sure!", "Let me know if you would like changes."."""
    return bool(_PLEASANTRY.match(sentence))


def is_latin(letter: str) -> bool:
    """Tell whether a letter is of the Latin alphabet, with or without accents."""
    return unicodedata.name(letter, "").startswith("LATIN")


def split_label(sentence: str) -> tuple[Label | None, str]:
    """Part the label `sentence` begins with from the text after it; None and all of it where there is no label.

    A colon or a closing bracket ends any label, a number ends a slide's ("Slide 3 - …"); a dash or the end of the
    line are enough only after a word for a prompt.
    """
    patterns = ((_BEFORE_COLON, None), (_NUMBERED, Label.CAPTION), (_LOOSE, Label.PROMPT))
    for pattern, only in patterns:
        match = pattern.match(sentence)
        label = _label(match["head"]) if match else None
        if match and label and only in (None, label):
            return label, match["rest"] or ""
    return None, sentence


def _label(head: str) -> Label | None:
    head = re.sub(r"\([^()]*\)", " ", head).casefold()
    words = re.findall(r"[^\W\d_]+", head)
    latin = frozenset(anyascii(word).lower() for word in words if is_latin(word[0]))
    in_other_script = " ".join(word for word in words if not is_latin(word[0]))
    if not (latin <= _BESIDE.union(*_LATIN.values()) or _PRESENTING.match(head)):
        return None
    for label, known in _LATIN.items():
        if latin & known or any(word in in_other_script for word in _OTHER_SCRIPTS.get(label, ())):
            return label
    # Whatever stands before a colon in another alphabet is a label: it cannot be English.
    return Label.CAPTION if in_other_script else None
