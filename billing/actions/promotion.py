"""Promotions: made and changed by staff, put into baskets by visitors, used by orders.

A cap cannot be passed however many orders come at once: `used_count` is counted up by one conditional UPDATE, and a client's
only use is a unique row."""

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from billing.models import Cart, DiscountKind, Order, Promotion, PromotionAmount, PromotionUse, SubscriptionDiscount
from billing.queries.discount import Cut
from billing.queries.granted import cut_of
from billing.queries.promotion import clean_code, find_promotion, unknown, used_already, used_up
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.locks import lock

#: Codes in one basket.
MOST_CODES = 5
_SETS = ("products", "required_products", "choices")


def create_promotion(*, actor, amounts: dict, **fields) -> Promotion:
    """A new code. `amounts`: {currency: (amount or None, minimum spend)}. AppError: "code", "code_taken" and what `_check` says."""
    sets = {name: fields.pop(name) for name in _SETS if name in fields}
    promotion = Promotion(**{**fields, "code": clean_code(fields.get("code", ""))})
    _check(promotion, amounts)
    try:
        with transaction.atomic():
            promotion.save()
            _write_parts(promotion, sets, amounts)
            audit(actor, "billing.promotion_created", promotion)
    except IntegrityError:
        raise AppError(_("This code exists already."), code="code_taken", field="code") from None
    return promotion


def update_promotion(promotion: Promotion, *, actor, amounts: dict, **fields) -> Promotion:
    """Change it for coming orders; what runs keeps what it was promised."""
    sets = {name: fields.pop(name) for name in _SETS if name in fields}
    try:
        with transaction.atomic():
            promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
            for name, value in fields.items():
                setattr(promotion, name, clean_code(value) if name == "code" else value)
            _check(promotion, amounts)
            promotion.save()
            _write_parts(promotion, sets, amounts)
            audit(actor, "billing.promotion_changed", promotion)
    except IntegrityError:
        raise AppError(_("This code exists already."), code="code_taken", field="code") from None
    return promotion


def _check(promotion: Promotion, amounts: dict) -> None:
    """Each kind has its figure, and the rest makes sense together."""
    values = [pair[0] for pair in amounts.values() if pair[0] is not None]
    if not promotion.code:
        raise AppError(_("Use letters, digits, hyphens and dots, 40 at most."), code="code", field="code")
    if promotion.kind == DiscountKind.PERCENT and not promotion.percent:
        raise AppError(_("Say how many percent."), code="percent", field="percent")
    if promotion.kind == DiscountKind.FREE_MONTHS and not promotion.months:
        raise AppError(_("Say how many months."), code="months", field="months")
    if promotion.kind in (DiscountKind.FIXED, DiscountKind.OVERRIDE) and not values:
        raise AppError(_("Enter the amount in at least one currency."), code="amount", field="kind")
    if promotion.kind == DiscountKind.OVERRIDE and len(promotion.cycles) != 1:
        raise AppError(_("A price belongs to one billing cycle: choose exactly one."), code="cycles", field="cycles")
    if not (promotion.includes_base or promotion.includes_options or promotion.includes_setup):
        raise AppError(_("Say on what it is given."), code="on_nothing", field="includes_base")
    if promotion.kind == DiscountKind.OVERRIDE and not promotion.includes_base:
        raise AppError(_("A price of its own is the product's."), code="override_base", field="includes_base")
    if any(part is not None and part < 0 for pair in amounts.values() for part in pair):
        raise AppError(_("An amount cannot be negative."), code="negative", field="kind")
    if promotion.max_uses is not None and promotion.max_uses < promotion.used_count:
        words = _("It has been used %(count)d times already; the limit cannot be lower.")
        raise AppError(words % {"count": promotion.used_count}, code="max_uses", field="max_uses")
    if promotion.starts_on and promotion.ends_on and promotion.ends_on < promotion.starts_on:
        raise AppError(_("The last day comes before the first."), code="days", field="ends_on")


def _write_parts(promotion: Promotion, sets: dict, amounts: dict) -> None:
    for name, rows in sets.items():
        getattr(promotion, name).set(rows)
    promotion.amounts.exclude(currency__in=amounts).delete()
    for currency, (value, least) in amounts.items():
        PromotionAmount.objects.update_or_create(
            promotion=promotion, currency=currency, defaults={"value_amount": value, "minimum_amount": least or 0}
        )


