"""What is sent to an image model is one line of English without metadata, whatever came back."""

from contextlib import suppress
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import NotEnglishError, PromptError
from pipeline.prompting.cleaning import clean_prompt
from pipeline.prompting.labels import split_label

LIGHTHOUSE = "A lighthouse guiding ships at dusk"
RUSSIAN_ANSWER = (
    "Слайд 10: Архитектура нейронной сети\n\nСодержание:\nСовременные нейронные сети…\n\n"
    "DALL-E Prompt:\nNEURAL NETWORK ARCHITECTURE DIAGRAM, isometric 3D view"
)


def clean(raw: str, *deck_text: str, max_chars: int = 1000, prohibited: tuple[str, ...] = ()) -> str:
    return clean_prompt(raw, deck_text=deck_text, max_chars=max_chars, prohibited=prohibited)


def promises(*cases: tuple[str, str, str]):
    return pytest.mark.parametrize(
        ("raw", "cleaned"), [pytest.param(raw, cleaned, id=promise) for promise, raw, cleaned in cases]
    )


@promises(
    ("the prompt in a Russian answer", RUSSIAN_ANSWER, "NEURAL NETWORK ARCHITECTURE DIAGRAM, isometric 3D view"),
    (
        "an ellipsis at its end stays, in ASCII",
        RUSSIAN_ANSWER + "…",
        "NEURAL NETWORK ARCHITECTURE DIAGRAM, isometric 3D view...",
    ),
    ("a bare prompt as it is", LIGHTHOUSE, LIGHTHOUSE),
    ("English", f"DALL-E Prompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("English, the name spelt with a dot", f"DALL·E 3 prompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("English, on a line of its own", f"Image prompt:\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("English, without a colon", f"Image Prompt\n\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("English, with a dash", f"Prompt - {LIGHTHOUSE}", LIGHTHOUSE),
    ("English, in square brackets", f"[Prompt] {LIGHTHOUSE}", LIGHTHOUSE),
    ("English, in bold", f"**Image Prompt:** {LIGHTHOUSE}", LIGHTHOUSE),
    ("English, with a remark in brackets", f"Prompt (English): {LIGHTHOUSE}", LIGHTHOUSE),
    ("English, underlined as a heading", f"Prompt\n------\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("another service's", f"Midjourney: {LIGHTHOUSE}", LIGHTHOUSE),
    ("full-width letters", f"ＰＲＯＭＰＴ：{LIGHTHOUSE}", LIGHTHOUSE),
    ("Russian", f"Промпт: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Russian, with the service", f"Промпт для DALL-E (на английском): {LIGHTHOUSE}", LIGHTHOUSE),
    ("Ukrainian", f"Запит для зображення: {LIGHTHOUSE}", LIGHTHOUSE),
    ("German", f"Folie 2: Der Leuchtturm\nBildprompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("French", f"Diapositive 4 : Le phare\nPrompt de l'image : {LIGHTHOUSE}", LIGHTHOUSE),
    ("Spanish", f"Diapositiva 4: El faro\nPrompt para la imagen: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Chinese", f"幻灯片3：灯塔\n图像提示词：{LIGHTHOUSE}", LIGHTHOUSE),
    ("Chinese, in its own brackets", f"【提示词】{LIGHTHOUSE}", LIGHTHOUSE),
    ("Japanese", f"スライド5：灯台\nプロンプト：{LIGHTHOUSE}", LIGHTHOUSE),
    ("Korean", f"슬라이드 2: 등대\n프롬프트: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Hebrew", f"שקופית 4: מגדלור\nפרומפט: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Arabic", f"الشريحة 3: منارة\nالمطالبة: {LIGHTHOUSE}", LIGHTHOUSE),
    ("in the middle of a line", f"Title: The lighthouse. Prompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("behind other labels", f"Title: Slide 4: Image prompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("up to the next label", f"Prompt: {LIGHTHOUSE}\nAlt text: Ein Leuchtturm", LIGHTHOUSE),
    ("up to the next slide", f"Prompt:\n{LIGHTHOUSE}\n\nСлайд 11: Корабли", LIGHTHOUSE),
    ("the first of two", f"Prompt 1: {LIGHTHOUSE}\nPrompt 2: A ship", LIGHTHOUSE),
    ("the English one of two", f"Промпт: маяк на закате\nPrompt (English): {LIGHTHOUSE}", LIGHTHOUSE),
    ("without its negative prompt", f"Prompt: {LIGHTHOUSE}\nNegative prompt: people, text", LIGHTHOUSE),
    ("after the reason for it", f"Reason: it fits the slide.\nPrompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("before the reason for it", f"{LIGHTHOUSE}\n\nReason: it fits the slide.", LIGHTHOUSE),
    ("Turkish", f"Slayt 3: Ağlar\nİçerik: bir ağ\nGörsel istemi: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Danish", f"Dias 3: Netværk\nBilledprompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Dutch", f"Dia 3: Netwerken\nAfbeeldingsprompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Vietnamese", f"Trang 3: Mạng\nGợi ý: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Vietnamese, in other words", f"Trang chiếu 3: Mạng\nLời nhắc: {LIGHTHOUSE}", LIGHTHOUSE),
    ("any word with prompt at its end", f"Bild 3\nFotoprompts: {LIGHTHOUSE}", LIGHTHOUSE),
    ("a language's code", f"EN: {LIGHTHOUSE}", LIGHTHOUSE),
    ("the codes of two languages", f"EN: {LIGHTHOUSE}\nDE: Ein Leuchtturm im dichten Nebel am Meer", LIGHTHOUSE),
    ("two codes on one line", f"DE: Ein Leuchtturm im dichten Nebel am Meer / EN: {LIGHTHOUSE}", LIGHTHOUSE),
    ("for a model", f"Prompt for the model: {LIGHTHOUSE}", LIGHTHOUSE),
    ("in a row of a table", f"| Prompt | {LIGHTHOUSE} |", LIGHTHOUSE),
    ("in a table", f"| Title | The sea |\n|---|---|\n| Prompt | {LIGHTHOUSE} |\n| Notes | None |", LIGHTHOUSE),
    ("at a table's head", f"| Slide | Prompt |\n|:--|:--|\n| 3 | {LIGHTHOUSE} |", LIGHTHOUSE),
)
def test_finds_the_prompt_under_its_label(raw, cleaned):
    assert clean(raw) == cleaned


@promises(
    ("English slide and dash", f"Slide 3 - {LIGHTHOUSE}", LIGHTHOUSE),
    ("English slide and full stop", f"Slide 3. {LIGHTHOUSE}", LIGHTHOUSE),
    ("English slide of so many", f"Slide 3/12: {LIGHTHOUSE}", LIGHTHOUSE),
    ("English slide as a heading", f"## Slide 3\n\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("English title", f"Title: {LIGHTHOUSE}", LIGHTHOUSE),
    ("English content", f"Content:\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("English description", f"Image description: {LIGHTHOUSE}", LIGHTHOUSE),
    ("an alt text where nothing else came", f"Alt text: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Russian slide", f"Слайд 10: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Russian content", f"Содержание:\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("Russian description", f"Описание изображения: {LIGHTHOUSE}", LIGHTHOUSE),
    ("German slide", f"Folie 2: {LIGHTHOUSE}", LIGHTHOUSE),
    ("German description", f"Bildbeschreibung: {LIGHTHOUSE}", LIGHTHOUSE),
    ("French slide", f"Diapositive 4 : {LIGHTHOUSE}", LIGHTHOUSE),
    ("Spanish title, with its accent", f"Título: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Polish slide", f"Slajd 7: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Turkish content", f"İçerik: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Chinese slide", f"幻灯片3：{LIGHTHOUSE}", LIGHTHOUSE),
    ("Hebrew slide", f"שקופית 4: {LIGHTHOUSE}", LIGHTHOUSE),
    ("the labels of parts, keeping the parts", f"{LIGHTHOUSE}\nStyle: flat", f"{LIGHTHOUSE}, flat"),
    ("an introduction", f"Here is the prompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("an introduction that tells of the slide", f"Here's a prompt for slide 3 about coasts: {LIGHTHOUSE}", LIGHTHOUSE),
    ("an introduction by the writer", f"I've written this prompt: {LIGHTHOUSE}", LIGHTHOUSE),
    ("eagerness and an offer", f"Sure! Here's the prompt:\n\n{LIGHTHOUSE}\n\nLet me know if it fits!", LIGHTHOUSE),
    ("a Russian introduction", f"Конечно! Вот промпт для слайда: {LIGHTHOUSE}", LIGHTHOUSE),
    ("a German introduction", f"Gerne! Hier ist der Prompt für Folie 3:\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("a French introduction", f"Voici le prompt :\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("Hungarian description", f"Kép leírása: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Hungarian description in a word", f"Képleírás: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Serbian description", f"Opis slike: {LIGHTHOUSE}", LIGHTHOUSE),
    ("Swedish caption", f"Bildtext: {LIGHTHOUSE}", LIGHTHOUSE),
    ("a comment on the prompt", f"{LIGHTHOUSE}.\n\nThis prompt captures the nature of the coast.", f"{LIGHTHOUSE}."),
    ("a comment on the picture", f"{LIGHTHOUSE}.\n\nThis image would help the audience.", f"{LIGHTHOUSE}."),
    ("a request", "Please generate an image of a lighthouse at dusk", "a lighthouse at dusk"),
    ("a request with a colon", "Create an image: a lighthouse at dusk", "a lighthouse at dusk"),
    (
        "a request, keeping its style",
        "Create a flat illustration of a lighthouse",
        "a flat illustration of a lighthouse",
    ),
    ("settings in front", f"Size: 1024x1024\nQuality: hd\n\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("settings after it", f"{LIGHTHOUSE}.\nAspect ratio: 16:9\nModel: DALL-E 3", f"{LIGHTHOUSE}."),
    ("counts after it", f"{LIGHTHOUSE}.\n\nSlide: 4\nWord count: 12\nImage size: large", f"{LIGHTHOUSE}."),
    ("settings, keeping what stands between", f"{LIGHTHOUSE}\nSize: big\nStyle: flat", f"{LIGHTHOUSE}, flat"),
)
def test_strips_labels_and_introductions(raw, cleaned):
    assert clean(raw) == cleaned


@promises(
    ("straight quotes", f'"{LIGHTHOUSE}"', LIGHTHOUSE),
    ("curly quotes", f"“{LIGHTHOUSE}”", LIGHTHOUSE),
    ("German quotes", f"„{LIGHTHOUSE}“", LIGHTHOUSE),
    ("French quotes", f"«{LIGHTHOUSE}»", LIGHTHOUSE),
    ("single quotes round an apostrophe", "'A bird's nest'", "A bird's nest"),
    ("quotes after a label", f'Prompt: "{LIGHTHOUSE}."', f"{LIGHTHOUSE}."),
    ("a code fence", f"```\n{LIGHTHOUSE}\n```", LIGHTHOUSE),
    ("a code fence with words round it", f"Here you go:\n```text\n{LIGHTHOUSE}\n```\nEnjoy the picture!", LIGHTHOUSE),
    ("a code fence that is not closed", f"```\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("inline code", f"`{LIGHTHOUSE}`", LIGHTHOUSE),
    ("a JSON string", '"A lighthouse\\nat \\"dusk\\""', 'A lighthouse at "dusk"'),
    ("a JSON object", f'{{"slide": 3, "prompt": "{LIGHTHOUSE}"}}', LIGHTHOUSE),
    ("a JSON object in a fence", f'```json\n{{"image_prompt": "{LIGHTHOUSE}"}}\n```', LIGHTHOUSE),
    ("a nested JSON object", f'{{"answer": {{"prompt": "{LIGHTHOUSE}"}}}}', LIGHTHOUSE),
    ("a JSON object with a stray comma", f'{{"prompt": "{LIGHTHOUSE}",}}', LIGHTHOUSE),
    ("a JSON object with a negative prompt first", f'{{"negative_prompt": "x", "prompt": "{LIGHTHOUSE}"}}', LIGHTHOUSE),
    ("a JSON object with another key", f'{{"description": "{LIGHTHOUSE}"}}', LIGHTHOUSE),
    ("a JSON object with keys of no meaning", f'{{"a": "dusk", "b": "{LIGHTHOUSE}", "c": 3}}', LIGHTHOUSE),
    ("a JSON object with an alt text", f'{{"alt": "{LIGHTHOUSE} or so", "image": "{LIGHTHOUSE}"}}', LIGHTHOUSE),
    ("a JSON object with languages", f'{{"de": "Ein Leuchtturm im Nebel", "en": "{LIGHTHOUSE}"}}', LIGHTHOUSE),
    ("a tag", f"<prompt>{LIGHTHOUSE}</prompt>", LIGHTHOUSE),
    ("a tag after its negative", f"<negative_prompt>text</negative_prompt><prompt>{LIGHTHOUSE}</prompt>", LIGHTHOUSE),
    ("an answer's tag", f"<answer>{LIGHTHOUSE}</answer>", LIGHTHOUSE),
    ("HTML", '<p class="a">A <b>glowing</b> lighthouse<br/>at dusk</p>', "A glowing lighthouse at dusk"),
    ("a thought", f"<thinking>A tower? No.</thinking>\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("a thought with a tag in it", f"<think>A <b>tower</b>? No.</think> {LIGHTHOUSE}", LIGHTHOUSE),
    ("a thought without its beginning", f"A tower? No.</think>\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("a thought at the end", f"{LIGHTHOUSE}\n<think>Good.</think>", LIGHTHOUSE),
    ("a very long thought", f"<think>{'A tower? ' * 5000}</think>{LIGHTHOUSE}", LIGHTHOUSE),
    ("bold and italics", "A **glowing** lighthouse in *soft* light", "A glowing lighthouse in soft light"),
    ("a heading", f"# {LIGHTHOUSE}", LIGHTHOUSE),
    ("a block quote", f"> {LIGHTHOUSE}", LIGHTHOUSE),
    ("bullets", "- a lighthouse\n- calm sea\n- soft light", "a lighthouse, calm sea, soft light"),
    ("a numbered list", "1. a lighthouse\n2. calm sea", "a lighthouse, calm sea"),
    ("a link", "A [lighthouse](https://example.org/a) at dusk", "A lighthouse at dusk"),
    ("a bare address", f"{LIGHTHOUSE} https://example.org/a", LIGHTHOUSE),
    ("Midjourney's parameters", f"{LIGHTHOUSE} --ar 16:9 --v 6", LIGHTHOUSE),
    ("separators at its ends", f"— {LIGHTHOUSE} | ", LIGHTHOUSE),
    ("line breaks and gaps", "A lighthouse\r\n  at\t\tdusk", "A lighthouse at dusk"),
)
def test_unwraps(raw, cleaned):
    assert clean(raw) == cleaned


@promises(
    ("an accent", "A café terrace at dusk", "A cafe terrace at dusk"),
    ("a temperature", "A greenhouse at 20 °C with warm light", "A greenhouse at 20 degrees C with warm light"),
    ("an angle", "A bridge seen at 45° from above", "A bridge seen at 45 degrees from above"),
    ("dashes", "Warm light — a bridge—and 10–20 birds", "Warm light - a bridge - and 10-20 birds"),
    ("curly quotes", "A bird’s nest and the “golden” hour", "A bird's nest and the \"golden\" hour"),
    ("an ellipsis", "A road… into the fog", "A road... into the fog"),
    ("umlauts and a sharp s", "A street in Köln, Königsstraße at dusk", "A street in Koln, Konigsstrasse at dusk"),
    ("a diaeresis", "A naïve Bayes classifier", "A naive Bayes classifier"),
    ("units", "Particles of 10 μm on a 3 × 3 grid", "Particles of 10 um on a 3 x 3 grid"),
    ("Greek letters, by name", "The α and β phases of steel", "The alpha and beta phases of steel"),
    ("mathematical letters", "𝐀 𝐥𝐢𝐠𝐡𝐭𝐡𝐨𝐮𝐬𝐞 by the sea", "A lighthouse by the sea"),
    ("a no-break and a zero-width space", "A light\u200bhouse at\u00a0dusk", "A lighthouse at dusk"),
    ("an arrow", "A seed → a tree", "A seed to a tree"),
    ("all of them at once", "A café, 20 °C — “warm”…", 'A cafe, 20 degrees C - "warm"...'),
    ("what only looks like a label", "A command prompt: green on black", "A command prompt: green on black"),
    ("a ratio", "A 16:9 view of a bridge", "A 16:9 view of a bridge"),
    ("a colon in the description", "Two houses: one of glass, one of stone", "Two houses: one of glass, one of stone"),
    ("names with dots and signs", "A .NET book and a C++ book on a desk", "A .NET book and a C++ book on a desk"),
    ("two quotations", '"Calm" and "storm" as two seas', '"Calm" and "storm" as two seas'),
    ("signs of order", "Mountains > valleys, 5 < 6 birds over a sea", "Mountains > valleys, 5 < 6 birds over a sea"),
    ("a model of wood", "A scale model: wooden houses on a desk", "A scale model: wooden houses on a desk"),
    ("a design studio", "Design studio with wide windows", "Design studio with wide windows"),
    ("this image, shown", "This image shows a lighthouse at dusk", "This image shows a lighthouse at dusk"),
    ("a hyphen and a number in front", "3D-printed gears on a desk", "3D-printed gears on a desk"),
)  # fmt: skip
def test_keeps_a_good_sentence_in_ascii(raw, cleaned):
    assert clean(raw) == cleaned


@promises(
    ("lines of it", f"Маяк на закате\n{LIGHTHOUSE}", LIGHTHOUSE),
    ("sentences of it", f"Маяк на закате. {LIGHTHOUSE}.", f"{LIGHTHOUSE}."),
    ("Chinese sentences, which have no spaces", f"{LIGHTHOUSE}。灯台の絵。", f"{LIGHTHOUSE}."),
    ("a phrase of it", "A lighthouse, маяк на закате, in soft light", "A lighthouse, in soft light"),
    ("a remark of it in brackets", "A neural network (нейронная сеть) of glass", "A neural network of glass"),
    ("a Japanese word", "A street in Tokyo 東京 at night", "A street in Tokyo at night"),
    ("but spells out a lone Russian name", "A bridge in Москва at night", "A bridge in Moskva at night"),
    ("but reads a Russian letter by its looks", "Сloud servers above the sea", "Cloud servers above the sea"),
    ("emoji", "🚀 A rocket leaving a desk 🧑‍🚀", "A rocket leaving a desk"),
)
def test_drops_other_scripts(raw, cleaned):
    assert clean(raw) == cleaned


@pytest.mark.parametrize(
    ("raw", "deck_text", "cleaned"),
    [
        pytest.param(f"Neural networks\n{LIGHTHOUSE}", ("Neural networks",), LIGHTHOUSE, id="a title that came back"),
        pytest.param(f"**NEURAL networks!**\n{LIGHTHOUSE}", ("Neural Networks",), LIGHTHOUSE, id="however it is set"),
        pytest.param(f"Title: Ebbe und Flut\n{LIGHTHOUSE}", ("Ebbe und Flut",), LIGHTHOUSE, id="behind a label"),
        pytest.param(f"Nets learn. They adapt.\n{LIGHTHOUSE}", ("Nets learn. They adapt.",), LIGHTHOUSE, id="a text"),
        pytest.param(LIGHTHOUSE, (LIGHTHOUSE,), LIGHTHOUSE, id="but not where nothing else came"),
    ],
)
def test_drops_the_deck_s_own_text(raw, deck_text, cleaned):
    assert clean(raw, *deck_text) == cleaned


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("Маяк на закате", id="Russian"),
        pytest.param("灯台と船", id="Japanese"),
        pytest.param("Prompt: нейронная сеть, 3D", id="Russian under an English label"),
        pytest.param("Ein Leuchtturm führt Schiffe durch den Nebel", id="German"),
        pytest.param("Prompt: Ein Leuchtturm führt Schiffe durch den Nebel", id="German under an English label"),
        pytest.param("UN PHARE GUIDE LES NAVIRES DANS LA BRUME", id="French in capitals"),
        pytest.param("A calm sea. Ein Leuchtturm im dichten Nebel am Meer.", id="half of it German"),
        pytest.param("Arkhitektura neyronnoy seti, izometricheskiy vid", id="Russian in Latin letters"),
    ],
)
def test_says_that_a_prompt_is_not_english(raw):
    with pytest.raises(NotEnglishError, match="not in English"):
        clean(raw)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        pytest.param("", "no prompt", id="nothing"),
        pytest.param(" \n\t ", "no prompt", id="blanks"),
        pytest.param("Prompt:", "no prompt", id="a label alone"),
        pytest.param("16:9", "no prompt", id="no letter"),
        pytest.param("Model: DALL-E 3", "no prompt", id="a setting alone"),
        pytest.param("<think>A tower?</think>", "no prompt", id="a thought alone"),
        pytest.param("🚀🚀🚀", "no prompt", id="emoji alone"),
        pytest.param("ox", "fewer than 3", id="two letters"),
        pytest.param("aaaaaaaaaaaa", "ten times", id="one letter twelve times"),
        pytest.param(LIGHTHOUSE + "!" * 11, "ten times", id="eleven exclamation marks"),
        pytest.param("A field of GORE at dusk", "'gore'", id="a prohibited word in capitals"),
        pytest.param("A flag with hate-symbols on it", "'hate symbol'", id="a prohibited phrase, hyphened, plural"),
        pytest.param("A fiеld of gоre at dusk", "'gore'", id="a prohibited word in look-alike letters"),
    ],
)
def test_refuses_what_cannot_be_sent_and_says_why(raw, why):
    with pytest.raises(PromptError, match=why) as caught:
        clean(raw, prohibited=("gore", "hate symbol"))
    assert not isinstance(caught.value, NotEnglishError)
    assert "\n" not in str(caught.value)


def test_a_prohibited_word_inside_another_is_no_offence():
    assert clean("A gorgeous lighthouse", prohibited=("gorge", "gore"))


def test_ten_equal_characters_are_allowed():
    assert clean(LIGHTHOUSE + "!" * 10) == LIGHTHOUSE + "!" * 10


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        pytest.param("A calm sea at dusk. A lighthouse on a rock.", "A calm sea at dusk.", id="after a sentence"),
        pytest.param("A lighthouse on a rock, storm clouds above", "A lighthouse on a rock, storm", id="after a word"),
        pytest.param("Sea. A lighthouse on the highest rock of all", "Sea. A lighthouse on the", id="not too early"),
    ],
)
def test_cuts_a_long_prompt(raw, cleaned):
    assert clean(raw, max_chars=29) == cleaned


@pytest.mark.parametrize(
    "nonsense",
    [
        *('"', "(", "[", "![", "\n", " ", ", ", "- ", ": ", "`", "Prompt: ", "\\", "|", "| a ", "EN: / ", '{"a":"'),
        *("<prompt>", "<think>", "</think>", "<a", "<p ", "Sure! ", '{"', "a: ", "'a", "Model: ", "a=<b "),
    ],
)
def test_never_takes_long_over_nonsense(nonsense):
    started = perf_counter()
    with suppress(PromptError):
        clean(nonsense * 20_000, max_chars=3900)
    assert perf_counter() - started < 2  # a tenth of that on an idle machine


def test_reads_no_further_than_a_prompt_can_be():
    assert (
        clean("A quiet bridge at dusk. " * 10_000 + f"Prompt: {LIGHTHOUSE}", max_chars=29) == "A quiet bridge at dusk."
    )


PIECES = st.sampled_from(
    (
        *(LIGHTHOUSE, "a calm sea", "café", "20 °C", "½", "×", "маяк", "нейронная сеть", "東京", "🚀", "aaaa", " "),
        *("<think>", "</think>", "<b>", "Model: ", "EN: ", " / ", "Create an image of ", "This prompt suits. "),
        *("Prompt:", "Слайд 3:", "Slide 3 -", "Title:", "Style:", "Alt text:", "Sure!", "Let me know if"),
        *("\n", "\n\n", "- ", "1. ", "**", "```", "```json\n", "#", "*", "_", "~", "--ar 16:9", "https://a.b"),
        *('{"prompt": "', '"', "“", "”", "'", "{", "}", "[", "]", "(", ")", "<", ">", "|", "\\", "\\n"),
        *(". ", ", ", ": ", "…", "—", "!", "?", ";", "."),
    )
)
ANSWERS = st.one_of(
    st.lists(PIECES, max_size=14).map("".join),
    st.lists(PIECES | st.text(max_size=5), max_size=10).map(lambda pieces: LIGHTHOUSE + "".join(pieces)),
)


@settings(max_examples=200, deadline=None)
@given(raw=ANSWERS, max_chars=st.integers(20, 200))
def test_whatever_came_the_result_is_one_short_line_of_ascii_that_cleaning_leaves_alone(raw, max_chars):
    try:
        cleaned = clean(raw, "a calm sea", "маяк", max_chars=max_chars)
    except PromptError:
        return
    assert cleaned.isascii()
    assert cleaned.isprintable()
    assert cleaned == cleaned.strip()
    assert 3 <= len(cleaned) <= max_chars
    assert split_label(cleaned)[0] is None
    assert clean(cleaned, "a calm sea", "маяк", max_chars=max_chars) == cleaned
