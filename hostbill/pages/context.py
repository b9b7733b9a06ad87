"""What every page's frame shows."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from hostbill.core import clock
from hostbill.core.crud.history import tabs_here
from hostbill.core.options import BRAND_COLOUR, COMPANY_NAME
from hostbill.pages.frame import frame_context
from hostbill.pages.theme import brand_addresses


def frame(request):
    """Context processor: the company's name, the theme, and in the sandbox the clock."""
    moved = clock.offset() if settings.SANDBOX else None
    return (
        frame_context(request)
        | brand_addresses()
        | {
            "object_tabs": SimpleLazyObject(lambda: tabs_here(request)),
            "company_name": COMPANY_NAME.value,
            "brand_colour": BRAND_COLOUR.value,
            "theme": request.COOKIES.get("theme", "") if request.COOKIES.get("theme") in ("light", "dark") else "",
            "sandbox": settings.SANDBOX,
            "sandbox_clock": clock_now(request) if settings.SANDBOX else None,
            "sandbox_clock_moved": bool(moved),
        }
    )


def clock_now(request):
    """The sandbox's time. Asking who reads comes first: it puts the page into that person's time zone."""
    bool(getattr(request, "actor", None))
    return clock.now()
