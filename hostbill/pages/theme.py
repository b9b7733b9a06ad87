"""The house's colours, signs and pictures for the browser, and the reader's choice of light, dark and language."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language as django_set_language

from clients.actions.user import update_profile
from hostbill.core import brand, pictures
from hostbill.core.models import File
from hostbill.core.options import BRAND_COLOUR, BRAND_ICON, BRAND_LOGO, BRAND_LOGO_DARK, BRAND_SOCIAL

YEAR = 31_536_000
SHEET = """@layer tokens {{
  :root {{
    --brand: light-dark({0.brand}, {1.brand}); --brand-strong: light-dark({0.strong}, {1.strong});
    --brand-ink: light-dark({0.ink}, {1.ink}); --brand-text: light-dark({0.text}, {1.text});
    --brand-soft: light-dark({0.soft}, {1.soft});
  }}
}}
"""
#: A drawing that is opened by itself may style itself, and nothing else.
DRAWING_POLICY = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "sandbox": True}


def style_sheet(colour: str) -> str:
    """The brand tokens of one colour, each dark or light enough for what stands upon it (WCAG AA)."""
    return SHEET.format(brand.light_palette(colour), brand.dark_palette(colour))


def picture_url(option) -> str:
    """Where an uploaded picture is; nothing when there is none."""
    picture = pictures.picture_of(option.value)
    return reverse("brand_picture", args=[picture.token]) if picture else ""


def brand_addresses() -> dict:
    """Context for the frames. Colour and token are in the addresses, so all of it may be cached for ever."""
    colour = BRAND_COLOUR.value.lstrip("#").lower()
    sheet = "" if colour == BRAND_COLOUR.default.lstrip("#") else reverse("brand_sheet", args=[colour])
    return {
        "brand_sheet": sheet,
        "brand_icon": picture_url(BRAND_ICON) or reverse("brand_mark", args=[colour]),
        "brand_touch_icon": picture_url(BRAND_ICON) or reverse("brand_touch", args=[colour]),
        "brand_social": picture_url(BRAND_SOCIAL) or reverse("brand_social", args=[colour]),
        "brand_logo": pictures.picture_of(BRAND_LOGO.value),
        "brand_logo_dark": pictures.picture_of(BRAND_LOGO_DARK.value),
    }


for_ever = cache_control(max_age=YEAR, immutable=True, public=True)


@require_GET
@for_ever
def brand_sheet(request, colour):
    """The brand's tokens."""
    return HttpResponse(style_sheet(f"#{colour}"), content_type="text/css; charset=utf-8")


@require_GET
@for_ever
def brand_mark(request, colour):
    """The sign, also used as the tab's icon."""
    return HttpResponse(brand.mark_svg(f"#{colour}"), content_type="image/svg+xml")


@require_GET
@for_ever
def brand_touch(request, colour):
    """The sign for the home screen of a phone."""
    return HttpResponse(brand.mark_png(f"#{colour}", 180), content_type="image/png")


@require_GET
@for_ever
def brand_social(request, colour):
    """The picture beside shared links."""
    return HttpResponse(brand.social_png(f"#{colour}"), content_type="image/png")


@require_GET
@for_ever
def brand_picture(request, token):
    """An uploaded picture of the house; files of tickets and the like are not found here."""
    row = get_object_or_404(File, token=token, owner_kind=pictures.OWNER)
    response = FileResponse(row.content.open("rb"), content_type=row.mime)
    if row.mime == pictures.SVG:
        response._csp_replace = DRAWING_POLICY
    return response


@require_GET
def favicon(request):
    """Browsers and robots ask here without being told."""
    return redirect(brand_addresses()["brand_icon"])


def from_our_pages(view):
    """Instead of the CSRF token, whose cookie the shop would have to set on everybody: the browser says in `Origin`
    which site a form was on. Only for choices that do no harm."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def checked(request, *args, **kwargs):
        if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


@from_our_pages
def set_language(request):
    """Speak the chosen language in this browser; to a person who is signed in also in mails and at every sign-in."""
    response, chosen = django_set_language(request), request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and request.user.is_authenticated and request.user.language != chosen:
        update_profile(request.user, actor=request.actor, language=chosen)
        with translation.override(chosen):
            messages.success(request, _("Language changed. Mails to you come in it too."))
    return response


@from_our_pages
def set_theme(request):
    """Remember light, dark or the device's own choice; for a person who is signed in, at every sign-in."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    theme = request.POST.get("theme", "")
    theme = theme if theme in ("light", "dark") else "auto"
    if request.user.is_authenticated and request.user.theme != theme:
        update_profile(request.user, actor=request.actor, theme=theme)
    response = redirect(target)
    if theme != "auto":
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


urls = [
    path("brand/<slug:colour>.css", brand_sheet, name="brand_sheet"),
    path("brand/<slug:colour>.svg", brand_mark, name="brand_mark"),
    path("brand/<slug:colour>/touch.png", brand_touch, name="brand_touch"),
    path("brand/<slug:colour>/social.png", brand_social, name="brand_social"),
    path("brand/pictures/<uuid:token>/", brand_picture, name="brand_picture"),
    path("favicon.ico", favicon, name="favicon"),
    path("preferences/theme/", set_theme, name="set_theme"),
    path("preferences/language/", set_language, name="set_language"),
]
