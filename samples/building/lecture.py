"""The 4:3 deck: an English biology lecture whose layout waits for pictures nobody has put in yet."""

from __future__ import annotations

from pptx.presentation import Presentation as Deck

from samples.building.art import Art
from samples.building.design import Design
from samples.building.slides import Slides

TITLE_BOX = (0.6, 0.5, 8.8, 1.0)
DESIGN = Design(
    name="Herbarium",
    language="en-GB",
    size_in=(10.0, 7.5),
    colours=(
        *("22301F", "FCFBF5", "2F4A2B", "E9EFDC"),
        *("5B8C3A", "C98B2B", "E6D690", "7A9E9F", "A65A49", "8C8C6E", "4C7A8C", "7A6A8C"),
    ),
    heading_font="Georgia",
    body_font="Calibri",
    title_pt=28,
    body_pt=22,
    boxes={
        "title": {0: (0.6, 2.0, 8.2, 1.8), 1: (0.6, 4.0, 8.2, 1.1)},
        "text": {0: TITLE_BOX, 1: (0.6, 1.75, 4.6, 4.85)},
        "section": {0: (0.6, 2.4, 8.2, 1.5), 1: (0.6, 4.1, 8.2, 1.0)},
        "other_side": {0: TITLE_BOX, 1: (4.8, 1.75, 4.6, 4.85)},
        "title_only": {0: TITLE_BOX},
        "picture": {0: TITLE_BOX, 1: (5.5, 1.75, 3.9, 4.85), 2: (0.6, 1.75, 4.6, 4.85)},
    },
    names={
        "title": "Title Slide",
        "text": "Text Left",
        "section": "Section Header",
        "other_side": "Text Right",
        "title_only": "Title Only",
        "picture": "Text and Picture",
    },
    master_art=(
        Art(rect=(0.0, 7.32, 10.0, 0.18), colour="accent1"),
        Art(rect=(0.7, 1.52, 1.2, 0.05), colour="accent2"),
    ),
    cover_art=(Art(rect=(0.0, 6.9, 10.0, 0.6), colour="accent1"), Art(rect=(0.7, 3.88, 1.4, 0.06), colour="accent2")),
)


def build() -> Deck:
    slides = Slides(DESIGN, "Photosynthesis: how light becomes sugar", "School of Biology")
    slides.cover("Photosynthesis: how light becomes sugar", "Plant Biology, lecture 4")
    _leaf(slides)
    _reactions(slides)
    _field(slides)
    slides.cover("Thank you", "Office hours: Tuesday, 14:00, glasshouse 2")
    return slides.deck


def _leaf(slides: Slides) -> None:
    slides.text(
        "What you will know by noon",
        "Where in the leaf light is caught",
        "How water is split and oxygen set free",
        "How carbon dioxide becomes sugar",
        "Why some plants do it differently",
        notes="Register first. The glasshouse visit is on Thursday.",
    )
    slides.picture(
        "Why it matters",
        "Nearly all food begins in a leaf",
        "Half of the oxygen comes from plankton",
        "Coal and oil are sunlight of long ago",
        "One hectare of forest stores tonnes of carbon a year",
    )
    slides.picture(
        "Anatomy of a leaf",
        "The waxy cuticle keeps water in",
        "Palisade cells stand upright and catch light",
        "Spongy tissue lets gases move",
        "Stomata open and close below",
    )
    slides.picture(
        "The chloroplast",
        "A double membrane, like its bacterial ancestor",
        "Thylakoids are stacked into grana",
        "The stroma around them holds enzymes",
        notes="style: watercolour",
    )


def _reactions(slides: Slides) -> None:
    slides.text(
        "Pigments and colour",
        "Chlorophyll absorbs red and blue",
        "Green is what is left over",
        "Carotenoids protect against too much light",
        "In autumn the green goes first",
    )
    slides.text(
        "The light reactions",
        "Photosystem II takes electrons from water",
        "Protons gather inside the thylakoid",
        "ATP synthase turns like a mill wheel",
        "Photosystem I loads NADPH",
    )
    slides.picture(
        "The Calvin cycle",
        "RuBisCO fixes carbon dioxide",
        "ATP and NADPH pay for the reduction",
        "One sugar leaves for every three turns",
    )
    slides.text(
        "The whole equation",
        "6 CO₂ + 6 H₂O → C₆H₁₂O₆ + 6 O₂",
        "Water is the source of the oxygen",
        "The numbers balance; the path is long",
        notes="illustrate: no",
    )
    slides.table(
        "Three ways to fix carbon",
        (
            ("", "C3", "C4", "CAM"),
            ("Example", "wheat", "maize", "pineapple"),
            ("Climate", "cool, moist", "hot, sunny", "dry"),
            ("Stomata open", "by day", "by day", "at night"),
            ("Water per gram", "500 g", "250 g", "60 g"),
        ),
        (0.6, 1.9, 8.8, 2.8),
    )


def _field(slides: Slides) -> None:
    slides.other_side(
        "What limits the rate",
        "Light: more helps, up to a point",
        "Carbon dioxide: growers enrich the air",
        "Temperature: enzymes have an optimum near 25 °C",
        "Water: closed stomata stop everything",
    )
    slides.text(
        "Field exercise",
        "Choose a plant in sun and one in shade",
        "Count stomata on a nail-varnish print",
        "Sketch both leaves to scale",
        "Bring a pencil, not a phone",
    )
    hidden = slides.text("Spare: quantum yield", "Eight photons for each oxygen molecule", "Measured under weak light")
    slides.hide(hidden)
    slides.text(
        "To remember",
        "Light is caught in the thylakoid, sugar is made in the stroma",
        "Oxygen comes from water",
        "The rate follows whatever is scarcest",
    )
