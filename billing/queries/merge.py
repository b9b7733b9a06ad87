"""What of the money of two clients stands in the way of merging them."""

from django.utils.translation import gettext as _

from billing.models import Account, Charge, Refund, Transfer
from billing.queries.tax_rules import profile_of
from clients.actions.merge_plan import Obstacle
from clients.models import Client
from hostbill.core.ui.words import money

#: A pay form that is merely open is no payment yet: what comes of it is booked to whom its invoice belongs then.
MOVING_CHARGES = ["queued", "unknown", "needs_action", "processing"]
MOVING_REFUNDS = ["queued", "processing"]
#: What is counted in the account's currency.
IN_CURRENCY = ("subscriptions", "invoices", "payments", "credit_notes", "billable_items", "postings", "credit_movements")


def money_obstacles(kept: Client, gone: Client) -> list[Obstacle]:
    """In words for staff; empty when the money can become one client's."""
    theirs = Account.objects.filter(client=gone).first()
    mine = Account.objects.filter(client=kept).first()
    found = [_other_currency(kept, mine, gone, theirs), *map(_parked, (mine, theirs))]
    found += [_charge_under_way(gone), _refund_under_way(gone), _offered(kept, gone)]
    return [each for each in found if each]


def _other_currency(kept: Client, mine, gone: Client, theirs) -> Obstacle | None:
    currency = mine.currency if mine else kept.currency
    quoted = gone.quotes.exclude(currency=currency).exists() or gone.orders.exclude(currency=currency).exists()
    if quoted or theirs and theirs.currency != currency and _has_money(theirs):
        words = _("%(gone)s is kept in %(theirs)s, %(kept)s in %(mine)s: documents of one currency cannot move to an account of another.")
        names = {"gone": gone.number, "theirs": theirs.currency if theirs else gone.currency, "kept": kept.number, "mine": currency}
        return Obstacle("currency_mismatch", words % names)
    return None


def _has_money(account: Account) -> bool:
    return any(getattr(account, name).exists() for name in IN_CURRENCY)


def _parked(account: Account | None) -> Obstacle | None:
    if account is None or not account.parked_at:
        return None
    words = _("Automation was stopped for %(client)s: look into that first.") % {"client": account.client.number}
    return Obstacle("parked", words)


def _charge_under_way(gone: Client) -> Obstacle | None:
    charge = Charge.objects.filter(client=gone, state__in=MOVING_CHARGES).select_related("invoice").first()
    if charge is None:
        return None
    words = _("A payment of %(invoice)s is under way or its outcome is not known yet: wait for it.")
    return Obstacle("charge_under_way", words % {"invoice": charge.invoice})


def _refund_under_way(gone: Client) -> Obstacle | None:
    if not Refund.objects.filter(client=gone, state__in=MOVING_REFUNDS).exists():
        return None
    return Obstacle("refund_under_way", _("A refund is on its way back: wait for it."))


def _offered(kept: Client, gone: Client) -> Obstacle | None:
    both = [kept.pk, gone.pk]
    offer = Transfer.objects.offered().filter(from_client__in=both, to_client__in=both).select_related("subscription").first()
    if offer is None:
        return None
    words = _("%(service)s is offered from one to the other: have that answered or taken back first.")
    return Obstacle("transfer_offered", words % {"service": offer.subscription})


def money_facts(client: Client, actor) -> list[tuple]:
    """How the client stands and is billed."""
    account = Account.objects.filter(client=client).first() or Account(client=client, currency=client.currency)
    profile = profile_of(client)
    rows = [(_("Currency"), account.currency)]
    if actor.may("billing.invoice.view"):
        rows += [(_("Owes"), money(account.balance)), (_("Credit"), money(account.credit))]
    if actor.may("billing.payment_method.view"):
        card = client.payment_methods.usable().filter(is_default=True).first()
        rows += [(_("Charged by itself"), card if account.auto_charge else _("No"))]
    return [
        *rows,
        (_("VAT number"), profile.get_state_display() if profile else ""),
        (_("Exempt from tax"), profile.exempt_reason if profile and profile.is_exempt else _("No")),
        (_("Statements of account"), account.get_statements_display()),
    ]
