"""Statements of account by mail."""

from datetime import date

from django.db import transaction
from django.db.models import Q

from billing.models import Account, Statements, StatementSent
from billing.options import STATEMENTS_MONTHLY
from billing.queries.quote_letters import statement_letter
from billing.queries.statement import statements_of
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.notify import notify

from .account import lock_account


def waiting_accounts(last: date):
    """Accounts that get the statement of the month ending on the day and have not got it, as a queryset."""
    wanted = Q(statements=Statements.MONTHLY)
    if STATEMENTS_MONTHLY.value:
        wanted |= Q(statements=Statements.HOUSE)
    rows = Account.objects.filter(wanted, client__status="active", created_at__date__lte=last)
    return rows.exclude(statements_sent__last=last).select_related("client").order_by("pk")


def send_statement(account: Account, first: date, last: date) -> bool:
    """Mail the statement of these days, once; False when there is nothing to tell (and nothing is noted, so that a booking that
    comes later still brings it) or it was sent."""
    with transaction.atomic():
        account = lock_account(account)
        if all(statement.is_empty for statement in statements_of(account, first, last)):
            return False
        sent, is_new = StatementSent.objects.get_or_create(account=account, first=first, last=last)
        if is_new:
            _mail(sent, f"statement:{sent.pk}")
    return is_new


def mail_statement(account: Account, first: date, last: date, *, actor) -> StatementSent:
    """Staff mail the statement of any days; again as often as they like, but not twice within a minute."""
    with transaction.atomic():
        account = lock_account(account)
        sent, _is_new = StatementSent.objects.get_or_create(account=account, first=first, last=last)
        _mail(sent, f"statement:{sent.pk}:{clock.now():%Y%m%d%H%M}")
        audit(actor, "billing.statement_mailed", account, reason=f"{first} – {last}", changes={})
    return sent


def _mail(sent: StatementSent, key: str) -> None:
    notify(
        "billing.statement",
        to=sent.account.client,
        context=statement_letter(sent),
        key=key,
        subject_ref=(sent._meta.label_lower, sent.pk),
        attachments=[("billing.statement_pdf", sent.pk)],
    )


def set_statements(account: Account, *, statements: str, actor) -> Account:
    """Whether statements are mailed to this client: as in the settings, each month, never."""
    with transaction.atomic():
        account = lock_account(account)
        account.statements = statements
        account.save(update_fields=["statements"])
        audit(actor, "billing.account_statements_set", account)
    return account
