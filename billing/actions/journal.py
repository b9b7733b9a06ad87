"""Taking the journal along as a file, and saying what ledger accounts are called elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import LedgerAccount
from billing.options import LEDGER_DATEV_LENGTH
from billing.queries.datev import business_year
from billing.queries.journal import Span
from billing.queries.journal_formats import FORMATS
from hostbill.core.audit import audit
from hostbill.core.errors import AppError


@dataclass(frozen=True)
class JournalFile:
    """A file to be handed out while it is made."""

    name: str
    mime: str
    parts: Iterator[bytes]


def export_journal(*, first, last, currency: str, file_format: str, actor) -> JournalFile:
    """The entries of these days. AppError "wrong_order", "unmapped" naming the accounts that have no number there yet,
    "two_years" (DATEV takes one business year at a time)."""
    if last < first:
        raise AppError(_("The last day is before the first."), code="wrong_order", field="last")
    kind, span = FORMATS[file_format], Span(first, last, currency)
    if file_format == "datev" and business_year(first) != business_year(last):
        raise AppError(_("DATEV takes one business year at a time."), code="two_years", field="last")
    _refuse_unmapped(span, kind)
    audit(actor, "billing.journal_exported", reason=f"{file_format} {currency} {first} {last}", changes={})
    name = f"journal-{file_format}-{currency}-{first:%Y%m%d}-{last:%Y%m%d}.{kind.suffix}"
    if file_format == "datev":
        name = f"EXTF_Buchungsstapel_{first:%Y%m%d}_{last:%Y%m%d}.csv"
    return _file(kind, span, name)


def _file(kind, span: Span, name: str) -> JournalFile:
    """The file; a ZIP of several where the program does not take as many lines at once."""
    parts = kind.parts(span)
    if not kind.most or span.postings().count() <= kind.most:
        mime = f"text/csv; charset={kind.charset}" if kind.suffix == "csv" else "application/octet-stream"
        return JournalFile(name, mime, (line.encode(kind.charset, "replace") for line in next(parts)))
    packed, stem = BytesIO(), name.removesuffix(f".{kind.suffix}")
    with ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for number, lines in enumerate(parts, 1):
            target.writestr(f"{stem}-{number}.{kind.suffix}", "".join(lines).encode(kind.charset, "replace"))
    return JournalFile(f"{stem}.zip", "application/zip", iter([packed.getvalue()]))


def _refuse_unmapped(span: Span, kind) -> None:
    if not kind.needs:
        return
    missing = list(span.accounts().filter(**{kind.needs: ""}).order_by("code").values_list("code", flat=True)[:20])
    if missing:
        words = _("Say first what these accounts are called in %(program)s: %(codes)s")
        raise AppError(words % {"program": kind.label, "codes": ", ".join(missing)}, code="unmapped", field="file_format")


@transaction.atomic
def change_ledger_account(account: LedgerAccount, *, actor, **fields) -> LedgerAccount:
    """Its name and what it is called elsewhere; code and type stay. AppError "datev_digits"."""
    account = LedgerAccount.objects.select_for_update().get(pk=account.pk)
    digits = fields.get("datev_account", "")
    most = LEDGER_DATEV_LENGTH.value
    if digits and not (digits.isascii() and digits.isdecimal() and len(digits) in (most, most + 1)):
        words = _("A number of %(digits)d digits, or %(more)d for clients and suppliers.")
        raise AppError(words % {"digits": most, "more": most + 1}, code="datev_digits", field="datev_account")
    changes = {name: [getattr(account, name), value] for name, value in fields.items() if getattr(account, name) != value}
    for name, value in fields.items():
        setattr(account, name, value)
    if changes:
        account.save(update_fields=list(changes))
        audit(actor, "billing.ledger_account_changed", account, changes=changes)
    return account
