"""Metered use by API: metrics with their prices, and many events at once, each known by its id."""

from itertools import groupby

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.actions.metric import save_metric
from billing.actions.usage import UsageEvent, record_usage
from billing.forms.metric import TermsForm, tiers_of
from billing.models import Metric, Subscription, UsageRecord
from billing.queries.usage import Counted, changes_of_product, product_on, running_use
from billing.views.staff.metric import EDIT
from billing.views.staff.usage import RECORD
from hostbill.core import clock
from hostbill.core.api.addresses import WHOLE, shaped
from hostbill.core.api.inputs import RowsField
from hostbill.core.api.rows import RowsForm
from hostbill.core.crud import StaffEditView


class TierBody(forms.Form):
    """A range: the quantity beyond what is included above which its prices hold."""

    begins = forms.DecimalField(label=_("From"), min_value=0, max_digits=18, decimal_places=4)
    prices = forms.JSONField(label=_("Prices"), help_text=_("Net, of one unit, by currency: {\"EUR\": \"0.05\"}."))

    fixed = forms.JSONField(
        label=_("Amounts of the range"), required=False,
        help_text=_("What the range itself costs in a month that reaches it: {\"EUR\": \"2\"}."),
    )  # fmt: skip

    def clean_prices(self):
        """{currency: amount}."""
        return _amounts(self.cleaned_data["prices"], 8)

    def clean_fixed(self):
        """{currency: amount}, perhaps of none."""
        sent = self.cleaned_data["fixed"]
        return _amounts(sent, 4) if sent else {}

    def clean(self):
        """`prices` is what `tiers_of` takes."""
        data = super().clean()
        if "prices" in data and "fixed" in data:
            if set(data["fixed"]) - set(data["prices"]):
                raise forms.ValidationError({"fixed": _now("An amount needs a price in its currency, if only 0.")})
            data["prices"] = [(currency, amount, data["fixed"].get(currency, "0")) for currency, amount in data["prices"].items()]
        return data


def _amounts(sent, decimals: int) -> dict[str, str]:
    """{currency: amount} of what was sent as an object of texts. ValidationError."""
    price = forms.DecimalField(min_value=0, max_digits=10 + decimals, decimal_places=decimals)
    if not isinstance(sent, dict) or not sent:
        raise forms.ValidationError(_now("Send an object."))
    return {currency: str(price.clean(amount if isinstance(amount, str) else "")) for currency, amount in sent.items()}


class MetricBody(RowsForm, TermsForm):
    """A metric with its prices: those that are sent are all of it."""

    tiers = RowsField(TierBody, label=_("Prices"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["product"].disabled = False
        rows = self.terms.tiers if self.terms else []
        self.initial["tiers"] = [_told_tier(row) for row in rows]

    def clean_product(self):
        """A metric stays its product's."""
        product = self.cleaned_data["product"]
        if self.terms and product.pk != self.terms.metric.product_id:
            raise forms.ValidationError(_now("A metric stays its product's."))
        return product

    def clean(self):
        """`found` is what the action takes."""
        data = super().clean() or self.cleaned_data
        rows = [row.cleaned_data for row in self.clean_rows("tiers", TierBody)]
        if all("prices" in row and "begins" in row for row in rows):
            try:
                data["found"] = tiers_of([(str(row["begins"]), row["prices"]) for row in rows])
            except forms.ValidationError as error:
                self.add_error("tiers", error)
        return data


class MetricByApi(StaffEditView):
    """Make or change one."""

    model, permission, form_class = Metric, EDIT, MetricBody

    def get_queryset(self):
        """All; the permission guards them."""
        return Metric.objects.select_related("product").prefetch_related("terms")

    def make_form(self, data=None, files=None):
        """Kept: its row has what was sent, and the action stores it."""
        self.form = super().make_form(data, files)
        return self.form

    def act(self, values):
        """All or nothing."""
        terms = {"included": values["included"], "model": values["model"], "tiers": values["found"]}
        return save_metric(self.form.instance, **terms, actor=self.request.actor)


class Metered:
    """What was metered of a subscription on a day; each is asked for once."""

    def __init__(self):
        self.changes, self.metrics = {}, {}

    def metric(self, subscription: Subscription, key: str, day) -> Metric | None:
        """That of the product that it was on the day, by its key."""
        if subscription.pk not in self.changes:
            self.changes[subscription.pk] = changes_of_product(subscription)
        place = product_on(self.changes[subscription.pk], subscription, day), key
        if place not in self.metrics:
            self.metrics[place] = Metric.objects.filter(product_id=place[0], key=key).first()
        return self.metrics[place]


class EventBody(forms.Form):
    """One event. The same id of the same subscription is the same event, however often it is sent."""

    metered: Metered

    subscription = forms.ModelChoiceField(Subscription.objects.none(), label=_("Subscription"))
    metric = forms.CharField(label=_("Metric"), max_length=40, help_text=_("Its key, such as traffic_gb."))
    event_id = forms.CharField(label=_("Event"), max_length=100)
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=18, decimal_places=4)
    occurred_at = forms.DateTimeField(label=_("When"), help_text=_("With its zone, such as 2027-03-31T23:59:00Z."))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False, help_text=_("A correction says why."))

    def clean_occurred_at(self):
        """A day that every zone's calendar has."""
        moment = self.cleaned_data["occurred_at"]
        if not 2000 <= moment.year < 9999:
            raise forms.ValidationError(_now("Choose a day that has been."))
        return moment

    def clean(self):
        """`event` is what the action takes."""
        data = super().clean()
        if self.errors:
            return data
        day = data["occurred_at"].astimezone(clock.seller_zone()).date()
        metric = self.metered.metric(data["subscription"], data["metric"], day)
        if metric is None:
            self.add_error("metric", _now("Its product has no such metric."))
            return data
        data["event"] = UsageEvent(data["event_id"], metric, data["quantity"], data["occurred_at"], data["reason"])
        return data


