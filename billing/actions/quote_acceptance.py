"""Yes and no to a quote: the signature is stored with what was signed, and what follows is made once."""

from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from billing.events import QuoteAccepted, QuoteDeclined
from billing.models import Quote, QuoteSignature
from billing.options import QUOTE_CONVERTS
from billing.queries.quote_document import quote_data, quote_pdf
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import lock
from hostbill.core.states import transition

from .quote_conversion import convert_quote


@dataclass(frozen=True)
class Signing:
    """What the one who signs typed and where from. `way`: "link", "account" or "staff" (then `agreed_text` says how we
    know). `answers` maps the id of a line to what its product asks."""

    name: str
    agreed_text: str
    way: str
    user_agent: str = ""
    answers: dict | None = None


def accept_quote(quote: Quote, signing: Signing, *, actor) -> Quote:
    """Store the signature and, by the setting, make invoice and order. A second yes gets the quote as it stands.

    When the invoice cannot be made (sold out, a domain that is served already), the signature stands all the same, `trouble` says
    why, and staff make it later. AppError: "not_open", "lapsed", "no_name"."""
    with transaction.atomic():
        quote = lock(quote)
        if quote.state == Quote.State.ACCEPTED:
            return quote
        _check(quote, signing)
        _keep_answers(quote, signing.answers or {})
        _sign(quote, signing, actor)
        transition(quote, "accepted")
        audit(actor, "billing.quote_accepted", quote, reason=signing.name[:200])
        if QUOTE_CONVERTS.value:
            _convert(quote, actor)
        emit(QuoteAccepted(quote.pk))
    return Quote.objects.get(pk=quote.pk)


def decline_quote(quote: Quote, *, actor, reason: str = "") -> Quote:
    """No, from whom it was given to. A second no changes nothing. AppError "not_open" once it is signed or dead."""
    with transaction.atomic():
        quote = lock(quote)
        if quote.state == Quote.State.LOST:
            return quote
        if quote.state not in ("delivered", "on_hold", "expired"):
            raise AppError(_("This quote is not open any more."), code="not_open")
        transition(quote, "lost", lost_reason=reason[:500])
        audit(actor, "billing.quote_declined", quote, reason=reason)
        emit(QuoteDeclined(quote.pk))
    return quote


def _check(quote: Quote, signing: Signing) -> None:
    if quote.state not in ("delivered", "on_hold") or quote.state == "on_hold" and signing.way != "staff":
        raise AppError(_("This quote is not open any more."), code="not_open")
    if quote.is_lapsed:
        raise AppError(_("This quote was valid until %(day)s.") % {"day": quote.valid_until}, code="lapsed")
    if len(signing.name.strip()) < 2:
        raise AppError(_("Type your full name: it is your signature."), code="no_name", field="name")


def _keep_answers(quote: Quote, answers: dict) -> None:
    for line in quote.lines.filter(pk__in=answers):
        line.answers = answers[line.pk]
        line.save(update_fields=["answers"])


def _sign(quote: Quote, signing: Signing, actor) -> QuoteSignature:
    """Evidence is what was shown: the data of the document and the hash of its file."""
    return QuoteSignature.objects.create(
        quote=quote,
        way=signing.way,
        signed_name=signing.name.strip()[:200],
        signed_by=actor.label[:200],
        agreed_text=signing.agreed_text,
        document=quote_data(quote),
        sha256=sha256(quote_pdf(quote)).hexdigest(),
        ip_address=actor.ip,
        user_agent=signing.user_agent[:300],
        signed_at=clock.now(),
    )


def _convert(quote: Quote, actor) -> None:
    try:
        with transaction.atomic():
            convert_quote(quote, actor=actor)
    except AppError as refusal:
        # Nothing of the try is left: the savepoint took it back, and locks are taken anew.
        quote = lock(Quote.objects.get(pk=quote.pk))
        quote.trouble = str(refusal.message)[:500]
        quote.save(update_fields=["trouble"])
        audit(actor, "billing.quote_not_invoiced", quote, reason=quote.trouble)
