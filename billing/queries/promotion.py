"""Which codes hold for a basket, why the others do not, and what the holding ones take off which line."""

import unicodedata
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.models import DiscountKind, Promotion, Subscription
from billing.queries.discount import ORDER, Charged, Cut, Granted, counts, reductions, shares
from hostbill.core import clock
from hostbill.core.money import Money
from hostbill.core.ui.joined import listed
from hostbill.core.ui.words import day_words, money

MOST_LETTERS = 40
#: More than any fixed discount: asks how much could be taken off at all.
_ANYTHING = Decimal(10) ** 12


@dataclass(frozen=True)
class Item:
    """One line of a basket as promotions see it: what is charged today, before discounts."""

    product_id: int
    cycle: str
    quantity: int
    charged: list[Charged]

    @property
    def net(self) -> Decimal:
        """All of it."""
        return sum((part.amount for part in self.charged), Decimal(0))


@dataclass(frozen=True)
class Basket:
    """Lines in one currency, for a client (None: somebody we do not know yet). `net`: what they come to before tax, where prices
    include it (None: as they stand)."""

    currency: str
    items: list[Item]
    client: object = None
    running: frozenset = frozenset()
    net: Money | None = None


@dataclass(frozen=True)
class Code:
    """A code as it stands in a basket: its promotion, and why it does not hold (empty: it does)."""

    text: str
    promotion: Promotion | None
    refusal: str = ""


@dataclass
class Offers:
    """What the codes of a basket come to. `cuts`: for each item, in the order in which they apply."""

    codes: list[Code] = field(default_factory=list)
    cuts: list[list[Cut]] = field(default_factory=list)

    @property
    def holding(self) -> list[Promotion]:
        """Promotions that give something."""
        return [code.promotion for code in self.codes if code.promotion and not code.refusal]


def clean_code(text: str) -> str:
    """As codes are stored: capitals without spaces around. Empty for what can be no code (too long, signs nobody types)."""
    code = unicodedata.normalize("NFKC", text).strip().upper()
    is_plain = code.isascii() and all(sign.isalnum() or sign in "-_." for sign in code)
    return code if is_plain and 0 < len(code) <= MOST_LETTERS else ""


def find_promotion(text: str) -> Promotion | None:
    """By its code, however it is typed."""
    code = clean_code(text)
    return _rows().filter(code=code).first() if code else None


def _rows():
    return Promotion.objects.prefetch_related("amounts", "products", "required_products", "choices")


def offers_for(codes: list[str], basket: Basket, granted: Granted | None = None) -> Offers:
    """Each code judged in the order in which it came, and what those that hold (and staff, by `granted`) take off. A handful of
    queries, none without codes."""
    found, held = [], []
    if codes:
        basket = replace(basket, running=_running(basket.client))
        known = {row.code: row for row in _rows().filter(code__in=codes)}
        for text in codes:
            promotion = known.get(text)
            why = refusal(promotion, basket, held) if promotion else unknown()
            found.append(Code(text, promotion, why))
            held += [] if why else [promotion]
    everywhere = list(range(len(basket.items)))
    offered = [(cut_for(row, basket.currency), _places(row, basket)) for row in held]
    offered += [(granted_cut(granted), everywhere)] if granted else []
    return Offers(found, _spread(offered, basket))


def unknown() -> str:
    """The words for a code that is none."""
    return _("We do not know this code. Please check how it is spelt.")


def _places(promotion: Promotion, basket: Basket) -> list[int]:
    return [place for place, item in enumerate(basket.items) if applies_to(promotion, item)]


def _running(client) -> frozenset:
    rows = Subscription.objects.running().filter(client=client) if client else Subscription.objects.none()
    return frozenset(rows.values_list("product_id", flat=True))


def refusal(promotion: Promotion, basket: Basket, held: list[Promotion]) -> str:
    """Why it does not hold, in words for whoever typed it; empty when it does."""
    return (
        _by_time(promotion)
        or _by_person(promotion, basket)
        or _by_basket(promotion, basket)
        or _by_others(promotion, held)
    )


def _by_time(promotion: Promotion) -> str:
    today = clock.today()
    if not promotion.is_active:
        return _("This code is not valid any more.")
    if promotion.starts_on and promotion.starts_on > today:
        return _("This code is valid from %(day)s.") % {"day": day_words(promotion.starts_on)}
    if promotion.ends_on and promotion.ends_on < today:
        return _("This code was valid until %(day)s.") % {"day": day_words(promotion.ends_on)}
    return used_up() if promotion.is_used_up else ""


def used_up() -> str:
    """The words for the one who came too late."""
    return _("This code has been used as often as it may be.")


def used_already() -> str:
    """The words for the one who has had it."""
    return _("You have used this code already.")


