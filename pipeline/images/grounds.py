"""What surrounds an isolated subject: the slide's own colour to the very level, or nothing without a fringe."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageStat

from pipeline.images.palette import parse

# Levels of 255. A border whose pixels nearly all lie so near to its median colour is a plain ground.
_PLAIN_LEVELS = 14
_PLAIN_SHARE = 0.9
# So far off the wanted colour it is another one, and meant.
_MISSED_LEVELS = 56
# Up to here a pixel is ground and gets the wanted colour, from there on ever less of the change.
_GROUND_LEVELS, _SUBJECT_LEVELS = 8, 40
_BORDER_SHARE = 0.02

_BLOCK_PX = 8


def matched(picture: Image.Image, colour: str) -> Image.Image:
    """An opaque picture on a plain ground near to `colour`, "RRGGBB", on exactly that; any other as it is.

    A model asked for a colour comes close to it, and a rectangle that is a few levels off shows on the slide. The whole
    picture shares the change, so far as it is like the ground: shades and soft shadows on it stay smooth.
    """
    if picture.mode != "RGB":
        return picture
    wanted = parse(colour)
    border = _border(picture)
    ground = tuple(ImageStat.Stat(border).median)
    is_plain = _most_within(_distance(border, ground), _PLAIN_LEVELS)
    if not is_plain or max(abs(one - other) for one, other in zip(ground, wanted, strict=True)) > _MISSED_LEVELS:
        return picture
    moved = [
        channel.point([min(max(level + want - have, 0), 255) for level in range(256)])
        for channel, want, have in zip(picture.split(), wanted, ground, strict=True)
    ]
    reach = _SUBJECT_LEVELS - _GROUND_LEVELS
    shares = [round(255 * min(max((_SUBJECT_LEVELS - level) / reach, 0), 1)) for level in range(256)]
    return Image.composite(Image.merge("RGB", moved), picture, _distance(picture, ground).point(shares))


def without_fringe(picture: Image.Image) -> Image.Image:
    """A transparent picture whose invisible pixels have the colours of their neighbours.

    Programs that scale colour and opacity apart, LibreOffice's PDFs among them, else mix in whatever stands there,
    which is black as a rule, and draw a dark line round the subject.
    """
    width, height = picture.size
    blocks = (max(1, width // _BLOCK_PX), max(1, height // _BLOCK_PX))
    # Pillow weighs colours by their opacity when it resizes: what is invisible adds nothing.
    spread = picture.resize(blocks, Image.Resampling.BOX).resize(picture.size, Image.Resampling.BILINEAR)
    opacity = picture.getchannel("A")
    filled = spread.convert("RGB")
    filled.paste(picture.convert("RGB"), mask=opacity.point(lambda level: 255 if level else 0))
    filled.putalpha(opacity)
    return filled


def _border(picture: Image.Image) -> Image.Image:
    """The pixels along the four edges, side by side in one strip."""
    width, height = picture.size
    deep = max(1, round(_BORDER_SHARE * min(width, height)))
    strip = Image.new("RGB", (2 * (width + height), deep))
    strip.paste(picture.crop((0, 0, width, deep)), (0, 0))
    strip.paste(picture.crop((0, height - deep, width, height)), (width, 0))
    for place, left in ((2 * width, 0), (2 * width + height, width - deep)):
        edge = picture.crop((left, 0, left + deep, height))
        strip.paste(edge.transpose(Image.Transpose.ROTATE_90), (place, 0))
    return strip


def _distance(picture: Image.Image, colour: tuple[int, ...]) -> Image.Image:
    """How far each pixel is from a colour, by the channel that differs most."""
    red, green, blue = ImageChops.difference(picture, Image.new("RGB", picture.size, colour)).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _most_within(distance: Image.Image, levels: int) -> bool:
    counts = distance.histogram()
    return sum(counts[: levels + 1]) >= _PLAIN_SHARE * sum(counts)
