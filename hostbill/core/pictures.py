"""Pictures that the house shows of itself: checked when they come in, kept as files, found again by a token."""

import hashlib
import io
import re
from dataclasses import asdict, dataclass
from xml.etree import ElementTree

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from hostbill.core.models import File

OWNER = "brand"
MOST_BYTES = 1_000_000
MOST_PIXELS = 4_000
#: Pillow's name of what we take, and what it is served as.
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
SVG = "image/svg+xml"
#: What may not stand in a drawing: it could run or fetch something when opened by itself.
FORBIDDEN_TAGS = {"script", "foreignObject", "iframe", "object", "embed", "audio", "video", "handler", "set", "animate"}
FORBIDDEN_TEXT = re.compile(r"<!DOCTYPE|<!ENTITY|javascript:|@import|url\(\s*[\"']?(?!#)", re.I)


@dataclass(frozen=True)
class Picture:
    """What an option remembers: the file's token, its type, and its size in pixels (for a place kept free while it loads)."""

    token: str
    mime: str
    width: int
    height: int


def picture_of(stored) -> Picture | None:
    """The picture of an option's value; None where there is none."""
    return Picture(**stored) if isinstance(stored, dict) and stored.get("token") else None


def read_picture(upload) -> tuple[bytes, str, int, int]:
    """(bytes, type, width, height) of an upload. ValidationError says what is wrong with it."""
    if upload.size > MOST_BYTES:
        raise ValidationError(_("This picture is larger than 1 MB."))
    upload.seek(0)
    data = upload.read()
    if b"<svg" in data[:2000].lower():
        return data, SVG, *_read_drawing(data)
    return data, *_read_pixels(data)


def store_picture(upload) -> dict:
    """Keep a checked picture; returns what the option is set to."""
    data, mime, width, height = read_picture(upload)
    row = File(name=str(upload.name)[-120:], mime=mime, size=len(data), sha256=hashlib.sha256(data).hexdigest())
    row.owner_kind = OWNER
    row.content.save("content", ContentFile(data), save=True)
    return asdict(Picture(str(row.token), mime, width, height))


def _read_pixels(data: bytes) -> tuple[str, int, int]:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            kind, (width, height) = picture.format, picture.size
            if kind in TYPES and max(width, height) <= MOST_PIXELS:
                picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise ValidationError(_("This is no picture that browsers show. Use PNG, JPEG, WebP or SVG.")) from None
    if kind not in TYPES:
        raise ValidationError(_("This is no picture that browsers show. Use PNG, JPEG, WebP or SVG."))
    if max(width, height) > MOST_PIXELS:
        raise ValidationError(_("This picture is too large: %(most)d pixels a side at most.") % {"most": MOST_PIXELS})
    return TYPES[kind], width, height


def _read_drawing(data: bytes) -> tuple[int, int]:
    """Width and height of an SVG that only draws."""
    try:
        text = data.decode("utf-8")
        if FORBIDDEN_TEXT.search(text):
            raise ValidationError(_("This drawing holds script or links to other files. Export it as a plain SVG."))
        root = ElementTree.fromstring(text)  # noqa: S314 - no DOCTYPE, so no entities
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise ValidationError(_("This SVG cannot be read.")) from None
    for element in root.iter():
        names = [name.rpartition("}")[2].lower() for name in element.attrib]
        links = [value for name, value in element.attrib.items() if name.endswith("href") and not value.startswith("#")]
        outside = [value for value in links if not value.startswith("data:image/")]
        if _tag(element) in FORBIDDEN_TAGS or any(name.startswith("on") for name in names) or outside:
            raise ValidationError(_("This drawing holds script or links to other files. Export it as a plain SVG."))
    return _size_of(root)


def _tag(element) -> str:
    return str(element.tag).rpartition("}")[2]


def _size_of(root) -> tuple[int, int]:
    """From width and height, else the view box, else a square."""
    box = [part for part in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if part]
    sides = [root.get("width", ""), root.get("height", "")]
    if not all(re.fullmatch(r"\d+(\.\d+)?(px)?", side) for side in sides):
        sides = box[2:4] if len(box) == 4 else ["1", "1"]
    numbers = [re.match(r"\d+(\.\d+)?", side) for side in sides]
    width, height = (max(1, round(float(found[0]))) if found else 1 for found in numbers)
    return min(width, 100_000), min(height, 100_000)
