"""Use cases of quotes before anybody has said yes: write, deliver, put aside, end, take up again, copy, new version."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from billing.events import QuoteDelivered
from billing.models import DocumentType, Product, Quote, QuoteLine
from billing.options import QUOTE_VALID_DAYS
from billing.queries.price import price_for
from billing.queries.quote_sums import SAME_NAME, addressee_of, sum_up
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError, IllegalTransition
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.models import Message
from hostbill.core.states import transition

from .invoice import buyer_now, seller_now
from .numbering import draw_number

#: What a new version or a copy takes over.
KEPT = (
    "client", *SAME_NAME, "region", "subject", "introduction", "notes", "staff_notes", "currency", "includes_tax", "deposit_kind",
    "deposit_value", "rest_when", "rest_days",
)  # fmt: skip
#: The most that a quote may come to: beyond it the books could not hold its invoice.
MOST = Decimal(10_000_000_000)


@dataclass(frozen=True)
class Offered:
    """A line as it is entered. With a product, `cycle`, `answers` to the questions of its kind (may be missing until the
    acceptance) and `setup_amount` a piece belong to it; `unit_amount` is a piece before the discount. Both are net, or with tax as
    the quote's prices are."""

    description: str
    unit_amount: Decimal
    quantity: Decimal = Decimal(1)
    discount_percent: Decimal = Decimal(0)
    tax_class: str = "standard"
    product: Product | None = None
    cycle: str = ""
    answers: dict = field(default_factory=dict)
    setup_amount: Decimal = Decimal(0)


def create_quote(lines: list[Offered], *, actor, client=None, **fields) -> Quote:
    """A draft for a client, or with an address of its own for somebody who is none yet. AppError: "empty_quote",
    "negative_total", "too_much", "deposit" (more than the whole), "not_sold", "quantity"."""
    with transaction.atomic():
        if client is not None:
            client = client.heir
            fields |= {"language": client.language} | {name: "" for name in SAME_NAME if name != "language"}
        quote = Quote(client=client, **fields)
        _write(quote, lines)
        audit(actor, "billing.quote_created", quote)
    return quote


def update_quote(quote: Quote, lines: list[Offered], *, actor, **fields) -> Quote:
    """Make the draft exactly this. AppError as above; "not_a_draft" when it was delivered meanwhile."""
    with transaction.atomic():
        quote = _draft(quote)
        for name, value in fields.items():
            setattr(quote, name, value)
        quote.lines.all().delete()
        _write(quote, lines)
        audit(actor, "billing.quote_changed", quote)
    return quote


def deliver_quote(quote: Quote, *, actor) -> Quote:
    """Number it, fix it at today's tax, mail it; the version it replaces is dead. Asked for twice it is delivered once.

    AppError "lapsed" when its last day has passed, "not_sold", "deposit"; IllegalTransition unless a draft."""
    with transaction.atomic():
        quote = lock(quote)
        if quote.state == Quote.State.DELIVERED:
            return quote
        _still_valid(quote.valid_until)
        lines = list(quote.lines.select_related("product"))
        _sum_up(quote, lines)
        QuoteLine.objects.bulk_update(lines, ["tax_name", "tax_percent", "net_amount", "full_net_amount", "setup_net_amount"])
        number = _number(quote) if quote.state == Quote.State.DRAFT else {}
        addressee = addressee_of(quote)
        papers = {"seller": seller_now(), "buyer": buyer_now(addressee), "language": addressee.language}
        sums = {name: getattr(quote, name) for name in ("net_amount", "tax_amount", "total_amount", "taxes")}
        _only_from(quote, "draft", "delivered")
        transition(quote, "delivered", issued_on=clock.today(), **papers, **sums, **number)
        _retire_earlier(quote, actor)
        audit(actor, "billing.quote_delivered", quote)
        emit(QuoteDelivered(quote.pk))
    return quote


def hold_quote(quote: Quote, *, actor, reason: str = "") -> Quote:
    """Put a delivered quote aside: it cannot be signed until it is taken up again."""
    return _move(quote, "on_hold", actor, reason)


def lose_quote(quote: Quote, *, actor, reason: str) -> Quote:
    """The customer has said no, or went elsewhere."""
    return _move(quote, "lost", actor, reason, lost_reason=reason[:500])


def kill_quote(quote: Quote, *, actor, reason: str = "") -> Quote:
    """Nothing will come of it, for good; its link says so."""
    return _move(quote, "dead", actor, reason)


