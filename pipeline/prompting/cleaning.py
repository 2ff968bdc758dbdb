"""Cleaning: what goes to an image model is one line of English and nothing else, whatever came back."""

from __future__ import annotations

import json
import re
import unicodedata

from anyascii import anyascii

from pipeline.errors import NotEnglishError, PromptError
from pipeline.prompting.english import is_english, is_foreign_script, without_foreign_words
from pipeline.prompting.labels import Label, is_latin, is_pleasantry, label_of, split_label, without_request

_MIN_CHARS = 3
# How much may stand round the prompt. Beyond that an answer is nonsense, and would only cost time.
_MAX_CHARS_ROUND_IT = 8000
_QUOTED_CHARS = 80
_REPEATED = re.compile(r"(.)\1{10}")

_FENCED = re.compile(r"```(?:[\w-]*\n)?(.*?)(?:```|\Z)", re.DOTALL)
_TAGGED = re.compile(r"<((?!negative)\w*prompt|answer)>(.*?)(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THINKING = r"(?:think(?:ing)?|reasoning|analysis|scratchpad)>"
# The second form is what is left of a thought whose beginning the model's host has cut off.
_THOUGHT = re.compile(
    rf"<{_THINKING}(?:(?!</?{_THINKING}).)*+</{_THINKING}|\A(?:(?!<{_THINKING}).)+</{_THINKING}",
    re.DOTALL | re.IGNORECASE,
)
_BLOCK_TAG = re.compile(r"</?(?:p|br|div|li|ul|ol|tr|td|h[1-6])\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][\w-]*+(?:\s+[\w-]+=[^<>]*+)?\s*/?>", re.IGNORECASE)
_QUOTED = re.compile(r""""([^"]+)"|'((?:[^']|(?<=\w)'(?=\w))+)'""", re.DOTALL)
_JSON_MEMBER = re.compile(r'"([\w -]{1,60})"\s*+:\s*+"((?:[^"\\]|\\.)*+)', re.DOTALL)

_QUOTES = str.maketrans({**dict.fromkeys("“”„‟«»「」『』〝〞", '"'), **dict.fromkeys("‘’‚‛‹›´", "'")})
_SYMBOLS = str.maketrans(
    {
        "°": " degrees ",
        "—": " - ",
        "―": " - ",
        "→": " to ",
        "•": ", ",
        "·": "-",
        "×": "x",
        **dict.fromkeys("©®™℠", ""),
        **dict.fromkeys("\v\f\r\u2028\u2029", "\n"),
    }
)
# Unicode categories that say nothing to an image model: emoji, control and unassigned characters; Cf joins letters.
_NOISE = {"Cf": "", **dict.fromkeys(("Cc", "Cn", "Co", "Cs", "So", "Sk", "Zl", "Zp"), " ")}
_MARKDOWN = (
    (re.compile(r"!?\[([^\[\]\n]*+)\]\([^()\n]*+\)"), r"\1"),  # links and pictures
    (re.compile(r"https?://\S+"), ""),
    (re.compile(r"^(?:[-*_=~] ?){3,}$", re.MULTILINE), ""),  # rules
    (re.compile(r"^\|(?: ?:?-+:? ?\|)+$", re.MULTILINE), ""),  # the line under a table's head
    (re.compile(r"^\| ?(?:\d+ ?\| ?)?([^|\n]*+)\|?$", re.MULTILINE), r"\1"),  # rows of a table, their number aside
    (re.compile(r"^\| ?(?:\d+ ?\| ?)?([^|\n]*[^|\s]) ?\| ?([^\n]*?) ?\|?$", re.MULTILINE), r"\1: \2"),
    (re.compile(r"^(?:#{1,6} |>)[ >]*", re.MULTILINE), ""),  # headings, block quotes
    (re.compile(r"(?<=[^\s.,;:!?])\n(?:[-*+•–]|\d{1,2}[.)]) "), ",\n"),  # the items of a list
    (re.compile(r"(?<=[^\s.,;:!?])\n(?=[A-Z][\w -]{1,20}: )"), ",\n"),  # "Style: flat" on a line of its own
    (re.compile(r"^(?:[-*+•–]|\d{1,2}[.)]) ", re.MULTILINE), ""),
    (re.compile(r"(?<!\w)[*_~]+|[*_~]+(?!\w)|`+"), ""),  # bold, italics, code
    (re.compile(r"\s--(?:ar|aspect|chaos|hd|iw|niji|no|q|quality|s|seed|style|stylize|tile|v)\b[^\n]*"), ""),
)


def clean_prompt(raw: str, *, deck_text: tuple[str, ...], max_chars: int, prohibited: tuple[str, ...]) -> str:
    """Find the image prompt in `raw`: one line of ASCII English, 3 to `max_chars` characters.

    `deck_text` is what stands on the slide: where a line of it comes back it goes, unless it is all there is.
    `prohibited` are words and phrases that may not be in the result. A pure function, and idempotent.

    Raises NotEnglishError where `raw` is written in another language, PromptError where nothing usable is left.
    """
    deck_keys = {key for text in deck_text for key in _keys(text)}
    # What one pass uncovers (quotes inside a label inside quotes) the next one strips.
    raw = _THOUGHT.sub("\n", raw)[: max_chars + _MAX_CHARS_ROUND_IT]
    text, before = _clean_once(raw, deck_keys, max_chars), raw
    while text != before:
        text, before = _clean_once(text, deck_keys, max_chars), text
    _validate(text, prohibited)
    return text


def _clean_once(raw: str, deck_keys: set[str], max_chars: int) -> str:
    text = _unpacked(raw)
    text = _normalized(text)
    text = _unquoted(text)
    text = _without_markdown(text)
    sentences = _labelled_prompt(_sentences(text))
    sentences = _without_deck_text(sentences, deck_keys)
    sentences = _in_latin_script(sentences)
    text = without_foreign_words(" ".join(sentences))
    _require_english(text)
    text = _tidied(anyascii(text))
    return _cut(text, max_chars)


def _unpacked(text: str) -> str:
    """Take the text out of a code fence, tags or a JSON value, whole or cut off."""
    for wrapping, group in ((_FENCED, 1), (_TAGGED, 2)):
        if (match := wrapping.search(text)) and match[group].strip():
            text = match[group]
    text = _TAG.sub("", _BLOCK_TAG.sub("\n", text)).strip()
    text = _json_member(text) or text
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return text


def _json_member(text: str) -> str | None:
    """Find the JSON string that is most likely the prompt: by its key, and among equals the longest."""
    if not text.startswith(("{", "[")):
        return None
    members = [(label_of(key), value) for key, value in _JSON_MEMBER.findall(text) if len(value) >= _MIN_CHARS]
    prompts = [value for label, value in members if label is Label.PROMPT]
    others = [(label is not Label.ASIDE, label is not None, len(value), value) for label, value in members]
    value = prompts[0] if prompts else max(others)[-1] if others else None
    return value and f'"{value}"'


def _normalized(text: str) -> str:
    """Make quotes straight, symbols words, compatibility forms (ﬁ, …, ：) plain; drop emoji, controls and gaps."""
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES).translate(_SYMBOLS))
    text = "".join(_NOISE.get(unicodedata.category(char), char) if char not in "\n^`" else char for char in text)
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def _unquoted(text: str) -> str:
    match = _QUOTED.fullmatch(text.strip())
    return (match[1] or match[2]) if match else text


