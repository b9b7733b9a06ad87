"""What was sent, put through the forms of the screens: the same checks, the first complaint as the refusal."""

from hostbill.whmcs.errors import Refused
from hostbill.whmcs.values import Values


def checked(form) -> dict:
    """The form's values. Refused with the first complaint and the name of its field."""
    if form.is_valid():
        return form.cleaned_data
    name, messages = next(iter(form.errors.items()))
    field = form.fields.get(name)
    label = field.label or name if field else ""
    raise Refused(f"{label}: {messages[0]}" if label else messages[0], code="invalid", field=name)


def as_data(form) -> dict:
    """What a bound form would be sent when nothing is changed: its initial values, those of the instance first."""
    found = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if hasattr(field, "prepare_value"):
            value = field.prepare_value(value)
        found[name] = getattr(value, "code", value) if value is not None else ""
    return found


def secret(values: Values, name: str) -> str:
    """A password as it was sent, spaces included; nothing when it was not. Refused when an array came."""
    values.text(name)
    return values.found.get(name, "")