def resume_quote(quote: Quote, *, actor, valid_until: date) -> Quote:
    """A quote on hold, expired or lost holds again until the day. AppError "lapsed" for a day that has passed."""
    with transaction.atomic():
        quote = lock(quote)
        if quote.state == Quote.State.DRAFT:
            raise IllegalTransition(quote, "delivered")
        _still_valid(valid_until)
        transition(quote, "delivered", valid_until=valid_until, lost_reason="", delivered_at=quote.delivered_at)
        audit(actor, "billing.quote_resumed", quote)
    return quote


def expire_quote(quote: Quote, *, actor) -> Quote:
    """Its last day has passed; one that was signed or prolonged meanwhile is left alone."""
    with transaction.atomic():
        quote = lock(quote)
        if quote.state in ("delivered", "on_hold") and quote.is_lapsed:
            transition(quote, "expired")
            audit(actor, "billing.quote_expired", quote)
    return quote


def duplicate_quote(quote: Quote, *, actor, client=None) -> Quote:
    """A draft with the same words and lines, for the same people or another client (whose currency has to be the same)."""
    with transaction.atomic():
        copy = _copy(quote)
        if client is not None and client != quote.client:
            if client.currency != quote.currency:
                raise AppError(_("This client is kept in %(currency)s.") % {"currency": client.currency}, code="currency_mismatch")
            copy.client, copy.language = client, client.language
        _write(copy, offered_lines(quote))
        audit(actor, "billing.quote_duplicated", copy, reason=str(quote), changes={})
    return copy


def revise_quote(quote: Quote, *, actor) -> Quote:
    """A draft of the next version: the same number once it is delivered, which then takes the place of this one.

    AppError "signed" for an accepted quote; the draft that stands already is returned."""
    with transaction.atomic():
        quote = lock(quote)
        if quote.state == Quote.State.ACCEPTED:
            raise AppError(_("This quote is accepted: what was agreed does not change. Write a new one."), code="signed")
        standing = quote.later_versions.filter(state="draft").first()
        if standing or quote.state == Quote.State.DRAFT:
            return standing or quote
        draft = _copy(quote)
        draft.replaces, draft.version = quote, _last_version(quote) + 1
        _write(draft, offered_lines(quote))
        audit(actor, "billing.quote_revised", draft, reason=str(quote), changes={})
    return draft


def delete_quote(quote: Quote, *, actor) -> None:
    """Throw a draft away: it never had a number. AppError "not_a_draft"."""
    with transaction.atomic():
        quote = _draft(quote)
        audit(actor, "billing.quote_deleted", quote, changes={})
        quote.delete()


def revoke_quote_link(quote: Quote, *, actor) -> Quote:
    """Every link given out so far stops working; the next mail carries a new one."""
    with transaction.atomic():
        quote = lock(quote)
        quote.link_serial += 1
        quote.save(update_fields=["link_serial"])
        audit(actor, "billing.quote_link_revoked", quote)
    return quote


def send_quote_again(quote: Quote, *, actor) -> Quote:
    """The same mail once more. AppError "not_open" unless it can be signed."""
    with transaction.atomic():
        quote = lock(quote)
        if not quote.can_be_signed:
            raise AppError(_("Only a delivered quote that is still valid is mailed."), code="not_open")
        audit(actor, "billing.quote_mailed_again", quote, changes={})
        emit(QuoteDelivered(quote.pk, again=_mails(quote)))
    return quote


def note_look(quote: Quote) -> None:
    """Somebody to whom it was given has opened it."""
    now = clock.now()
    Quote.objects.filter(pk=quote.pk, first_look_at=None).update(first_look_at=now)
    Quote.objects.filter(pk=quote.pk).update(looks=F("looks") + 1, last_look_at=now)


def offered_lines(quote: Quote) -> list[Offered]:
    """The lines as they could be entered again."""
    names = ("description", "unit_amount", "quantity", "discount_percent", "tax_class", "product", "cycle", "answers",
             "setup_amount")  # fmt: skip
    rows = quote.lines.select_related("product")
    return [Offered(**{name: getattr(line, name) for name in names}) for line in rows]


def default_valid_until() -> date:
    """As many days from today as the setting says."""
    return clock.today() + timedelta(days=QUOTE_VALID_DAYS.value)


