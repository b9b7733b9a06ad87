"""What a VAT number means for what somebody pays, said clearly: at checkout, in the client area, in the console."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from billing.models import TaxIdCheck, TaxProfile
from billing.options import HMRC_CLIENT_ID, VAT_CHECK_DOWN
from billing.queries.tax import EU_BUSINESS, Buyer
from billing.queries.tax_rules import load_rules, profile_of, scheme_of
from billing.queries.vat_area import STATES, tax_country
from billing.queries.vat_id import ASKED_AT_HMRC, ASKED_AT_VIES, clean_vat_id, country_of, is_well_formed, prefix_of
from hostbill.core import clock, options

State = TaxProfile.State
#: An answer that a visitor got at checkout counts for the order this long.
FRESH = timedelta(days=1)


@dataclass(frozen=True)
class VatStatus:
    """`state` as in TaxProfile. `moves`: an answer is on its way. `is_cross_border`: a confirmed number means no VAT."""

    state: str
    country: str
    moves: bool = False
    is_silent: bool = False
    is_cross_border: bool = False

    @property
    def tone(self) -> str:
        """Of the band that tells it."""
        if self.is_silent:
            return "warn"
        return {State.WAITING: "info", State.VALID: "ok", State.UNANSWERED: "warn"}.get(self.state, "bad")

    @property
    def title(self) -> str:
        """In a few words; empty where nothing is to be said."""
        if self.is_silent or self.state == State.UNANSWERED:
            return _("The VAT office does not answer at the moment")
        return {
            State.WAITING: _("Your VAT number is being checked"),
            State.VALID: _("Your VAT number is confirmed"),
            State.INVALID: _("This VAT number is not valid"),
            State.MALFORMED: _("This is not written like a VAT number"),
            State.FOREIGN: _("This VAT number belongs to another country than your address"),
        }.get(self.state, "")

    @property
    def text(self) -> str:
        """What follows from it."""
        if self.is_silent or self.state == State.UNANSWERED:
            if VAT_CHECK_DOWN.value == "hold" and self.is_cross_border:
                return _("You can order: the invoice comes as soon as there is an answer.")
            return _("You can order: we go on asking, and charge VAT until there is an answer.")
        if self.state == State.VALID:
            yes, no = _("No VAT is charged: you account for it yourself (reverse charge)."), _("VAT is charged as usual at home.")
            return yes if self.is_cross_border else no
        return {
            State.WAITING: _("This takes a few seconds. The sum follows by itself."),
            State.INVALID: _("The VAT office does not know it, so VAT is charged. Please look for a typing error."),
            State.MALFORMED: _("VAT is charged. Numbers of your country begin with %(letters)s.") % {"letters": prefix_of(self.country)},
            State.FOREIGN: _("VAT is charged. Please check the number and the country."),
        }.get(self.state, "")


def form_of(tax_id: str, country: str) -> str:
    """What can be said of a number without asking: a `TaxProfile.State`. WAITING: an office can be asked."""
    number = clean_vat_id(tax_id, country)
    if not number:
        return State.NONE
    scheme = scheme_of(options.COMPANY_COUNTRY.value)
    if scheme == "uk" and tax_country(country) == "GB" and HMRC_CLIENT_ID.value:
        return State.WAITING if ASKED_AT_HMRC.fullmatch(number) else State.MALFORMED
    if scheme != "eu" or tax_country(country) not in STATES:
        return State.UNCHECKED
    if not is_well_formed(number) or number[:2] not in ASKED_AT_VIES:
        return State.MALFORMED
    return State.WAITING if country_of(number) == tax_country(country) else State.FOREIGN


def newly_refused(client) -> TaxIdCheck | None:
    """The answer that the number on the account of somebody who has ordered is not valid; None where it is not so, or was
    told already: by the answer before about the same number."""
    profile = profile_of(client)
    if profile is None or profile.state != State.INVALID or not client.orders.exists():
        return None
    answers = client.tax_id_checks.filter(tax_id=profile.tax_id, state__in=[State.VALID, State.INVALID]).order_by("-pk")[:2]
    newest, before = (*answers, None, None)[:2]
    return newest if newest and (before is None or before.state == State.VALID) else None


def visitors_check(tax_id: str) -> TaxIdCheck | None:
    """What a visitor asked lately about a cleaned number."""
    return TaxIdCheck.objects.filter(tax_id=tax_id, client=None, created_at__gte=clock.now() - FRESH).first()


def visitor(country: str, *, postcode: str = "", state: str = "", tax_id: str = "") -> tuple[Buyer, VatStatus]:
    """Somebody without an account: what counts for tax, and what to say of the number typed."""
    found, check = form_of(tax_id, country), None
    if found == State.WAITING and (check := visitors_check(clean_vat_id(tax_id, country))):
        found = check.state
    buyer = Buyer(country, state[:100], postcode[:20], is_business=found == State.VALID)
    return buyer, _status(found, buyer, check)


def status_of(client) -> VatStatus:
    """Of the number on a client's account."""
    profile, country = profile_of(client), str(client.country or "")
    found = form_of(client.tax_id, country)
    if profile and found == State.WAITING and profile.tax_id == clean_vat_id(client.tax_id, country):
        found = profile.state
    check = client.tax_id_checks.first() if found == State.WAITING else None
    return _status(found, Buyer(country, client.state, client.postcode), check)


def _status(state: str, buyer: Buyer, check: TaxIdCheck | None) -> VatStatus:
    waits = state == State.WAITING and check is not None
    return VatStatus(
        state,
        buyer.country,
        moves=waits,
        is_silent=bool(waits and check.error),
        is_cross_border=load_rules().supply(buyer.confirmed())[0] == EU_BUSINESS if state else False,
    )
