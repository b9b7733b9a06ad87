"""What is known about attempts to take money."""

from billing.models import Charge
from hostbill.core.models import Outgoing


def is_being_asked(charge: Charge) -> bool:
    """Is a question to the gateway about it on its way? What we know may then be older than what is true."""
    questions = Outgoing.objects.filter(kind="billing.charge_check", object_id=charge.pk)
    return questions.exclude(state__in=["done", "failed"]).exists()
