"""A figure that was typed although another way was chosen is refused beside its field, never dropped in silence."""

import pytest

from billing.forms.price import PriceUpdateForm
from billing.forms.promotion import PromotionForm

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("form", "chosen", "typed"),
    [
        (PriceUpdateForm, {"how": "amount", "amount": "1.00", "currency": "EUR"}, {"percent": "5"}),
        (PriceUpdateForm, {"how": "percent", "percent": "5", "currency": "EUR"}, {"amount": "1.00"}),
        (PromotionForm, {"kind": "fixed"}, {"percent": "20"}),
        (PromotionForm, {"kind": "percent", "percent": "20"}, {"months": "2"}),
    ],
)
def test_what_belongs_to_another_choice_is_an_error_beside_the_field(form, chosen, typed):
    (name,) = typed
    assert "belongs to another choice" in str(form({**chosen, **typed}).errors[name])
    assert name not in form(chosen).errors
