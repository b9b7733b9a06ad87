"""Lists of objects in a body, such as the lines of a document: each is checked by a form of its own."""

from django import forms
from django.utils.translation import gettext as _

from hostbill.core.api.inputs import bound
from hostbill.core.api.problems import Problem


class RowsForm(forms.Form):
    """A form with such lists. What is wrong in one stands under its place: ``lines.2.unit_amount``."""

    def clean_rows(self, name: str, make_row) -> list[forms.Form]:
        """The checked forms of the list's objects; empty when one of them is wrong. ``make_row`` makes one: data -> form."""
        found = []
        for place, values in enumerate(self.cleaned_data.get(name) or []):
            errors, form = _checked(make_row, values)
            for field, texts in errors.items():
                self.refuse(f"{name}.{place}.{field}" if field else f"{name}.{place}", texts)
            found.append(form)
        return [] if any(key.startswith(f"{name}.") for key in self._errors) else found

    def refuse(self, place: str, texts) -> None:
        """An error beside a value that is no field of this form."""
        self._errors.setdefault(place, self.error_class()).extend(texts)


def _checked(make_row, values) -> tuple[dict, forms.Form | None]:
    """Errors by field ("" for the whole), and the form."""
    if not isinstance(values, dict):
        return {"": [_("Send an object.")]}, None
    try:
        form = bound(make_row, values)
    except Problem as problem:
        return problem.errors, None
    return {name if name != "__all__" else "": list(texts) for name, texts in form.errors.items()}, form