def _without_markdown(text: str) -> str:
    for mark, replacement in _MARKDOWN:
        text = mark.sub(replacement, text)
    return text


def _sentences(text: str) -> list[str]:
    pieces = re.split(r"\n+|(?<=[.!?])\s+|(?<=。)|\s[/|]\s(?=[A-Z]{2}:)", text)
    return [piece.strip() for piece in pieces if piece.strip()]


def _labelled_prompt(sentences: list[str]) -> list[str]:
    """Keep what stands under a prompt's label, the first in English of several; without one, all but asides."""
    sections: list[tuple[Label | None, list[str]]] = [(None, [])]
    for sentence in sentences:
        label, text = _strip_labels(sentence)
        if label is Label.SETTING or (label is None and is_pleasantry(text)):
            continue
        text = without_request(text)
        if label in (None, Label.ASPECT):
            sections[-1][1].append(text)
        else:
            sections.append((label, [text]))
    prompts = [texts for label, texts in sections if label is Label.PROMPT and any(texts)]
    if prompts:
        return next((texts for texts in prompts if _is_likely_english(" ".join(texts))), prompts[0])
    kept = [text for label, texts in sections if label is not Label.ASIDE for text in texts if text]
    return kept or [text for _, texts in sections for text in texts if text]


def _is_likely_english(text: str) -> bool:
    return not is_foreign_script(text) and is_english(text)


