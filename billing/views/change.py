"""Asking what a change costs and confirming it: the same steps for staff and clients."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from billing.actions.change import preview_change, request_change
from billing.forms.change import ChangeForm
from hostbill.core.crud.edit import add_error
from hostbill.core.errors import AppError
from hostbill.core.money import Money


class ChangeSteps:
    """Mixed into a verb view of a subscription. POST shows what it costs; POST with `confirm` does it, if the sum is still the
    one that was shown."""

    form_class = ChangeForm
    template_name = "billing/change/change.html"
    for_staff = False
    seen = None

    def form_options(self) -> dict:
        """For whom it is asked."""
        return {"subscription": self.obj, "for_staff": self.for_staff}

    def get_initial(self) -> dict:
        """The form knows what there is; the address may name a plan."""
        return {key: value for key, value in self.request.GET.items() if key in ("product", "cycle", "when")}

    def post(self, request, *args, **kwargs):
        """Show it, or do it."""
        self.current()
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            if "confirm" in request.POST:
                return self.confirm(form)
            self.seen = preview_change(self.obj, form.wish, when=form.cleaned_data["when"], for_staff=self.for_staff)
        except AppError as error:
            add_error(form, near(error, form.fields))
            return self.show(form, status=422)
        return self.show(form)

    def act(self, values):
        """By a program, which says in `expected` what it was shown."""
        return request_change(
            self.obj,
            values["wish"],
            when=values["when"],
            actor=self.request.actor,
            expected=values.get("expected"),
            reason=values.get("reason", ""),
            for_staff=self.for_staff,
        )

    def confirm(self, form):
        """Do what was shown."""
        expected = _amount(self.request.POST.get("expected", ""), self.obj.currency)
        change = request_change(
            self.obj,
            form.wish,
            when=form.cleaned_data["when"],
            actor=self.request.actor,
            expected=expected,
            reason=form.cleaned_data.get("reason", ""),
            for_staff=self.for_staff,
        )
        messages.success(self.request, self.words(change))
        return HttpResponseRedirect(self.after_url(change))

    def words(self, change) -> str:
        """What happens next."""
        if change.state == "done":
            return _("Changed.")
        if change.state == "scheduled":
            return _("It changes when the paid time is over.")
        return _("It changes as soon as the invoice is paid.")

    def more_context(self) -> dict:
        """What was worked out."""
        return {**super().more_context(), "seen": self.seen, "for_staff": self.for_staff}


def near(error: AppError, fields) -> AppError:
    """Beside the field that is meant."""
    field = {"target": "product"}.get(error.field, error.field)
    error.field = field if field in fields else None
    return error


def _amount(text: str, currency: str) -> Money:
    """What was shown; anything else than a figure was not shown by us."""
    try:
        units = int(text)
    except ValueError:
        raise AppError(_("Please look at the price again."), code="price_changed") from None
    return Money.from_minor(units, currency)
