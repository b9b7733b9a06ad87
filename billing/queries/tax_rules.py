"""What decides about tax, read from the database once: rates, options, the limit for sales to other EU states, clients."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, ExpressionWrapper, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, ExtractYear

from billing.models import CreditNote, ExchangeRate, Invoice, TaxProfile, TaxRate, TaxYear
from billing.options import OSS, OSS_ELSEWHERE, OSS_LIMIT, TAX_SCHEME, VAT_ID_DAYS
from billing.queries.tax import EU_CONSUMER, Buyer, TaxRules, TaxTreatment
from billing.queries.vat_area import STATES, tax_country
from billing.queries.vat_id import clean_vat_id, country_of
from hostbill.core import clock, options
from hostbill.core.compiled import Compiled

# Every page with a price asks these.
_RATES = Compiled(lambda on: TaxRate.objects.filter(valid_from__lte=on), on=date)
_PASSED = Compiled(
    lambda on, year, before: TaxYear.objects.filter(year__in=[year, before], passed_on__lte=on)[:1], on=date, year=int, before=int
)
_TAKEN_BACK = Subquery(
    CreditNote.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice").annotate(net=Sum("net_amount")).values("net")
)
_LEFT = ExpressionWrapper(F("net_amount") - Coalesce(_TAKEN_BACK, Decimal(0), output_field=DecimalField()), output_field=DecimalField())
_SOLD = Compiled(
    lambda first, last: Invoice.objects.filter(tax_supply=EU_CONSUMER, issued_on__gte=first, issued_on__lte=last)
    .exclude(state__in=["draft", "cancelled"])
    .annotate(year=ExtractYear("issued_on"), left=_LEFT)
    .values("year", "currency")
    .annotate(net=Sum("left")),
    first=date,
    last=date,
)
_PROFILE = Compiled(lambda client: TaxProfile.objects.filter(client_id=client).order_by("pk")[:1], client=int)
_NEWEST = Compiled(lambda: ExchangeRate.objects.filter(base="EUR").order_by("currency", "-on").distinct("currency"))


def load_rules(on: date | None = None, *, seller: str = "", buyer: Buyer | None = None) -> TaxRules:
    """The rules of a day (default: today) for a seller's country (default: the company's). ``buyer``: the only one they are asked
    for; the limit for sales to other EU states is then looked at only where it concerns them."""
    on, seller = on or clock.today(), seller or options.COMPANY_COUNTRY.value
    scheme = scheme_of(seller)
    euros = {}
    is_limited = scheme == "eu" and (buyer is None or TaxRules(seller, scheme).supply(buyer)[0] == EU_CONSUMER)
    at_destination, room = _destination(on, euros) if is_limited else (False, None)
    rates = tuple(_RATES(on=on))
    return TaxRules(seller, scheme, rates, at_destination=at_destination, room=room, euros=euros)


def scheme_of(seller: str) -> str:
    """"eu" or "uk" as the option says or, left to itself, as the seller's country does."""
    chosen = TAX_SCHEME.value
    if chosen != "auto":
        return "" if chosen == "rates" else chosen
    country = tax_country(seller)
    return "eu" if country in STATES else "uk" if country == "GB" else ""


def count_again(rules: TaxRules) -> TaxRules:
    """The same with what was sold to consumers of other EU states meanwhile."""
    at_destination, room = _destination(clock.today(), euros := dict(rules.euros))
    return replace(rules, at_destination=at_destination, room=room, euros=euros, _found={})


def _destination(on: date, euros: dict) -> tuple[bool, Decimal | None]:
    """Whether consumers of other EU states pay their own country's VAT, and what may still be sold to them otherwise. `euros` is
    filled with the rates that the latter counts by, unless it is already."""
    if OSS.value != "limit":
        return OSS.value == "always", None
    if _PASSED(on=on, year=on.year, before=on.year - 1):
        return True, None
    euros.update({} if euros else euro_rates())
    sold = eu_turnover(on.year, euros)
    room = OSS_LIMIT.value - max(sold.get(on.year, Decimal(0)), Decimal(0))
    if sold.get(on.year - 1, Decimal(0)) > OSS_LIMIT.value or room < 0:
        return True, None
    return False, room


def eu_turnover(year: int, euros: dict | None = None) -> dict[int, Decimal]:
    """Net in euros sold to consumers of other EU states in the year and the one before, with what was sold elsewhere. What a
    credit note takes back lowers the year of the invoice. At the newest rate known (`euros` where they were read before); a currency
    without one counts as euros."""
    found = {year: OSS_ELSEWHERE.value, year - 1: Decimal(0)}
    euros = euro_rates() if euros is None else euros
    for row in _SOLD(first=date(year - 1, 1, 1), last=date(year, 12, 31)):
        found[row["year"]] += row["net"] * euros.get(row["currency"], Decimal(1))
    return found


def euro_rates() -> dict[str, Decimal]:
    """{currency: euros for one unit}, from the newest published rates."""
    return {"EUR": Decimal(1), **{row.currency: 1 / row.rate for row in _NEWEST()}}


def buyer_of(client, on: date | None = None, profile: TaxProfile | None = None) -> Buyer:
    """What counts of a client. Its `tax_profile` is read where neither given nor read before."""
    on = on or clock.today()
    profile = profile or profile_of(client)
    return Buyer(
        country=str(client.country or ""),
        state=client.state,
        postcode=client.postcode,
        is_business=bool(profile and counts_as_business(client, profile)),
        exempt_reason=_exemption(profile, on),
    )


def profile_of(client) -> TaxProfile | None:
    """The client's tax status, if it has one."""
    if not client.pk:
        return None
    known = TaxProfile._meta.get_field("client").remote_field
    if not known.is_cached(client):
        remember_profile(client, _PROFILE.first(client=client.pk))
    return known.get_cached_value(client)


def remember_profile(client, profile: TaxProfile | None) -> None:
    """What was read of the client's tax status, also that there is none, need not be read again."""
    TaxProfile._meta.get_field("client").remote_field.set_cached_value(client, profile)


def counts_as_business(client, profile: TaxProfile) -> bool:
    """The number now on the account was found valid, not too long ago. A failure to ask again leaves an answer standing for
    as long as the option says."""
    if not client.tax_id or profile.tax_id != clean_vat_id(client.tax_id, str(client.country or "")):
        return False
    if country_of(profile.tax_id) != tax_country(str(client.country or "")):
        return False
    if profile.state not in ("valid", "waiting", "unanswered") or profile.valid_at is None:
        return False
    return (clock.now() - profile.valid_at).days <= VAT_ID_DAYS.value


def proof_of(client) -> dict:
    """What a reverse charge rests on: the number, when it was confirmed, and the id of the office's answer."""
    profile = profile_of(client)
    if profile is None or profile.valid_at is None:
        return {}
    return {"tax_id": profile.tax_id, "confirmed_at": profile.valid_at.isoformat(), "request_id": profile.proof}


def _exemption(profile: TaxProfile | None, on: date) -> str:
    if profile is None or not profile.is_exempt or (profile.exempt_until and profile.exempt_until < on):
        return ""
    return profile.exempt_reason


def treatment(seller: str, client, tax_class: str, on: date, rules: TaxRules | None = None) -> TaxTreatment:
    """How a sale to a client is taxed, in the language in force. `seller`: its country. Whoever has many gives the rules."""
    rules = rules or load_rules(on, seller=seller)
    return rules.treatment(buyer_of(client, on), tax_class, on)
