"""The house's colours and sign for the browser, and the reader's choice of light, dark and language."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from hostbill.core import brand
from hostbill.core.options import BRAND_COLOUR

YEAR = 31_536_000
SHEET = """@layer tokens {{
  :root {{
    --brand: light-dark({light}, {dark}); --brand-strong: light-dark({strong}, {dark_strong});
    --brand-ink: light-dark({ink}, {dark_ink}); --brand-text: light-dark({text}, {dark_text});
    --brand-soft: light-dark({soft}, {dark_soft});
  }}
}}
"""


def style_sheet(colour: str) -> str:
    """The brand tokens of one colour, each dark or light enough for text upon it (WCAG AA)."""
    dark = lighten_until(colour, "#161b23", 4.6)
    return SHEET.format(
        light=colour,
        dark=dark,
        strong=brand.mix(colour, "#000000", 0.15),
        dark_strong=brand.mix(dark, brand.WHITE, 0.15),
        ink=brand.ink_on(colour),
        dark_ink=brand.ink_on(dark),
        text=darken_until(colour, brand.mix(colour, brand.WHITE, 0.92), 5.5),
        dark_text=lighten_until(colour, brand.mix(colour, "#0e1117", 0.75), 6),
        soft=brand.mix(colour, brand.WHITE, 0.92),
        dark_soft=brand.mix(colour, "#0e1117", 0.75),
    )


def darken_until(colour: str, ground: str, ratio: float) -> str:
    """The colour, darkened until its contrast on the ground suffices."""
    while brand.contrast(colour, ground) < ratio and colour != "#000000":
        colour = brand.mix(colour, "#000000", 0.1)
    return colour


def lighten_until(colour: str, ground: str, ratio: float) -> str:
    """The colour, lightened until its contrast on the ground suffices."""
    for _step in range(40):
        if brand.contrast(colour, ground) >= ratio:
            break
        colour = brand.mix(colour, brand.WHITE, 0.1)
    return colour


def brand_addresses() -> dict:
    """Context for the frames. The colour is in the address, so both files may be cached for ever."""
    colour = BRAND_COLOUR.value.lstrip("#").lower()
    sheet = "" if colour == BRAND_COLOUR.default.lstrip("#") else reverse("brand_sheet", args=[colour])
    return {"brand_sheet": sheet, "brand_icon": reverse("brand_mark", args=[colour])}


@require_GET
@cache_control(max_age=YEAR, immutable=True, public=True)
def brand_sheet(request, colour):
    """The brand's tokens."""
    return HttpResponse(style_sheet(f"#{colour}"), content_type="text/css; charset=utf-8")


@require_GET
@cache_control(max_age=YEAR, immutable=True, public=True)
def brand_mark(request, colour):
    """The sign, also used as the tab's icon."""
    return HttpResponse(brand.mark_svg(f"#{colour}"), content_type="image/svg+xml")


@require_POST
def set_theme(request):
    """Remember light, dark or the device's own choice."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    theme = request.POST.get("theme", "")
    response = redirect(target)
    if theme in ("light", "dark"):
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


urls = [
    path("brand/<slug:colour>.css", brand_sheet, name="brand_sheet"),
    path("brand/<slug:colour>.svg", brand_mark, name="brand_mark"),
    path("preferences/theme/", set_theme, name="set_theme"),
    path("preferences/language/", set_language, name="set_language"),
]
