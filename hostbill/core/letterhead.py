"""The picture at the head of every mail, carried inside it: the house's logo, else its icon, else the drawn sign.

A logo stands on a white plate that is part of the picture: most logos are dark ink on nothing, and would vanish on the
dark ground that many readers use. Mail programs show no SVG, so a drawing gives way to the next in line.
"""

import io
from dataclasses import dataclass
from functools import lru_cache

import structlog
from PIL import Image, ImageDraw, UnidentifiedImageError

from hostbill.core import brand, options
from hostbill.core.models import File
from hostbill.core.pictures import SVG, picture_of

log = structlog.get_logger(__name__)
SIGN = 28
LOGO_WIDTH, LOGO_HEIGHT, PLATE = 200, 36, 8
#: Pictures are twice as fine as they are shown.
FINE = 2


@dataclass(frozen=True)
class Head:
    """PNG bytes and the size shown, in CSS pixels. A logo says the name itself; a sign has the name beside it."""

    png: bytes
    width: int
    height: int
    is_logo: bool = False


def head() -> Head:
    """What the options say now."""
    for key, draw in (("brand.logo", _logo), ("brand.icon", _icon)):
        picture = picture_of(options.find(key).value)
        if picture and picture.mime != SVG:
            try:
                return draw(picture.token)
            except (File.DoesNotExist, OSError, UnidentifiedImageError) as error:
                log.warning("brand_picture_unreadable", option=key, error=str(error))
    return Head(brand.mark_png(options.find("brand.colour").value), SIGN, SIGN)


def _open(token: str) -> Image.Image:
    with File.objects.get(token=token).content.open() as stored:
        return Image.open(io.BytesIO(stored.read())).convert("RGBA")


@lru_cache(maxsize=4)
def _logo(token: str) -> Head:
    """On its plate, no wider and no higher than the head has room for."""
    picture = _open(token)
    share = min(LOGO_WIDTH / picture.width, LOGO_HEIGHT / picture.height)
    width, height = max(round(picture.width * share), 1), max(round(picture.height * share), 1)
    picture = picture.resize((width * FINE, height * FINE), Image.Resampling.LANCZOS)
    plate = Image.new("RGBA", ((width + 2 * PLATE) * FINE, (height + 2 * PLATE) * FINE), (0, 0, 0, 0))
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), PLATE * FINE, fill="white")
    plate.alpha_composite(picture, (PLATE * FINE, PLATE * FINE))
    return Head(_png(plate), width + 2 * PLATE, height + 2 * PLATE, is_logo=True)


@lru_cache(maxsize=4)
def _icon(token: str) -> Head:
    return Head(_png(_open(token).resize((SIGN * FINE, SIGN * FINE), Image.Resampling.LANCZOS)), SIGN, SIGN)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