def built_lines(lines: list[Offered], currency: str, client=None) -> list[QuoteLine]:
    """Rows of the lines, not stored; AppError with details["line"] names the one that cannot be."""
    rows = []
    for sort, line in enumerate(lines):
        try:
            _check_line(line, currency, client)
        except AppError as error:
            error.details["line"] = sort
            raise
        names = ("product", "cycle", "answers", "quantity", "unit_amount", "setup_amount", "discount_percent", "tax_class")
        values = {name: getattr(line, name) for name in names}
        if line.product:
            values["tax_class"] = line.product.tax_class
        rows.append(QuoteLine(**values, description=line.description[:500], currency=currency, sort=sort))
    return rows


def _check_line(line: Offered, currency: str, client) -> None:
    if line.product is None:
        return
    if price_for(line.product, currency, line.cycle, client) is None:
        raise AppError(_("This product is not sold in that billing cycle."), code="not_sold", field="cycle")
    if line.quantity != line.quantity.to_integral_value() or line.quantity > 1000:
        raise AppError(_("A product is sold in whole pieces, up to 1000."), code="quantity", field="quantity")
    if line.unit_amount < 0 or line.setup_amount < 0:
        raise AppError(_("A price cannot be negative."), code="negative", field="unit_amount")


def _write(quote: Quote, lines: list[Offered]) -> None:
    """Store the draft with these lines and what they come to today."""
    if not lines:
        raise AppError(_("Enter at least one line."), code="empty_quote")
    rows = built_lines(lines, quote.currency, quote.client)
    _sum_up(quote, rows)
    quote.save()
    for row in rows:
        row.quote = quote
    QuoteLine.objects.bulk_create(rows)


def _sum_up(quote: Quote, lines: list[QuoteLine]) -> None:
    sums = sum_up(lines, quote.currency, addressee_of(quote), includes_tax=quote.includes_tax)
    if sums.total.amount < 0:
        raise AppError(_("The total of a quote cannot be negative."), code="negative_total")
    if sums.total.amount > MOST:
        raise AppError(_("This is more than a quote can hold."), code="too_much")
    quote.net, quote.tax, quote.total, quote.taxes = sums.net, sums.tax, sums.total, sums.as_json()
    if quote.deposit_kind and not 0 < quote.deposit.amount < quote.total_amount:
        raise AppError(_("The deposit has to be less than the whole."), code="deposit", field="deposit_value")


def _draft(quote: Quote) -> Quote:
    quote = lock(quote)
    if quote.state != Quote.State.DRAFT:
        raise AppError(_("This quote is delivered: it cannot be changed, but it can have a new version."), code="not_a_draft")
    return quote


def _only_from(quote: Quote, state: str, target: str) -> None:
    if quote.state != state:
        raise IllegalTransition(quote, target)


def _still_valid(day: date) -> None:
    if day < clock.today():
        raise AppError(_("This day has passed."), code="lapsed", field="valid_until")


def _number(quote: Quote) -> dict:
    """A new number, or the one of the version it takes the place of. The counter's lock comes last."""
    if quote.replaces_id:
        earlier = quote.replaces
        return {"number": earlier.number, "series": earlier.series, "series_number": earlier.series_number}
    drawn = draw_number(DocumentType.QUOTE, clock.today())
    return {"number": drawn.number, "series": drawn.series, "series_number": drawn.series_number}


def _retire_earlier(quote: Quote, actor) -> None:
    """The version it replaces, if that was not signed in the meantime. AppError "signed"."""
    if not quote.replaces_id:
        return
    earlier = lock(quote.replaces)
    if earlier.state == Quote.State.ACCEPTED:
        raise AppError(_("The earlier version was accepted meanwhile."), code="signed")
    if earlier.state != Quote.State.DEAD:
        transition(earlier, "dead")
        audit(actor, "billing.quote_replaced", earlier, reason=str(quote))


def _last_version(quote: Quote) -> int:
    versions = Quote.objects.filter(number=quote.number).values_list("version", flat=True)
    return max([*versions, quote.version])


def _copy(quote: Quote) -> Quote:
    return Quote(valid_until=default_valid_until(), **{name: getattr(quote, name) for name in KEPT})


def _mails(quote: Quote) -> int:
    """How often it was mailed; tells one mail of it from the next."""
    return Message.objects.filter(kind="billing.quote_delivered", subject_kind="billing.quote", subject_id=quote.pk).count()


def _move(quote: Quote, target: str, actor, reason: str, **fields) -> Quote:
    with transaction.atomic():
        quote = lock(quote)
        transition(quote, target, **fields)
        audit(actor, f"billing.quote_{target}", quote, reason=reason)
    return quote
