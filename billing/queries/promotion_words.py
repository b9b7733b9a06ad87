"""What a promotion or discount gives, in words: "20 % off, 3 billing periods"."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import DiscountKind
from hostbill.core.ui.joined import listed
from hostbill.core.ui.words import money


def gives_words(promotion) -> str:
    """All it gives, with how often."""
    return listed(part for part in (_what(promotion), _how_often(promotion)) if part)


def _what(promotion) -> str:
    if promotion.kind == DiscountKind.PERCENT:
        return _("%(percent)s %% off") % {"percent": f"{promotion.percent.normalize():f}"}
    if promotion.kind == DiscountKind.FREE_MONTHS:
        return months_words(promotion.months)
    if promotion.kind == DiscountKind.FREE_SETUP:
        return str(DiscountKind.FREE_SETUP.label)
    figures = " / ".join(money(row.value) for row in promotion.amounts.all() if row.value_amount is not None)
    return (_("%(amount)s off") if promotion.kind == DiscountKind.FIXED else _("for %(amount)s")) % {"amount": figures}


def _how_often(promotion) -> str:
    if promotion.kind in (DiscountKind.FREE_MONTHS, DiscountKind.FREE_SETUP):
        return ""
    return periods_words(promotion.periods)


def months_words(months: int) -> str:
    """ "3 months free"."""
    return ngettext("%(months)d month free", "%(months)d months free", months) % {"months": months}


def periods_words(periods: int | None) -> str:
    """How many invoices of a service."""
    if periods is None:
        return _("for ever")
    return ngettext("%(count)d billing period", "%(count)d billing periods", periods) % {"count": periods}


def discount_words(row) -> str:
    """What a running discount takes off, and what is left of it."""
    if row.kind == DiscountKind.PERCENT:
        what = _("%(percent)s %% off") % {"percent": f"{row.percent.normalize():f}"}
    elif row.kind == DiscountKind.FREE_MONTHS:
        return months_words(row.months_left)
    elif row.kind == DiscountKind.FREE_SETUP:
        return str(DiscountKind.FREE_SETUP.label)
    else:
        what = (_("%(amount)s off") if row.kind == DiscountKind.FIXED else _("for %(amount)s")) % {"amount": money(row.money)}
    return f"{what}, {periods_words(row.periods_left)}"
