"""Business settings: one screen made from the declared options, with search and the history of each."""

from decimal import Decimal
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from django_countries import countries

from hostbill.core import options
from hostbill.core.access import StaffView
from hostbill.core.models import Change

PERMISSION = "core.setting.edit"
HISTORY = 50
OTHER = gettext_lazy("Other")


def _name(option) -> str:
    """A form field's name: dots would end an attribute."""
    return option.key.replace(".", "__")


def field_of(option) -> forms.Field:
    """The form field of an option; its own clean() does the checking, so that screen and code agree."""
    common = {"label": option.label, "help_text": option.help, "required": False}
    if option.type is bool:
        return forms.BooleanField(**common, initial=option.value)
    if option.type is int:
        widget = forms.NumberInput(attrs={"min": option.min, "max": option.max})
        return forms.CharField(**common, initial=option.value, widget=widget)
    if option.type is Decimal:
        return forms.CharField(**common, initial=option.value, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    if option.choices:
        return forms.ChoiceField(**common, initial=option.value, choices=option.choices)
    if option.type == "time_zone":
        zones = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
        return forms.ChoiceField(**common, initial=option.value, choices=zones)
    if option.type == "country":
        return forms.ChoiceField(**common, initial=option.value, choices=list(countries))
    if option.type == "secret":
        common["help_text"] = option.help or _("Leave empty to keep what is stored.")
        return forms.CharField(**common, widget=forms.PasswordInput(attrs={"autocomplete": "off"}))
    widget = {
        "text": forms.Textarea(attrs={"rows": 3}),
        "email": forms.EmailInput(),
        "colour": forms.TextInput(attrs={"type": "color"}),
    }
    return forms.CharField(
        **common, initial=option.value, widget=widget.get(option.type, forms.TextInput()), strip=True
    )


class SettingsForm(forms.Form):
    """The options of one group, or those that a search found."""

    def __init__(self, chosen, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.chosen = chosen
        for option in chosen:
            self.fields[_name(option)] = field_of(option)

    def clean(self):
        """Each by its option's own rules; the error stands beside the field."""
        data = super().clean()
        for option in self.chosen:
            name = _name(option)
            if name in self.errors:
                continue
            try:
                data[name] = option.clean(data.get(name))
            except ValidationError as error:
                self.add_error(name, error)
        return data

    def save(self, actor) -> int:
        """Store what changed; returns how many."""
        changed = 0
        for option in self.chosen:
            value = self.cleaned_data[_name(option)]
            if option.type == "secret" and not value:
                continue
            if value != option.value:
                options.set_option(option, value, actor)
                changed += 1
        return changed

    def rows(self) -> list:
        """(bound field, address of its history) for the template."""
        return [(self[_name(option)], reverse("setting_history", args=[option.key])) for option in self.chosen]


def shown_options() -> list:
    """Those with a field here; pictures are chosen on the brand screen."""
    return [option for option in options.all_options() if option.type != "picture"]


def groups() -> dict:
    """{address part: (words, options)} in the order of declaration."""
    found: dict = {}
    for option in shown_options():
        label = option.group or OTHER
        found.setdefault(slugify(_english(label)), (label, []))[1].append(option)
    return found


def _english(label) -> str:
    """Addresses do not change with the reader's language."""
    return getattr(label, "_proxy____args", (str(label),))[0] or "other"


class SettingList(StaffView, View):
    """One group at a time, or what a search found in all of them."""

    permission = PERMISSION

    def chosen(self):
        """(key of the group, search words, options to show)."""
        found, query = groups(), self.request.GET.get("q", "").strip().lower()
        if query:
            rows = [o for o in shown_options() if query in f"{o.label} {o.help} {o.key} {o.group}".lower()]
            return "", query, rows
        key = self.request.GET.get("group", next(iter(found)))
        if key not in found:
            raise Http404
        return key, "", found[key][1]

    def get(self, request):
        """The form."""
        return self.page(SettingsForm(self.chosen()[2]))

    def post(self, request):
        """Save, or show what is wrong beside each field."""
        form = SettingsForm(self.chosen()[2], request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        messages.success(request, _("Saved.") if form.save(request.actor) else _("Nothing was changed."))
        return redirect(request.get_full_path())

    def page(self, form, status=200):
        """Groups beside, form in the middle."""
        key, query, rows = self.chosen()
        found = groups()
        context = {
            "page_title": _("Settings"),
            "places": [(label, f"?group={name}", name == key) for name, (label, _rows) in found.items()],
            "group_label": found[key][0] if key else _("Found"),
            "query": query,
            "form": form,
            "count": len(rows),
        }
        return render(self.request, "pages/settings/list.html", context, status=status)


def changes_of(key: str):
    """What became of one setting, the newest first."""
    return Change.objects.filter(action="core.option_changed", fields__has_key=key).order_by("-pk")[:HISTORY]


class SettingHistory(StaffView, View):
    """Who changed one setting, from what to what."""

    permission = PERMISSION

    def option(self, key):
        """As declared, or 404."""
        try:
            return options.find(key)
        except KeyError:
            raise Http404 from None

    def get(self, request, key):
        """The log of one option, and what it comes with."""
        option = self.option(key)
        rows = changes_of(key)
        context = {
            "page_title": option.label,
            "crumbs": [(_("Settings"), reverse("setting_list")), (option.label, "")],
            "rows": [(row, *row.fields[key]) for row in rows],
            "option": option,
            "is_secret": option.type == "secret",
            "is_default": option.value == option.default,
        }
        return render(request, "pages/settings/history.html", context)

    def post(self, request, key):
        """Back to the default."""
        option = self.option(key)
        options.reset_option(option, request.actor)
        messages.success(request, _("%(name)s has its default again.") % {"name": option.label})
        return redirect("setting_history", key)


urls = [
    path("staff/settings/", SettingList.as_view(), name="setting_list"),
    path("staff/settings/<str:key>/history/", SettingHistory.as_view(), name="setting_history"),
]