def _by_person(promotion: Promotion, basket: Basket) -> str:
    client = basket.client
    if promotion.who == Promotion.Who.EXISTING and not basket.running:
        return _("This code is for clients with a running service. If you are one, please sign in.")
    if client is None:
        return ""
    if promotion.who == Promotion.Who.NEW and client.orders.exclude(state__in=["cancelled", "fraud"]).exists():
        return _("This code is for new clients.")
    if promotion.once_per_client and client.promotion_uses.filter(promotion=promotion, released_at=None).exists():
        return used_already()
    return ""


def _by_basket(promotion: Promotion, basket: Basket) -> str:
    amount = amount_in(promotion, basket.currency)
    if promotion.kind in (DiscountKind.FIXED, DiscountKind.OVERRIDE) and (amount is None or amount.value_amount is None):
        return _("This code does not hold for prices in %(currency)s.") % {"currency": basket.currency}
    required = {row.pk for row in promotion.required_products.all()}
    if required and not required & ({item.product_id for item in basket.items} | basket.running):
        names = listed(row.name for row in promotion.required_products.all())
        return _("This code holds together with: %(names)s.") % {"names": names}
    if not any(applies_to(promotion, item) for item in basket.items):
        return _("This code is for other products or billing cycles than those in your basket.")
    return _by_minimum(amount, basket) if amount else ""


def _by_minimum(amount, basket: Basket) -> str:
    total = basket.net or Money(sum((item.net for item in basket.items), Decimal(0)), basket.currency)
    if total.amount >= amount.minimum_amount:
        return ""
    return _("This code holds from %(least)s on, before tax. Your basket comes to %(total)s.") % {
        "least": money(amount.minimum),
        "total": money(total),
    }


def _by_others(promotion: Promotion, held: list[Promotion]) -> str:
    if held and not all(row.is_combinable for row in (promotion, *held)):
        return _("This code cannot be combined with %(code)s.") % {"code": held[-1].code}
    return ""


def amount_in(promotion: Promotion, currency: str):
    """Its row for the currency, or None."""
    return next((row for row in promotion.amounts.all() if row.currency == currency), None)


def applies_to(promotion: Promotion, item: Item) -> bool:
    """Whether it is for this product in this cycle, and for something that was chosen of it."""
    products = {row.pk for row in promotion.products.all()}
    if (products and item.product_id not in products) or (promotion.cycles and item.cycle not in promotion.cycles):
        return False
    cut = cut_for(promotion, "")
    return promotion.includes_base or any(counts(cut, line) for line in item.charged)


def _spread(offered: list[tuple[Cut, list[int]]], basket: Basket) -> list[list[Cut]]:
    """The cuts of each item. An amount off the order is spread over its lines by what the others have left of them; where that is less
    (a short first period, free days), renewals still have the whole share."""
    cuts = [[] for _item in basket.items]
    for template, places in sorted(offered, key=lambda pair: ORDER.index(pair[0].kind)):
        values = [template] * len(places)
        if template.kind == DiscountKind.FIXED:
            rooms = [_room(template, basket, place, cuts[place]) for place in places]
            parts = shares(Money(template.amount, basket.currency), rooms)
            values = [replace(template, amount=part.amount) for part in parts]
        for place, cut in zip(places, values, strict=True):
            cuts[place].append(cut)
    return cuts


def _room(template: Cut, basket: Basket, index: int, before: list[Cut]) -> Decimal:
    item, probe = basket.items[index], replace(template, key="probe", amount=_ANYTHING)
    found = reductions(item.charged, [*before, probe], currency=basket.currency, cycle=item.cycle, quantity=item.quantity)
    return next((amount for cut, amount in found if cut.key == "probe"), Decimal(0))


def cut_for(promotion: Promotion, currency: str) -> Cut:
    """What it takes off one line; an amount still stands for the whole order."""
    amount = amount_in(promotion, currency)
    return Cut(
        key=f"code:{promotion.pk}",
        kind=promotion.kind,
        name=promotion.name,
        percent=promotion.percent if promotion.kind == DiscountKind.PERCENT else None,
        amount=amount.value_amount if amount else None,
        periods_left={DiscountKind.FREE_MONTHS: None, DiscountKind.FREE_SETUP: 1}.get(promotion.kind, promotion.periods),
        months_left=promotion.months if promotion.kind == DiscountKind.FREE_MONTHS else None,
        includes_base=promotion.includes_base,
        includes_options=promotion.includes_options,
        includes_setup=promotion.includes_setup,
        choices=frozenset(row.pk for row in promotion.choices.all()),
    )


def granted_cut(granted: Granted) -> Cut:
    """The same for what staff give."""
    is_percent = granted.kind == DiscountKind.PERCENT
    return Cut(
        key="granted",
        kind=granted.kind,
        name=granted.name or _("Discount"),
        percent=granted.value if is_percent else None,
        amount=None if is_percent else granted.value,
        periods_left=granted.periods,
        includes_setup=True,
    )
