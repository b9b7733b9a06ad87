"""Form rows: what a bound field needs to be drawn with label, hint, error and kept value."""

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.translation import gettext as _

from hostbill.core.ui import cases
from hostbill.core.ui.fields import MoneyField, SearchSelect

CHECKS = (forms.CheckboxInput,)
GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)
BARE = (
    forms.CheckboxInput,
    forms.RadioSelect,
    forms.CheckboxSelectMultiple,
    forms.HiddenInput,
    forms.MultipleHiddenInput,
)
#: What Django writes for "nothing chosen".
DASHES = BLANK_CHOICE_DASH[0][1]


def kind_of(bound) -> str:
    """How the row is laid out: hidden, check, group, file or input."""
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, CHECKS):
        return "check"
    if isinstance(widget, GROUPS):
        return "group"
    return "file" if isinstance(widget, forms.FileInput) else "input"


def control(bound, **extra) -> str:
    """The widget's HTML, tied to its hint and error for screen readers."""
    widget = bound.field.widget
    attrs = {key: value for key, value in extra.items() if value not in (None, "")}
    if not isinstance(widget, BARE):
        attrs["class"] = " ".join(filter(None, (extra.get("class"), widget.attrs.get("class"), "input")))
    if kind_of(bound) == "group":
        return bound.as_widget(attrs=attrs)
    notes = [f"{bound.auto_id}_hint"] if bound.help_text else []
    if bound.errors:
        notes.append(f"{bound.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if notes:
        attrs["aria-describedby"] = " ".join(notes)
    attrs |= {"data-cases": number} if (number := cases.question_number(bound)) else {}
    if isinstance(widget, forms.Select):
        _name_the_empty_choice(bound.field)
    if isinstance(widget, SearchSelect):
        attrs["data-none"], attrs["data-more"] = _("Nothing matches"), _("%d more, type to find them")
    if isinstance(widget, forms.Textarea) and widget.attrs.get("rows", "10") == "10":
        attrs["rows"] = "5"
    return bound.as_widget(attrs=attrs)


def _name_the_empty_choice(field) -> None:
    """Django writes a row of dashes: an invitation where one must be chosen, a short dash where none is an answer."""
    words = _("Choose") if field.required else "–"
    if getattr(field, "empty_label", None) == DASHES:
        field.empty_label = words
    elif isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        field.choices = [(value, words if label == DASHES else label) for value, label in field.choices]


def describe(bound, **options) -> dict:
    """Context of components/form_row.html."""
    kind = kind_of(bound)
    if isinstance(bound.field, MoneyField) and bound.field.currency:
        options.setdefault("suffix", bound.field.currency)
    return {
        "field": bound,
        "kind": kind,
        "control": "" if kind in ("hidden", "group") else control(bound, placeholder=options.pop("placeholder", "")),
        "optional": not bound.field.required and kind in ("input", "file") and options.pop("optional_word", True),
        "groups": grouped(bound) if kind == "group" else [],
        "wide": isinstance(bound.field.widget, forms.Textarea) or kind in ("group", "file"),
        "hint_id": f"{bound.auto_id}_hint",
        "error_id": f"{bound.auto_id}_error",
        "case": cases.case_of(bound),
        "asks": cases.question_number(bound),
        **options,
    }


def describe_cell(bound) -> dict:
    """A field in a table, named by its label for those who do not see the table's heads."""
    found = describe(bound)
    return found | {"control": control(bound, **{"aria-label": bound.label, "class": "input-s"})}


def grouped(bound) -> list[tuple]:
    """(title, options) of radio buttons or checkboxes; one group without a title where the choices have none."""
    options, found = list(bound.subwidgets), []
    for value, label in bound.field.choices:
        if isinstance(label, list | tuple):
            found.append((value, [options.pop(0) for _choice in label]))
    return found + ([("", options)] if options or not found else [])


def problems(form) -> list[dict]:
    """Errors for the summary: where a link should go, and what is wrong there."""
    found = [{"target": "", "label": "", "error": error} for error in form.non_field_errors()]
    for bound in form:
        target = bound.auto_id
        if kind_of(bound) == "group" and bound.subwidgets:
            target = bound.subwidgets[0].id_for_label
        label = "" if bound.is_hidden else str(bound.label).rstrip(".")
        found += [
            {"target": "" if bound.is_hidden else target, "label": label, "error": error} for error in bound.errors
        ]
    return found