def switch_promotion(promotion: Promotion, *, actor, is_active: bool) -> Promotion:
    """Let the code be used, or not any more."""
    with transaction.atomic():
        promotion = Promotion.objects.select_for_update().get(pk=promotion.pk)
        promotion.is_active = is_active
        promotion.save(update_fields=["is_active"])
        audit(actor, "billing.promotion_switched_on" if is_active else "billing.promotion_switched_off", promotion)
    return promotion


def add_code(cart: Cart, *, text: str, actor) -> Promotion:
    """Keep a code with the basket. Whether it holds is judged each time the basket is priced. AppError: "unknown_code",
    "too_many_codes"."""
    promotion = _known(text)
    with transaction.atomic():
        cart.codes = _with(lock(cart).codes, promotion)
        cart.save(update_fields=["codes"])
    return promotion


def codes_of(texts) -> list[str]:
    """The codes of a basket that is not stored. AppError as `add_code`."""
    codes = []
    for text in texts:
        codes = _with(codes, _known(text))
    return codes


def _known(text: str) -> Promotion:
    promotion = find_promotion(text)
    if promotion is None:
        raise AppError(unknown(), code="unknown_code", field="code")
    return promotion


def _with(codes: list[str], promotion: Promotion) -> list[str]:
    """With one more; once is enough."""
    if promotion.code not in codes and len(codes) >= MOST_CODES:
        raise AppError(_("No more codes fit in one order."), code="too_many_codes", field="code")
    return list(dict.fromkeys([*codes, promotion.code]))


def remove_code(cart: Cart, *, text: str, actor) -> None:
    """Take a code out of the basket."""
    with transaction.atomic():
        cart.codes = [code for code in lock(cart).codes if code != text]
        cart.save(update_fields=["codes"])


def use_promotions(order: Order, taken: dict) -> None:
    """Count the order's promotions: {promotion: Money taken off the first invoice}. In the order of ids, so that two orders never
    wait for each other. AppError "promotion": somebody was faster."""
    for promotion in sorted(taken, key=lambda row: row.pk):
        rows = Promotion.objects.filter(pk=promotion.pk, is_active=True)
        free = rows.filter(Q(max_uses=None) | Q(used_count__lt=F("max_uses")))
        if not free.update(used_count=F("used_count") + 1):
            raise AppError(used_up(), code="promotion", field="code")
        _note_use(order, promotion, taken[promotion])


def _note_use(order: Order, promotion: Promotion, money) -> None:
    try:
        with transaction.atomic():
            PromotionUse.objects.create(
                promotion=promotion,
                client=order.client,
                order=order,
                once=promotion.once_per_client,
                currency=money.currency,
                net_amount=money.amount,
            )
    except IntegrityError:
        raise AppError(used_already(), code="promotion", field="code") from None


def release_promotions(order: Order) -> None:
    """The order has come to nothing: its codes can be used again."""
    for use in order.promotion_uses.filter(released_at=None).select_for_update().order_by("promotion_id"):
        use.released_at = clock.now()
        use.save(update_fields=["released_at"])
        Promotion.objects.filter(pk=use.promotion_id, used_count__gt=0).update(used_count=F("used_count") - 1)


def attach_discounts(subscription, cuts: list[Cut], promotions: dict, *, actor, reason: str = "") -> list[Cut]:
    """What an order's codes and staff give to its new subscription becomes rows; the cuts again, named after their rows. A client
    group's percentage is no row. `promotions` {cut key: promotion}."""
    return [
        cut if cut.key.startswith("group:") else cut_of(_attach(subscription, cut, promotions.get(cut.key), actor, reason))
        for cut in cuts
    ]


def _attach(subscription, cut: Cut, promotion: Promotion | None, actor, reason: str) -> SubscriptionDiscount:
    return SubscriptionDiscount.objects.create(
        subscription=subscription,
        promotion=promotion,
        kind=cut.kind,
        name=cut.name,
        percent=cut.percent,
        currency=subscription.currency,
        amount=cut.amount,
        periods_left=cut.periods_left,
        months_left=cut.months_left,
        includes_base=cut.includes_base,
        includes_options=cut.includes_options,
        choices=sorted(cut.choices),
        includes_setup=cut.includes_setup,
        ends_on_change=promotion.ends_on_change if promotion else False,
        reason="" if promotion else reason[:300],
        granted_by="" if promotion else actor.label[:200],
    )
