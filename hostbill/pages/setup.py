"""The first page of an empty installation: the company and its first staff login."""

from zoneinfo import available_timezones

from babel.numbers import is_currency
from django import forms
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from django_countries.fields import CountryField

from clients.actions.user import create_staff
from clients.models import StaffRole, User
from hostbill.core import options
from hostbill.core.access import SYSTEM
from hostbill.core.errors import AppError

#: Advisory lock: two people who send the form at once make one owner.
SETUP_LOCK = 7_290_001
LOGIN_BACKEND = "django.contrib.auth.backends.ModelBackend"


def is_fresh() -> bool:
    """Nobody works here yet."""
    return not User.objects.filter(is_staff=True).exists()


class SetupForm(forms.Form):
    """Everything else has a default and can wait."""

    company = forms.CharField(label=_("Company"), max_length=120)
    country = CountryField().formfield(label=_("Country"), initial="DE")
    currency = forms.RegexField(
        r"^[A-Z]{3}$",
        label=_("Currency"),
        initial="EUR",
        help_text=_("Three letters, such as EUR."),
        error_messages={"invalid": _("Three capital letters, such as EUR.")},
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        initial="Europe/Berlin",
        help_text=_("Billing days begin and end here."),
    )
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("Your e-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        help_text=_("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )

    def clean_currency(self):
        """Three letters that some country pays with."""
        if not is_currency(self.cleaned_data["currency"]):
            raise ValidationError(_("Not a currency, such as EUR."))
        return self.cleaned_data["currency"]


class SetupView(FormView):
    """Only while nobody works here; afterwards the page does not exist."""

    form_class = SetupForm
    template_name = "pages/setup.html"
    #: The frame names no company and links no pages that nobody has written yet.
    extra_context = {"page_title": _("Set up your hosting company"), "company_name": "HostBill", "company_line": "", "footer_links": []}

    def dispatch(self, request, *args, **kwargs):
        if not is_fresh():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        try:
            user = self._create(form.cleaned_data)
        except AppError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
            return self.form_invalid(form)
        except ValidationError as problem:
            form.add_error(None, problem)
            return self.form_invalid(form)
        login(self.request, user, backend=LOGIN_BACKEND)
        return redirect("staff_home")

    @transaction.atomic
    def _create(self, values):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SETUP_LOCK])
        if not is_fresh():
            raise AppError(gettext("Somebody has just set it up. Please sign in."), code="already_set_up")
        for key, value in (
            ("company.name", values["company"]),
            ("company.country", values["country"]),
            ("company.currency", values["currency"]),
            ("company.time_zone", values["time_zone"]),
            ("company.email", values["email"]),
        ):
            options.set_option(options.find(key), value, SYSTEM)
        owner = list(StaffRole.objects.filter(code="owner"))
        return create_staff(
            values["email"],
            actor=SYSTEM,
            roles=owner,
            password=values["password"],
            name=values["name"],
            language=get_language(),
        )


urls = [path("setup/", SetupView.as_view(), name="setup")]
