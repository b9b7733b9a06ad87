"""What callers send, as bodies of the REST API: through the same forms, with the same defaults for what was left out."""

from collections.abc import Callable

from hostbill.core.api.inputs import bound
from hostbill.core.api.problems import Problem
from hostbill.whmcs.errors import Refused


def from_body(make_form: Callable, body: dict, names: dict[str, str] | None = None, *, keeps: bool = False) -> dict:
    """The form's clean values; what is not in ``body`` is as the form begins (``keeps``: as its object is). ``names``: WHMCS's
    names of the form's fields.

    Refused with the first thing that is wrong."""
    try:
        form = bound(make_form, body, keeps=keeps)
        errors = form.errors
    except Problem as problem:
        errors = problem.errors
    for field, texts in errors.items():
        where = "" if field == "__all__" else f"{(names or {}).get(field, field)}: "
        raise Refused(f"{where}{next(iter(texts))}")
    return form.cleaned_data
