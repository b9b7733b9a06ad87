"""Use cases of VAT numbers: what is known of a client's number, asking about it, and what the answer changes."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from billing.events import VatNumberAnswered
from billing.models import Subscription, TaxIdCheck, TaxProfile
from billing.options import RENEWAL_DAYS_BEFORE, VAT_RECHECK_DAYS
from billing.queries.tax_rules import remember_profile
from billing.queries.vat_id import clean_vat_id, is_well_formed
from billing.queries.vat_status import form_of, visitors_check
from billing.vat_checkers.base import VatAnswer
from clients.actions.client import may_edit_account
from hostbill.core import clock, options, outgoing
from hostbill.core.access import SYSTEM, require
from hostbill.core.audit import audit
from hostbill.core.compiled import Compiled
from hostbill.core.errors import AppError
from hostbill.core.events import emit
from hostbill.core.locks import joined

State = TaxProfile.State
LANE = "vat_checker"
_LOCKED = Compiled(lambda client: TaxProfile.objects.select_for_update().filter(client_id=client).order_by("pk")[:1], client=int)


def note_tax_id(client, *, actor) -> TaxProfile | None:
    """Make the client's tax status speak of the number on the account now; a new one is asked about at once, unless it was
    confirmed a moment ago at checkout. None where there is neither number nor status."""
    country = str(client.country or "")
    number, state = clean_vat_id(client.tax_id, country), form_of(client.tax_id, country)
    with joined():
        profile = _profile(client, make=bool(number))
        remember_profile(client, profile)
        if profile is None or (profile.tax_id == number and _still_holds(profile, state)):
            return profile
        profile.tax_id, profile.state = number, state
        profile.checked_at = profile.valid_at = None
        profile.proof = ""
        profile.save()
        audit(actor, "billing.vat_number_noted", profile)
        if state == State.WAITING:
            _adopt_or_ask(profile)
    return profile


def _still_holds(profile: TaxProfile, state: str) -> bool:
    """Whether what can be said without asking is as it was; answers stand."""
    asked = (State.WAITING, State.VALID, State.INVALID, State.UNANSWERED)
    return profile.state in asked if state == State.WAITING else profile.state == state


def _profile(client, *, make: bool) -> TaxProfile | None:
    if make:
        TaxProfile.objects.get_or_create(client=client)
    return _LOCKED.first(client=client.pk)


def _adopt_or_ask(profile: TaxProfile) -> None:
    recent = visitors_check(profile.tax_id)
    if recent is None:
        ask_about(profile.tax_id, client=profile.client)
        return
    if recent.answered_at is None:
        TaxIdCheck.objects.filter(pk=recent.pk, answered_at=None).update(client=profile.client)
        recent.refresh_from_db()
    if recent.answered_at is not None:
        _take_over(profile, recent)


def ask_about(tax_id: str, *, client=None) -> TaxIdCheck:
    """A question to the office, sent by a worker. `tax_id` is cleaned and well-formed."""
    requester = clean_vat_id(options.COMPANY_TAX_ID.value, options.COMPANY_COUNTRY.value)
    check = TaxIdCheck.objects.create(
        client=client, tax_id=tax_id, requester=requester if is_well_formed(requester) else ""
    )
    outgoing.queue("billing.vat_check", check.pk, key=f"vat-check:{check.pk}", lane=LANE)
    return check


def ask_for_visitor(tax_id: str, country: str) -> TaxIdCheck | None:
    """The question of somebody who is about to order; the same number is asked about once. None when there is nothing to ask:
    `form_of` says why."""
    if form_of(tax_id, country) != State.WAITING:
        return None
    number = clean_vat_id(tax_id, country)
    return visitors_check(number) or ask_about(number)


def recheck(client, *, actor) -> TaxIdCheck:
    """Ask again. What is known counts until the answer. AppError "nothing_to_ask", "being_asked"."""
    may_edit_account(actor, client)
    with transaction.atomic():
        profile = _profile(client, make=True)
        if form_of(client.tax_id, str(client.country or "")) != State.WAITING:
            raise AppError(_("There is no VAT number on the account that an office could be asked about."), code="nothing_to_ask")
        if TaxIdCheck.objects.filter(client=client, state=TaxIdCheck.State.WAITING).exists():
            raise AppError(_("The question is under way."), code="being_asked")
        number = clean_vat_id(client.tax_id, str(client.country or ""))
        if profile.tax_id != number:
            profile.tax_id, profile.valid_at, profile.proof = number, None, ""
        profile.state = State.WAITING
        profile.save()
        audit(actor, "billing.vat_number_asked", profile)
        return ask_about(number, client=client)


def note_silence(check: TaxIdCheck, words: str) -> None:
    """The office did not answer yet; it is asked again. Shown to whoever waits."""
    TaxIdCheck.objects.filter(pk=check.pk, answered_at=None).update(error=words[:300], updated_at=clock.now())


def settle_check(check: TaxIdCheck, answer: VatAnswer | None, error: str = "") -> None:
    """Store the answer (None: nobody answered, `error` says why) and what it means for the client."""
    kinds = TaxIdCheck.State
    with transaction.atomic():
        check.state = kinds.UNANSWERED if answer is None else kinds.VALID if answer.is_valid else kinds.INVALID
        check.answered_at, check.error = clock.now(), error[:300]
        if answer is not None:
            check.request_id, check.answer = answer.request_id[:80], answer.plain
        check.save()
        profile = _profile(check.client, make=False) if check.client else None
        if profile and profile.tax_id == check.tax_id:
            _take_over(profile, check)
            emit(VatNumberAnswered(check.client_id))


def due_for_recheck(today: date):
    """Clients of other EU states with a number, of whom something renews soon and whose answer is old."""
    old = clock.now() - timedelta(days=VAT_RECHECK_DAYS.value)
    soon = Subscription.objects.due_by(today + timedelta(days=RENEWAL_DAYS_BEFORE.value + 2)).values("client_id")
    rows = TaxProfile.objects.filter(state__in=[State.VALID, State.INVALID, State.UNANSWERED], client__in=soon)
    rows = rows.filter(Q(checked_at__lt=old) | Q(checked_at=None) | Q(state=State.UNANSWERED))
    return rows.select_related("client").order_by("pk")


def _take_over(profile: TaxProfile, check: TaxIdCheck) -> None:
    """An answer becomes the client's status. Silence leaves an earlier yes standing, for as long as the option says."""
    profile.state, profile.checked_at = check.state, check.answered_at
    if check.state == TaxIdCheck.State.VALID:
        profile.valid_at, profile.proof = check.answered_at, check.request_id
    elif check.state == TaxIdCheck.State.INVALID:
        profile.valid_at, profile.proof = None, ""
    profile.save()
    audit(SYSTEM, "billing.vat_number_answered", profile)


def set_exemption(client, *, actor, is_exempt: bool, exempt_reason: str = "", exempt_until=None) -> TaxProfile:
    """Charge a client no tax, for a reason that is printed, until a day where given; or charge it again."""
    require(actor, "billing.tax_exempt")
    if is_exempt and not exempt_reason.strip():
        raise AppError(_("Say why: it is printed on documents."), code="no_reason", field="exempt_reason")
    with transaction.atomic():
        profile = _profile(client, make=True)
        profile.is_exempt, profile.exempt_reason = is_exempt, exempt_reason.strip() if is_exempt else ""
        profile.exempt_until = exempt_until if is_exempt else None
        profile.save()
        audit(actor, "billing.tax_exemption_set", profile, reason=exempt_reason)
    return profile
