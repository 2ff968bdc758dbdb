"""Whether what a provider sent is a picture that can be used. Nothing counts before it has passed here."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageStat, UnidentifiedImageError

from pipeline.errors import FailureKind, ServiceError

MIN_SIDE_PX = 64
# Twice what the largest image model makes (3840 x 2160); a small file that claims more is a decompression bomb.
MAX_PIXELS = 2 * 3840 * 2160
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
# Levels of 255. A picture whose every channel varies less is one flat colour with noise.
BLANK_STDDEV = 1.0
# Levels of 255. What is nowhere more opaque cannot be seen on a slide.
FAINT_OPACITY = 16


def checked(data: bytes) -> Image.Image:
    """The picture in `data`, fully decoded: RGB, or RGBA where it is transparent anywhere.

    The type is told by the bytes, whatever the service called it. Raises ServiceError of kind `empty` where `data` is
    no picture, is cut off, is smaller than 64 px or larger than any model makes, or shows nothing.
    """
    picture = _decoded(data)
    if min(picture.size) < MIN_SIDE_PX:
        raise _unusable(f"the picture is only {picture.width} x {picture.height} px")
    picture = _plain(picture)
    if _is_blank(picture):
        raise _unusable("the picture is blank")
    return picture


def _decoded(data: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _unusable(f"the picture claims {image.width} x {image.height} px")
            image.load()
            return image.copy()
    except UnidentifiedImageError as error:
        raise _unusable(f"the answer is no picture (it begins with {data[:16]!r})") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _unusable(f"the picture is damaged ({error})") from error


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip to white instead of scaling
        picture = picture.convert("I").point(lambda level: level * (1 / 257)).convert("L")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        lowest_alpha = picture.getchannel("A").getextrema()[0]
        if lowest_alpha != 255:
            return picture
    return picture.convert("RGB")


def _is_blank(picture: Image.Image) -> bool:
    if picture.mode == "RGBA":
        is_seen = any(picture.getchannel("A").histogram()[FAINT_OPACITY:])
        return not is_seen or _is_flat(picture)
    return _is_flat(picture)


def _is_flat(picture: Image.Image) -> bool:
    # An eighth of the pixels each way tells as much and is read in no time.
    return max(ImageStat.Stat(picture.reduce(8)).stddev) < BLANK_STDDEV


def _unusable(problem: str) -> ServiceError:
    return ServiceError(FailureKind.EMPTY, f"{problem}; nothing usable was delivered")