class UsageBody(RowsForm):
    """Up to a thousand events, of one subscription or of several; all of them or none."""

    events = RowsField(EventBody, label=_("Events"))

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = Subscription.objects.visible_to(actor).select_related("account")
        self.metered = Metered()

    def make_row(self, data=None, files=None):
        """One, of what the sender may see."""
        form = EventBody(data)
        form.fields["subscription"].queryset, form.metered = self.seen, self.metered
        return form

    def clean(self):
        """`rows` is [(subscription, event)]."""
        data = super().clean() or self.cleaned_data
        found = [row.cleaned_data for row in self.clean_rows("events", self.make_row)]
        data["rows"] = [(row["subscription"], row["event"]) for row in found if "event" in row]
        return data


class UsageRecordByApi(StaffEditView):
    """Record events."""

    model, permission, title, form_class = UsageRecord, RECORD, _("Record use"), UsageBody
    api_answer = shaped(recorded=WHOLE, known=WHOLE)

    def form_options(self):
        """What the sender may see."""
        return {"actor": self.request.actor}

    def act(self, values):
        """All or none, in the order of accounts."""
        recorded = known = 0
        rows = sorted(values["rows"], key=lambda row: (row[0].account_id, row[0].pk))
        with transaction.atomic():
            for _pk, group in groupby(rows, key=lambda row: row[0].pk):
                group = list(group)
                done = record_usage(group[0][0], [event for _subscription, event in group], actor=self.request.actor)
                recorded, known = recorded + len(done.rows), known + done.known
        return {"recorded": recorded, "known": known}


def told_terms(metric: Metric) -> list[dict]:
    """What it costs from which day on, the oldest first."""
    return [
        {"valid_from": terms.valid_from.isoformat(), "included": f"{terms.included.normalize():f}", "model": terms.model,
         "tiers": [_told_tier(tier) for tier in terms.tiers]}
        for terms in metric.terms.all()
    ]  # fmt: skip


def _told_tier(tier: dict) -> dict:
    return {"begins": tier["from"], "prices": tier["prices"], "fixed": tier.get("fixed", {})}


def told_use(subscription: Subscription) -> list[dict]:
    """The month that is open, metric by metric."""
    return [_told(month) for month in running_use(subscription)]


def _told(month: Counted) -> dict:
    return {
        "metric": month.metric.key,
        "unit": month.metric.unit,
        "starts_on": month.days.start.isoformat(),
        "ends_on": month.days.end.isoformat(),
        "quantity": f"{month.quantity.normalize():f}",
        "included": f"{month.terms.included.normalize():f}",
        "net": {"amount": str(month.amount.amount), "currency": month.currency},
    }
