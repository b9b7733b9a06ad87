"""The sign at the head of printed documents: the house's logo, else the drawn sign with the name beside it.

Handed to the typesetter as a drawing; a logo of pixels is carried inside one.
"""

import base64
import io
from functools import lru_cache

import structlog
from PIL import Image, UnidentifiedImageError

from hostbill.core import options
from hostbill.core.brand import mark_svg
from hostbill.core.models import File
from hostbill.core.pictures import SVG, picture_of

log = structlog.get_logger(__name__)
#: Pixels of the longer side: a logo of seven centimetres in 250 points per inch.
FINE = 700


def document_sign() -> dict:
    """``mark`` (SVG) and ``is_logo``: a logo says the name itself."""
    picture = picture_of(options.find("brand.logo").value)
    if picture:
        try:
            return {"mark": _drawing(picture.token, picture.mime == SVG), "is_logo": True}
        except (File.DoesNotExist, OSError, UnidentifiedImageError) as error:
            log.warning("brand_picture_unreadable", option="brand.logo", error=str(error))
    return {"mark": mark_svg(options.find("brand.colour").value), "is_logo": False}


@lru_cache(maxsize=4)
def _drawing(token: str, is_svg: bool) -> str:
    with File.objects.get(token=token).content.open() as stored:
        content = stored.read()
    if is_svg:
        return content.decode()
    picture = Image.open(io.BytesIO(content)).convert("RGBA")
    picture.thumbnail((FINE, FINE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    data = base64.b64encode(out.getvalue()).decode()
    width, height = picture.size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/></svg>'
    )
