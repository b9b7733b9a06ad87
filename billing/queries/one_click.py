"""The saved card that one click may charge."""

from billing.models import PaymentMethod
from hostbill.core.compiled import Compiled

_DEFAULT = Compiled(
    lambda client: PaymentMethod.objects.usable().filter(client_id=client, is_default=True).order_by("pk")[:1], client=int
)


def default_method(client: int) -> PaymentMethod | None:
    """The card that is charged unless another is chosen, whatever its state."""
    return _DEFAULT.first(client=client)


def one_click_method(client: int) -> PaymentMethod | None:
    """The default card; not one that has expired, which would only cost a refusal."""
    method = default_method(client)
    return method if method and method.state_words[0] != "failed" else None
