"""The saved card that one click may charge."""

from billing.models import PaymentMethod


def one_click_method(client) -> PaymentMethod | None:
    """The default card; not one that has expired, which would only cost a refusal."""
    method = PaymentMethod.objects.usable().filter(client=client, is_default=True).first()
    return method if method and method.state_words[0] != "failed" else None
