"""What somebody wants of a running subscription."""

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Subscription
from billing.models.cycle import Cycle
from billing.queries.change_targets import Target, targets
from billing.queries.chosen import asked, chosen_by
from billing.queries.terms import terms_of
from billing.queries.wish import Wish
from hostbill.core.ui.words import money

WHEN = [("now", _("Now: the rest of this period is exchanged")), ("term_end", _("When the paid time is over"))]


class ChangeForm(forms.Form):
    """Plan, cycle, quantity and options, with what is there chosen already. `wish` and `when` after validation."""

    product = forms.TypedChoiceField(label=_("Plan"), coerce=int, widget=forms.RadioSelect)
    cycle = forms.ChoiceField(label=_("How often you pay"))
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=1000)
    when = forms.ChoiceField(label=_("From when?"), choices=WHEN, widget=forms.RadioSelect, initial="now")

    def __init__(self, *args, subscription: Subscription, for_staff: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.subscription, self.for_staff = subscription, for_staff
        self.offered = targets(subscription, for_staff=for_staff)
        self._offer_plans()
        self._offer_quantity()
        self._offer_options()
        if for_staff:
            self._offer_staff()

    def _offer_plans(self) -> None:
        row = self.subscription
        self.fields["product"].choices = [(target.product.pk, _words(target, row.cycle)) for target in self.offered]
        self.fields["product"].initial = row.product_id
        cycles = [cycle for cycle in Cycle.values if any(cycle in target.prices for target in self.offered)]
        if row.cycle not in cycles:
            cycles.append(row.cycle)
        self.fields["cycle"].choices = [(cycle, Cycle(cycle).label) for cycle in cycles]
        self.fields["cycle"].initial = row.cycle

    def _offer_quantity(self) -> None:
        most = max((target.product.max_quantity for target in self.offered), default=1)
        self.fields["quantity"].initial = self.subscription.quantity
        if most <= 1 and self.subscription.quantity == 1:
            del self.fields["quantity"]

    def _offer_options(self) -> None:
        """Those of the plan that is chosen, in its cycle."""
        product_id, cycle = self._chosen("product"), self._chosen("cycle")
        product = next(
            (row.product for row in self.offered if str(row.product.pk) == str(product_id)), self.subscription.product
        )
        known = chosen_by(self.subscription)
        self.asked = asked(
            product, self.subscription.currency, str(cycle) if cycle in Cycle.values else self.subscription.cycle
        )
        for row in self.asked:
            self.fields[row.field] = _option_field(row, known.get(str(row.option.pk)))

    def _chosen(self, name: str):
        return self.data.get(self.add_prefix(name)) if self.is_bound else self.fields[name].initial

    def _offer_staff(self) -> None:
        self.fields["price"] = forms.DecimalField(
            label=_("Price of its own, net"),
            required=False,
            min_value=0,
            max_digits=14,
            decimal_places=4,
            help_text=_(
                "For one piece and period. Empty: the catalogue's, or the present one while plan and cycle stay."
            ),
        )
        self.fields["anchor_day"] = forms.IntegerField(
            label=_("Billing day"),
            required=False,
            min_value=1,
            max_value=31,
            help_text=_("Another day of the month on which periods begin; 31 is the last. Empty: as it is."),
        )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"), required=False, max_length=300, help_text=_("Kept in the history.")
        )

    @property
    def wish(self) -> Wish:
        """As the actions take it."""
        values = self.cleaned_data
        chosen = {str(row.option.pk): values.get(row.field) for row in self.asked} if self.asked else None
        anchor = values.get("anchor_day")
        return Wish(
            product_id=values["product"],
            cycle=values["cycle"],
            quantity=values.get("quantity"),
            chosen=chosen,
            price=values.get("price"),
            anchor_day=anchor if anchor != terms_of(self.subscription).anchor_day else None,
        )


def _words(target: Target, cycle: str) -> str:
    """The plan with what it costs: in the present cycle, else in the first that it has."""
    price = target.prices.get(cycle) or next(iter(target.prices.values()))
    here = _("%(name)s (now)") if target.is_current else "%(name)s"
    return f"{here % {'name': target.product.name}} · {money(price.money)} · {price.get_cycle_display()}"


def _choice_words(offer) -> str:
    """A choice with what it costs; one that costs nothing is only named."""
    return f"{offer.choice.name} · {money(offer.money)}" if offer.money else offer.choice.name


def _option_field(row, known) -> forms.Field:
    """The question about one option."""
    option = row.option
    common = {"label": option.name, "required": False, "help_text": option.hint, "initial": known}
    if option.kind == option.Kind.QUANTITY:
        return forms.IntegerField(min_value=0, max_value=option.max_quantity, **common)
    if option.kind == option.Kind.YES_NO:
        return forms.BooleanField(**common)
    choices = [
        ("", _("None")),
        *((offer.choice.pk, _choice_words(offer)) for offer in row.offers),
    ]
    return forms.ChoiceField(choices=choices, **common)
