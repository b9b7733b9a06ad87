"""Brand and shop front: name, pictures, colour with its contrasts, promises and pages, on one screen."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from hostbill.core import brand, options, pictures
from hostbill.core.access import StaffView

PERMISSION = "core.setting.edit"
WORDS = ("company.name", "store.tagline", "store.intro", "store.facts")
PICTURES = ("brand.logo", "brand.logo_dark", "brand.icon", "brand.social")
PAGES = ("store.imprint", "store.terms_text", "store.privacy", "store.help", "store.footer_links")
ROWS = {"store.intro": 2, "store.facts": 4, "store.footer_links": 3}


def _name(key: str) -> str:
    return key.replace(".", "__")


class BrandForm(forms.Form):
    """Each option checks itself; a picture is kept when nothing new is chosen."""

    brand__colour = forms.CharField(
        label=gettext_lazy("Brand colour"),
        help_text=gettext_lazy("As your style guide writes it, such as #0b6e4f, or chosen with the picker."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off", "maxlength": 7}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["brand__colour"].initial = options.BRAND_COLOUR.value
        for key in (*WORDS, *PAGES):
            self.fields[_name(key)] = self._text(options.find(key))
        for key in PICTURES:
            option = options.find(key)
            self.fields[_name(key)] = forms.FileField(label=option.label, help_text=option.help, required=False)
            if option.value:
                self.fields[f"{_name(key)}__remove"] = forms.BooleanField(label=_("Remove it"), required=False)

    def _text(self, option):
        widget = forms.Textarea(attrs={"rows": ROWS.get(option.key, 5)}) if option.type == "text" else forms.TextInput()
        return forms.CharField(
            label=option.label, help_text=option.help, initial=option.value, required=option.required, widget=widget
        )

    def clean(self):
        """What the options and the pictures say themselves, beside the field."""
        data = super().clean()
        for key in ("brand.colour", *WORDS, *PAGES):
            self._check(_name(key), lambda raw, key=key: options.find(key).clean(raw))
        for key in PICTURES:
            if data.get(_name(key)):
                self._check(_name(key), lambda upload: pictures.read_picture(upload) and upload)
        return data

    def _check(self, name, clean) -> None:
        if name in self.errors:
            return
        try:
            self.cleaned_data[name] = clean(self.cleaned_data.get(name))
        except ValidationError as error:
            self.add_error(name, error)

    @transaction.atomic
    def save(self, actor) -> None:
        """Store what changed; each option logs it."""
        for key in ("brand.colour", *WORDS, *PAGES):
            options.set_option(options.find(key), self.cleaned_data[_name(key)], actor)
        for key in PICTURES:
            upload = self.cleaned_data.get(_name(key))
            if upload:
                options.set_option(options.find(key), pictures.store_picture(upload), actor)
            elif self.cleaned_data.get(f"{_name(key)}__remove"):
                options.set_option(options.find(key), None, actor)

    def rows(self, keys) -> list:
        """The bound fields of these options."""
        return [self[_name(key)] for key in keys]

    def picture_rows(self) -> list:
        """(field, box for taking it away or None, the picture that stands or None)."""
        names = [(_name(key), pictures.picture_of(options.find(key).value)) for key in PICTURES]
        return [(self[n], self[f"{n}__remove"] if f"{n}__remove" in self.fields else None, p) for n, p in names]


def colour_context(colour: str) -> dict:
    """What is made of a colour, and how well it reads."""
    light, dark = brand.light_palette(colour), brand.dark_palette(colour)
    return {
        "colour": brand.mix(colour, colour, 0),
        "faces": [(_("Light pages"), light), (_("Dark pages"), dark)],
        "is_moved": light.brand != brand.mix(colour, colour, 0),
    }


class BrandView(StaffView, View):
    """The screen."""

    permission = PERMISSION

    def get(self, request):
        """The form, with what stands."""
        return self.page(BrandForm())

    def post(self, request):
        """Save all, or show what is wrong beside each field."""
        form = BrandForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=422)
        form.save(request.actor)
        messages.success(request, _("Saved. The shop shows it now."))
        return redirect("brand_edit")

    def page(self, form, status=200):
        """Three cards and the colours."""
        context = {
            "page_title": _("Brand and shop front"),
            "crumbs": [(_("Settings"), reverse("setting_list")), (_("Brand and shop front"), "")],
            "form": form,
            "words": form.rows(WORDS),
            "pages": form.rows(PAGES),
            "pictures": form.picture_rows(),
            **colour_context(str(form["brand__colour"].value() or "")),
        }
        return render(self.request, "pages/brand.html", context, status=status)


class BrandColours(StaffView, View):
    """The colours made of one that is being chosen."""

    permission = PERMISSION

    def get(self, request):
        """The part that the page swaps in."""
        return render(request, "pages/brand_colours.html", colour_context(request.GET.get("brand__colour", "")[:20]))


urls = [
    path("staff/brand/", BrandView.as_view(), name="brand_edit"),
    path("staff/brand/colours/", BrandColours.as_view(), name="brand_colours"),
]
