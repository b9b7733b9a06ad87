"""Use cases of consents."""

from django.db import transaction

from clients.models import Consent
from hostbill.core.audit import audit


@transaction.atomic
def record_consent(*, actor, kind, text_version, user=None, client=None, text="", ip=None):
    """Write down what somebody agreed to; each act is a row of its own."""
    consent = Consent.objects.create(
        kind=kind, text_version=text_version, user=user, client=client, text=text, ip=ip or None
    )
    audit(actor, "clients.consent_recorded", client or user or consent, reason=f"{kind} {text_version}")
    return consent
