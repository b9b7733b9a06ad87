"""Forms of client accounts."""

import uuid

from babel import Locale
from babel.numbers import is_currency
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clients.actions.client import CLIENT_FIELDS
from clients.models import Client, EInvoiceWish
from clients.options import VISIT_NEEDS_REASON
from hostbill.core.options import COMPANY_CURRENCY


class ClientForm(forms.ModelForm):
    """Name, address, tax number, language. Validates only; an action saves."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = Client
        fields = CLIENT_FIELDS
        widgets = {
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        }
        help_texts = {
            "email": _("Invoices and notices go here."),
            "native_name": _("As written in your own letters, for example তানভীর হোসেন."),
            "tax_id": _("VAT, GST or BIN number, if you have one."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["einvoice"].choices = [("", _("As usual")), *EInvoiceWish.choices]

    def clean(self):
        """A company or a person."""
        data = super().clean()
        if not any(data.get(name) for name in ("company", "first_name", "last_name")):
            self.add_error("last_name", _("Please give a company or a name."))
        return data


class NewClientForm(ClientForm):
    """What staff enter for a new account; the currency is final."""

    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Cannot be changed later."))

    class Meta(ClientForm.Meta):
        fields = [*CLIENT_FIELDS, "currency"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = COMPANY_CURRENCY.value

    def clean_currency(self):
        """A code that exists."""
        code = self.cleaned_data["currency"].strip().upper()
        if not is_currency(code, Locale("en")):
            raise forms.ValidationError(_("There is no such currency. Use its code, as EUR."))
        return code


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept in the log."))


class VisitForm(forms.Form):
    """Why somebody looks in a client's place; asked for as far as the option says."""

    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept in the log, with both names."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = VISIT_NEEDS_REASON.value


class LetterForm(forms.Form):
    """A mail by hand. The key makes the form sent twice one mail."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(label=_("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_key(self):
        """As text."""
        return str(self.cleaned_data["key"])


class StickyNoteForm(forms.Form):
    """The note on top of the client's page."""

    body = forms.CharField(
        label=_("Sticky note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only staff see it. An empty note is removed."),
    )


class SwitchForm(forms.Form):
    """Which of one's accounts to look at."""

    client = forms.IntegerField(min_value=1, max_value=2**62)
