"""The money of two clients becoming one's. Documents get the kept client as their owner and stay what they are; the ledger and
the movements of credit stay with the account that goes, and what is left on it is booked over."""

from billing.models import (
    Account,
    Cart,
    CreditMovement,
    GatewayCustomer,
    JournalEntry,
    PaymentMethod,
    PromotionUse,
    Quote,
    Transfer,
)
from clients.models import Client
from hostbill.core import clock
from hostbill.core.locks import lock_all

from .account import open_account
from .credit import move_credit
from .document_wishes import MOST_READERS
from .ledger import CREDIT, RECEIVABLE, Side, book
from .payment_method import forget_method


def lock_money(kept: Client, gone: Client) -> None:
    """Quotes, carts and both accounts, in the order of all."""
    both = [kept.pk, gone.pk]
    open_account(kept)
    for rows in (Quote.objects, Cart.objects, Account.objects):
        lock_all(rows.filter(client_id__in=both))


def merge_accounts(kept: Client, gone: Client) -> None:
    """What the client that goes owes and has as credit is the kept one's from today. Safe to repeat."""
    old, new = Account.objects.filter(client=gone).first(), Account.objects.get(client=kept)
    if old is None:
        return
    _book_over(old, new)
    new.document_emails = _readers(new, old)
    new.save(update_fields=["document_emails"])
    old.merged_into = new
    old.save(update_fields=["merged_into"])


def _readers(new: Account, old: Account) -> list[str]:
    """Each address once, those of the kept client first, and no more than the form takes."""
    found = {}
    for email in [*new.document_emails, *old.document_emails]:
        found.setdefault(email.lower(), email)
    return list(found.values())[:MOST_READERS]


def _book_over(old: Account, new: Account) -> None:
    owed, credit = old.balance, old.credit
    if owed.is_zero and credit.is_zero:
        return
    if not credit.is_zero:
        move_credit(old, CreditMovement.Kind.MERGED, -credit, note=new.client.number)
        move_credit(new, CreditMovement.Kind.MERGED, credit, note=old.client.number)
    times = JournalEntry.objects.filter(key__startswith=f"merge:{old.pk}:").count()
    book(
        f"merge:{old.pk}:{times + 1}",
        f"Account of {old.client.number} merged into {new.client.number}",
        [Side(RECEIVABLE, owed, new), Side(RECEIVABLE, -owed, old), Side(CREDIT, -credit, new), Side(CREDIT, credit, old)],
    )
    for account in (old, new):
        account.refresh_from_db()


def merge_promotion_uses(kept: Client, gone: Client) -> None:
    """All count as before. Of a code that both have used, which is for once, the kept client's use stands for both."""
    uses = PromotionUse.objects.filter(client=gone)
    mine = PromotionUse.objects.filter(client=kept, once=True, released_at=None)
    uses.filter(once=True, released_at=None, promotion__in=mine.values("promotion_id")).update(once=False)
    uses.update(client=kept, updated_at=clock.now())


def merge_payment_methods(kept: Client, gone: Client) -> None:
    """All; the kept client's default stays it. The same card kept by both is kept once. A card whose owner did not want it to be
    charged by itself does not become the default of an account that charges by itself."""
    mine = PaymentMethod.objects.usable().filter(client=kept)
    has_default = mine.filter(is_default=True).exists()
    wanted = not Account.objects.filter(client=gone, auto_charge=False).exists()
    cards = {(row.gateway_id, row.fingerprint) for row in mine if row.fingerprint}
    for row in PaymentMethod.objects.filter(client=gone).order_by("pk"):
        if row.removed_at is None and (row.gateway_id, row.fingerprint) in cards:
            forget_method(row)
        row.client, row.is_default = kept, row.is_default and wanted and not has_default
        row.save(update_fields=["client", "is_default"])


def merge_gateway_customers(kept: Client, gone: Client) -> None:
    """Where the kept client has an id of its own, new cards go there; cards that are kept know their own customer."""
    known = GatewayCustomer.objects.filter(client=kept).values("gateway_id")
    GatewayCustomer.objects.filter(client=gone).exclude(gateway__in=known).update(client=kept, updated_at=clock.now())


def merge_transfers(kept: Client, gone: Client) -> None:
    """Offers that wait for an answer; those that were answered say who gave and took then."""
    for side in ("from_client", "to_client"):
        Transfer.objects.offered().filter(**{side: gone}).update(**{side: kept, "updated_at": clock.now()})