def _strip_labels(sentence: str) -> tuple[Label | None, str]:
    """Take off every label in front ("Slide 3: Image prompt: …"); the most telling one counts."""
    labels: list[Label] = []
    label, text = split_label(sentence)
    while label is not None:
        labels.append(label)
        if label is Label.SETTING:  # its value may look like a label: "Model: DALL-E 3"
            return label, text
        label, text = split_label(text)
    if labels and not any(char.isalpha() for char in text):
        text = ""  # "Slide: 4"
    return min(labels, key=list(Label).index, default=None), text


def _without_deck_text(sentences: list[str], deck_keys: set[str]) -> list[str]:
    kept = [sentence for sentence in sentences if _key(sentence) not in deck_keys]
    return kept if any(is_latin(char) for sentence in kept for char in sentence) else sentences


def _keys(deck_text: str) -> set[str]:
    """Give the keys of a text's sentences as they would come back: with their labels and without."""
    sentences = _sentences(_without_markdown(_normalized(deck_text)))
    return {_key(form) for sentence in sentences for form in (sentence, _strip_labels(sentence)[1])}


def _key(text: str) -> str:
    # Punctuation, case and spacing change on the way through a model.
    return "".join(char for char in text.casefold() if char.isalnum())


def _in_latin_script(sentences: list[str]) -> list[str]:
    kept = [sentence for sentence in sentences if not is_foreign_script(sentence)]
    if any(is_latin(char) for sentence in kept for char in sentence):
        return kept
    if any(char.isalpha() for sentence in sentences for char in sentence):
        raise NotEnglishError(_quoting("the prompt is not in English", " ".join(sentences)))
    raise PromptError(_quoting("the answer holds no prompt", " ".join(sentences)))


def _require_english(text: str) -> None:
    # Before transliteration: accents tell languages apart.
    if not is_english(text):
        raise NotEnglishError(_quoting("the prompt is not in English", text))


def _tidied(text: str) -> str:
    """Make it one line, no gaps where something was taken out, no separator at either end."""
    text = re.sub(r'\(\s*\)|\[\s*\]|\{\s*\}|""', " ", text)
    text = " ".join(text.split())
    text = re.sub(r" ([,;:!?]|\.+(?=\s|$))", r"\1", text)
    text = re.sub(r"[,;](?:\s*[,;])*\s*([,;.!?])", r"\1", text)
    text = re.sub(r"^(?:[\s,;:|/\\>_~=)\]}-]|[.!?](?=\W|$))+", "", text)
    return re.sub(r"[\s,;:|/\\<_~=({\[-]+$", "", text)


def _cut(text: str, max_chars: int) -> str:
    """Keep at most `max_chars` characters, ended at a sentence if that keeps half of them, else at a word."""
    if len(text) <= max_chars:
        return text
    sentences_end = max((match.end() for match in re.finditer(r"[.!?](?= )", text[: max_chars + 1])), default=0)
    words_end = text.rfind(" ", 0, max_chars + 1)
    end = sentences_end if sentences_end > max_chars // 2 else words_end
    return _tidied(text[: end if end > 0 else max_chars])


def _validate(text: str, prohibited: tuple[str, ...]) -> None:
    if len(text) < _MIN_CHARS:
        raise PromptError(_quoting(f"the prompt has fewer than {_MIN_CHARS} characters", text))
    if match := _REPEATED.search(text):
        raise PromptError(_quoting(f"the prompt repeats {match[1]!r} more than ten times in a row", text))
    for theme in prohibited:
        phrase = r"[\W_]+".join(re.findall(r"\w+", anyascii(theme)))
        if phrase and re.search(rf"\b{phrase}s?\b", text, re.IGNORECASE):
            raise PromptError(_quoting(f"the prompt touches the prohibited theme {theme!r}", text))


def _quoting(problem: str, text: str) -> str:
    line = " ".join(text.split())
    return f"{problem}: {line if len(line) <= _QUOTED_CHARS else line[:_QUOTED_CHARS] + ' ...'!r}"
