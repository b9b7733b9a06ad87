"""Changes of subscriptions by API: what it would cost, and doing it."""

from django.utils.translation import gettext_lazy as _

from billing.actions.change import preview_change
from billing.forms.change import ChangeForm
from billing.views.change import near
from billing.views.portal.subscription import SubscriptionChangeView as ClientChange
from billing.views.staff.change import SubscriptionChangeView as StaffChange
from hostbill.core.api.fields import money
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from hostbill.core.ui.fields import MoneyField

_MONEY = {"$ref": "#/components/schemas/Money"}
COST = {
    "type": "object",
    "properties": dict.fromkeys(("total", "due", "credit", "next_total"), _MONEY),
    "required": ["total", "due", "credit", "next_total"],
}


class ChangeBody(ChangeForm):
    """What is wanted; what is not sent stays as it is."""

    expected = MoneyField(
        label=_("Expected"), required=False, max_digits=14, decimal_places=4,
        help_text=_("The total that the preview told; another one is refused."),
    )  # fmt: skip

    def __init__(self, data=None, *args, subscription, **kwargs):
        super().__init__(data, *args, subscription=subscription, **kwargs)
        self.fields["expected"].currency = subscription.currency

    def clean(self):
        """With `wish` as the actions take it."""
        data = super().clean()
        if not self.errors:
            expected = data.get("expected")
            data |= {"wish": self.wish, "expected": None if expected is None else Money(expected, self.subscription.currency)}
        return data


class _ByApi:
    """Refusals stand beside the field that is meant."""

    form_class = ChangeBody

    def act(self, values):
        """The act of the page."""
        try:
            return self.do(values)
        except AppError as error:
            raise near(error, self.form_class.base_fields) from None


class StaffChangeByApi(_ByApi, StaffChange):
    """By staff."""

    def do(self, values):
        """Do it."""
        return StaffChange.act(self, values)


class ClientChangeByApi(_ByApi, ClientChange):
    """By the client."""

    def do(self, values):
        """Do it."""
        return ClientChange.act(self, values)


class _Preview:
    """What it would cost; nothing is stored."""

    title = _("What a change would cost")
    api_result = COST
    changes_nothing = True

    def do(self, values):
        """As the page shows it: due now or given back, and the renewal."""
        seen = preview_change(self.obj, values["wish"], when=values["when"], for_staff=self.for_staff)
        return {"total": money(seen.now.total), "due": money(seen.due), "credit": money(seen.credit),
                "next_total": money(seen.next.total)}  # fmt: skip


class StaffChangePreview(_Preview, StaffChangeByApi):
    """For staff."""


class ClientChangePreview(_Preview, ClientChangeByApi):
    """For the client."""
