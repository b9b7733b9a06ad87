"""Use cases of metrics: what of a product is metered, at which prices, from when to when."""

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.models import ALWAYS, Metric, MetricTerms
from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError


def save_metric(metric: Metric, *, included: Decimal, model: str, tiers: list[dict], actor) -> Metric:
    """Store a new or changed metric with its prices (`MetricTerms.tiers`). Changed terms hold for months that begin today or later once
    something was recorded, before that for all. AppError: "taken", "kind" when it was used and is to be counted in another way, or
    cannot be counted so."""
    _check_tiers(tiers)
    _check_source(metric)
    with transaction.atomic():
        is_new = metric.pk is None
        if not is_new and metric.records.exists() and Metric.objects.get(pk=metric.pk).kind != metric.kind:
            raise AppError(_("It has been used, so it is counted as before. End it and make a new one."), code="kind", field="kind")
        try:
            with transaction.atomic():
                metric.save()
        except IntegrityError:
            raise AppError(_("This product has a metric with this key already."), code="taken", field="key") from None
        audit(actor, "billing.metric_created" if is_new else "billing.metric_changed", metric)
        _save_terms(metric, {"included": included, "model": model, "tiers": tiers}, actor)
    return metric


def _save_terms(metric: Metric, values: dict, actor) -> None:
    standing = metric.terms.filter(valid_from__lte=clock.today()).order_by("-valid_from").first()
    if standing and all(getattr(standing, name) == value for name, value in values.items()):
        return
    day = clock.today() if metric.records.exists() else ALWAYS
    terms = MetricTerms.objects.filter(metric=metric, valid_from=day).first() or MetricTerms(metric=metric, valid_from=day)
    for name, value in values.items():
        setattr(terms, name, value)
    terms.save()
    if day == ALWAYS:
        metric.terms.exclude(pk=terms.pk).delete()
    before = (standing.included, standing.model, standing.tiers) if standing else (None, None, None)
    changes = {name: [old, new] for (name, new), old in zip(values.items(), before, strict=True)}
    audit(actor, "billing.metric_priced", metric, reason=f"{day}", changes=changes)


def _check_tiers(tiers: list[dict]) -> None:
    """The ranges begin at 0 and rise; a currency has a price in each of them or in none."""
    begins = [Decimal(tier["from"]) for tier in tiers]
    if begins and (begins[0] != 0 or any(later <= before for before, later in zip(begins, begins[1:], strict=False))):
        raise AppError(_("The ranges begin at 0, and each begins later than the one before."), code="tiers", field="tiers")
    if any(set(tier["prices"]) != set(tiers[0]["prices"]) for tier in tiers):
        raise AppError(_("A currency needs a price in each range."), code="tiers", field="tiers")
    if any(set(tier.get("fixed", {})) - set(tier["prices"]) for tier in tiers):
        raise AppError(_("An amount needs a price in its currency, if only 0."), code="tiers", field="tiers")


def _check_source(metric: Metric) -> None:
    if why := Metric.cannot_count(metric.source, metric.kind):
        raise AppError(why, code="kind", field="kind")


def end_metric(metric: Metric, *, actor) -> Metric:
    """Nothing more is metered from today on; what was used is charged when its month is over. AppError "ended"."""
    with transaction.atomic():
        metric = Metric.objects.select_for_update().get(pk=metric.pk)
        if metric.ended_on:
            raise AppError(_("It has ended already."), code="ended")
        metric.ended_on = clock.today()
        metric.save(update_fields=["ended_on"])
        audit(actor, "billing.metric_ended", metric)
    return metric
