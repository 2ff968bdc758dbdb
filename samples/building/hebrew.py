"""The right-to-left deck: a Hebrew talk on water, text to the right, free room to the left."""

from __future__ import annotations

from pptx.presentation import Presentation as Deck

from samples.building.art import Art
from samples.building.design import Design
from samples.building.slides import Slides

TITLE_BOX = (0.85, 0.5, 11.6, 0.95)
DESIGN = Design(
    name="כנרת",
    language="he-IL",
    size_in=(13.333, 7.5),
    colours=(
        *("17303B", "FFFFFF", "0F4C5C", "EAF4F4"),
        *("1B7F8C", "E36414", "F2C57C", "5F9EA0", "9A4C68", "7D8F94", "1B7F8C", "9A4C68"),
    ),
    heading_font="Arial",
    body_font="Arial",
    title_pt=32,
    body_pt=24,
    boxes={
        "title": {0: (2.8, 2.1, 9.6, 1.8), 1: (2.8, 4.1, 9.6, 1.0)},
        "text": {0: TITLE_BOX, 1: (6.1, 1.7, 6.35, 4.95)},
        "section": {0: (2.4, 2.4, 10.0, 1.6), 1: (2.4, 4.15, 10.0, 1.0)},
        "other_side": {0: TITLE_BOX, 1: (0.85, 1.7, 6.35, 4.95)},
        "title_only": {0: TITLE_BOX},
        "picture": {0: TITLE_BOX, 1: (0.85, 1.7, 4.9, 4.95), 2: (6.1, 1.7, 6.35, 4.95)},
    },
    names={
        "title": "שקופית כותרת",
        "text": "כותרת וטקסט",
        "section": "כותרת מקטע",
        "other_side": "כותרת וטקסט משמאל",
        "title_only": "כותרת בלבד",
        "picture": "טקסט ותמונה",
    },
    master_art=(Art(rect=(13.113, 0.0, 0.22, 7.5), colour="accent1"),),
    cover_art=(
        Art(rect=(0.0, 6.7, 13.333, 0.8), colour="accent1"),
        Art(rect=(10.7, 3.98, 1.6, 0.06), colour="accent3"),
    ),
    is_rtl=True,
)


def build() -> Deck:
    slides = Slides(DESIGN, "המים בישראל: מהכנרת ועד ההתפלה", "מרכז המבקרים")
    slides.cover("המים בישראל: מהכנרת ועד ההתפלה", "הרצאה לקהל הרחב")
    slides.text(
        "למה מים הם סיפור מיוחד כאן",
        "רוב הגשם יורד בצפון ורוב האוכלוסייה במרכז",
        "הקיץ ארוך ויבש",
        "שנות בצורת חוזרות כל עשור",
        "כל טיפה נספרת פעמיים",
    )
    slides.text(
        "הכנרת",
        "אגם המים המתוקים הגדול בארץ",
        "נחל הירדן מזין אותו מצפון",
        "המפלס עולה ויורד עם החורפים",
        "הקווים האדום והשחור מזהירים אותנו",
        notes="style: watercolour",
    )
    slides.text(
        "המוביל הארצי",
        "נחנך בשנת 1964",
        "תעלות, מנהרות וצינורות לאורך 130 קילומטר",
        "העביר מים מהצפון אל הנגב",
        "שינה את מפת החקלאות",
    )
    slides.picture(
        "השקיה בטפטוף",
        "מים ישירות אל השורש",
        "פחות אידוי ופחות עשבים",
        "הומצאה בקיבוץ בנגב",
        "משמשת היום חקלאים בכל העולם",
    )
    slides.text(
        "טיהור שפכים",
        "כמעט תשעים אחוזים מהשפכים מושבים לחקלאות",
        "חול מסנן את המים לאט ובשקט",
        "המטעים בדרום שותים מים של העיר",
    )
    slides.other_side(
        "התפלה",
        "מי ים נדחפים דרך ממברנה דקה",
        "חמישה מתקנים לאורך החוף",
        "יותר ממחצית מי השתייה מגיעים מהים",
        "\tהאתגר: אנרגיה ומלח",
    )
    slides.text(
        "מה כל אחד יכול לעשות",
        "לתקן ברז מטפטף",
        "לאסוף מי גשם לגינה",
        "לבחור צמחים שאוהבים שמש",
        "ללמד ילדים מאיפה באים המים",
    )
    slides.cover("תודה רבה", "שאלות?")
    return slides.deck
