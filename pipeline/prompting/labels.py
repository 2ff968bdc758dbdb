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
    SETTING = auto()  # the image's size, the model: nothing to draw, and over with its sentence
    ASPECT = auto()  # a part of the description: its label goes, its text stays where it is
    CAPTION = auto()  # the slide's number, title or content, or a word of introduction


def _words(text: str) -> frozenset[str]:
    return frozenset(anyascii(word).lower() for word in text.split())


# Words in Latin letters, compared whole and without their accents; the first label that knows a word wins.
_LATIN = {
    Label.ASIDE: _words(
        "negative alt alternative alternativtext alternatif alternativo notes note reason rationale explanation"
        " keywords tags negativeprompt reasoning thinking thoughts hinweis begründung notiz remarque nota poznámka"
        " uwaga"
    ),
    Label.PROMPT: _words(
        "prompt prompts promt prompten bildprompt english englisch anglais inglés inglese inglês angielsku"
        " eingabeaufforderung dall dalle midjourney invite indicación instrucción comando istem istemi kehote"
        " podpowiedź výzva gợi nhắc"
    ),
    Label.SETTING: _words("aspect ratio size resolution dimensions format model quality seed count"),
    Label.ASPECT: _words("style scene subject setting stil estilo stile styl"),
    Label.CAPTION: _words(
        "slide slides folie folien diapositive diapo diapositiva dia dias slajd slajdu snímek snímka slayt slaid"
        " lysbilde lysark diapozitiv trang salindia"
        " title titel titre título titolo tytuł název nadpis başlık cím titlu judul naslov otsikko rubrik"
        " text texte texto testo tekst content contents inhalt contenu contenido contenuto conteúdo treść obsah"
        " inhoud innehåll indhold innhold sisältö içerik tartalom conținut isi sadržaj"
        " description beschreibung bildbeschreibung descripción descrizione descrição opis popis beschrijving"
        " beskrivning beskrivelse kuvaus açıklama leírás leírása képleírás descriere deskripsi bildtext billedtekst"
        " caption illustration image picture bild imagen immagine imagem obraz afbeelding kép slike görsel"
        " concept idea metaphor"
        " answer output result response antwort réponse respuesta risposta resposta"
        " here below following sure certainly absolutely okay hier voici aquí ecco aqui natürlich claro"
    ),
}
# Words that may stand beside those in a label.
_BESIDE = _words(
    "the a an your my this that for of in on to is are as s and with no new final revised improved suggested short"
    " detailed visual ai art generation generator model version translated translation dall dalle e gpt midjourney"
    " stable diffusion flux imagen openai course ok great you go"
    " word file ý lời hình ảnh mô tả för"
    " der die das den dem des ein eine für auf zur zum ist bildes le la les l un une du de d en pour el los las"
    " para il lo per è o os uma um do da na po dla pro av på voor van het gerne bien sûr supuesto certo"
)
# A language's code says of what stands after it, whether it is the English one of several.
_ENGLISH_CODES = _words("en eng")
_OTHER_CODES = _words("ar cs da de es fi fr he hu it ja ko nl pl pt ro ru sv tr uk vi zh")
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
    r"|this prompt \w+s\b|this prompt (?:would|will|can|should)\b"
    r"|this (?:image|picture|illustration|visual|scene|metaphor|concept) (?:would|will|can|should|captures|conveys"
    r"|represents|reflects|symboli[sz]es|visuali[sz]es|emphasi[sz]es|communicates|evokes|helps|works"
    r"|is (?:meant|intended))\b"
    r"|i(?:'ve| have) (?:also )?(?:created|written|made|kept|avoided)\b|i can also\b"
    r"|you can (?:also )?(?:adjust|change|modify)\b",
    re.IGNORECASE,
)

_COMPOUND = re.compile(r"(?!negativ)\w+prompts?")
_PICTURE = "(?:image|picture|illustration|photo|photograph|painting|drawing|rendering|render|scene|visual)"
_REQUEST = re.compile(
    r"(?:please,? |can you |could you )?(?:generate|create|produce|draw|make|design|render)(?: me| us)? "
    rf"(?:an? {_PICTURE}(?: of| showing| depicting| that shows|:) |(?=an? (?:[\w-]+,? ){{0,6}}{_PICTURE}\b))",
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
_LOOSE = re.compile(rf"{_DRAWN_ROUND}(?P<head>{_HEAD}{{1,40}}?)(?:\s+[-–—|]+\s+(?P<rest>.*)|[\s.,]*$)", re.DOTALL)


def is_pleasantry(sentence: str) -> bool:
    """Tell whether a person is spoken to: "Sure!", "Let me know if you would like changes."."""
    return bool(_PLEASANTRY.match(sentence))


def without_request(sentence: str) -> str:
    """Take off the words that ask for a picture: "Please generate an image of …"."""
    while match := _REQUEST.match(sentence):
        sentence = sentence[match.end() :]
    return sentence


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
        label = label_of(match["head"]) if match else None
        if match and label and only in (None, label):
            return label, match["rest"] or ""
    return None, sentence


def label_of(head: str) -> Label | None:
    """Tell what stands after a label's words or a member's key; None where they are no label."""
    head = re.sub(r"\([^()]*\)", " ", head)
    words = re.findall(r"[^\W\d_]+", head)
    latin = frozenset(anyascii(word).lower() for word in words if is_latin(word[0]))
    in_other_script = " ".join(word.casefold() for word in words if not is_latin(word[0]))
    if len(words) == 1 and latin & (_ENGLISH_CODES | _OTHER_CODES):
        return Label.PROMPT if latin & _ENGLISH_CODES else Label.ASIDE
    # "Billedprompt", "Afbeeldingsprompt", "imagePrompt"
    latin = frozenset("prompt" if _COMPOUND.fullmatch(word) else word for word in latin)
    is_presenting = bool(_PRESENTING.match(head))
    if not (latin <= _BESIDE.union(*_LATIN.values()) or is_presenting):
        return None
    for label, known in _LATIN.items():
        if label is Label.SETTING and is_presenting:
            continue
        if latin & known or any(word in in_other_script for word in _OTHER_SCRIPTS.get(label, ())):
            return label
    # Whatever stands before a colon in another alphabet is a label: it cannot be English.
    return Label.CAPTION if in_other_script else None
