"""Use cases of billing accounts. The account row is what every money action locks first."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Account
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.locks import lock, lock_all, lock_by


def open_account(client) -> Account:
    """The client's billing account; made in the client's currency on first use."""
    account, _created = Account.objects.get_or_create(client=client, defaults={"currency": client.currency})
    return account


def open_and_lock(client) -> Account:
    """The same, locked as by `lock_account`, which it is in one statement where it stands already."""
    try:
        account = lock_by(Account, "client_id", client.pk)
    except Account.DoesNotExist:
        account = lock(open_account(client))
    return lock(account.merged_into) if account.merged_into_id else account


def lock_account(account: Account) -> Account:
    """Lock and re-read. From here on nobody else changes this client's money, so other rows need no own lock. When the client
    was merged meanwhile, the account of the kept client: rows read again under the lock belong to that one."""
    account = lock(account)
    return lock(account.merged_into) if account.merged_into_id else account


def lock_account_of(client_id: int) -> Account:
    """The same where only the client's id is known."""
    return lock_account(lock_all(Account.objects.filter(client_id=client_id))[0])


def park_account(account: Account, *, actor, reason: str) -> Account:
    """Stop automation for the client until staff have looked. Parking twice keeps the first reason."""
    with transaction.atomic():
        account = lock_account(account)
        if account.parked_at:
            return account
        account.parked_at, account.parked_reason = clock.now(), reason[:300]
        account.save(update_fields=["parked_at", "parked_reason"])
        audit(actor, "billing.account_parked", account, reason=reason)
    return account


def unpark_account(account: Account, *, actor) -> Account:
    """Let automation go on. AppError when the account is not parked."""
    with transaction.atomic():
        account = lock_account(account)
        if not account.parked_at:
            raise AppError(_("This account is not parked."), code="not_parked")
        account.parked_at, account.parked_reason = None, ""
        account.save(update_fields=["parked_at", "parked_reason"])
        audit(actor, "billing.account_unparked", account)
    return account


def set_auto_charge(account: Account, *, auto_charge: bool, actor) -> Account:
    """Whether renewals are taken from the saved card by themselves."""
    with transaction.atomic():
        account = lock_account(account)
        account.auto_charge = auto_charge
        account.save(update_fields=["auto_charge"])
        audit(actor, "billing.account_auto_charge_set", account)
    return account
