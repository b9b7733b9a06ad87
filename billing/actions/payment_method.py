"""Saved payment methods: kept only with consent, one default per client."""

import uuid
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from billing.events import PaymentMethodSaved
from billing.models import GatewayCustomer, MethodSetup, PaymentMethod
from hostbill.core import clock, outgoing
from hostbill.core.audit import audit
from hostbill.core.errors import AppError
from hostbill.core.events import emit

from .account import lock_account, open_account


def note_customer(client, gateway, remote_id: str) -> GatewayCustomer:
    """Remember the id by which a gateway knows the client; the first one stays."""
    customer, _created = GatewayCustomer.objects.get_or_create(
        client=client, gateway=gateway, defaults={"remote_id": remote_id}
    )
    return customer


def save_payment_method(
    client, *, gateway, method, actor, consent_text: str, ip=None, account=None, due_from: date | None = None
) -> PaymentMethod:
    """Keep a method (a gateways.base.SavedMethod) that the gateway has stored, as the new default.

    `account`: the client's, where the caller has locked it. `due_from`: what is due earlier is not charged to it by itself.
    The same method again returns the row that stands; the same card stored anew takes the place of the older row, with
    what was agreed to about that.
    AppError "no_consent" without the text agreed to."""
    if not consent_text:
        raise AppError(_("A card is kept only with its owner's consent."), code="no_consent")
    with transaction.atomic():
        lock_account(account or open_account(client))
        standing = PaymentMethod.objects.filter(gateway=gateway, remote_id=method.remote_id).first()
        if standing:
            return standing
        PaymentMethod.objects.filter(client=client, is_default=True).update(is_default=False, updated_at=clock.now())
        older = _replace_older(client, gateway, method, actor)
        saved = PaymentMethod.objects.create(
            client=client,
            gateway=gateway,
            remote_id=method.remote_id,
            customer_id=method.customer_id or "",
            kind=method.kind or "card",
            brand=method.brand or "",
            last4=method.last4 or "",
            country=method.country[:2],
            fingerprint=method.fingerprint[:64],
            expires_month=method.expires_month,
            expires_year=method.expires_year,
            is_default=True,
            consented_at=clock.now(),
            consent_text=consent_text[:500],
            consent_ip=ip,
            due_from=older.due_from if older and due_from else due_from,
        )
        audit(actor, "billing.payment_method_saved", saved)
        emit(PaymentMethodSaved(saved.pk))
    return saved


def _replace_older(client, gateway, method, actor) -> PaymentMethod | None:
    """The same card was kept before: the older row goes. What is being charged on it goes on to its end."""
    rows = PaymentMethod.objects.usable().filter(client=client, gateway=gateway).exclude(fingerprint="")
    older = rows.filter(fingerprint=method.fingerprint).first()
    if older:
        forget_method(older)
        audit(actor, "billing.payment_method_replaced", older)
    return older


def forget_method(payment_method: PaymentMethod) -> None:
    """Not offered any more, and forgotten by the gateway as soon as nothing is being charged on it."""
    payment_method.removed_at, payment_method.is_default = clock.now(), False
    payment_method.save(update_fields=["removed_at", "is_default"])
    outgoing.queue("billing.method_detach", payment_method.pk, key=f"method:{payment_method.pk}:detach")


def start_method_setup(client, gateway, *, consent_text: str, actor, ip=None) -> MethodSetup:
    """A client begins to enter a method to keep. The caller asks the driver's `start_setup(customer, setup.key)` for
    the form and calls `note_method_setup`. AppError "no_consent"."""
    if not consent_text:
        raise AppError(_("A card is kept only with its owner's consent."), code="no_consent")
    return MethodSetup.objects.create(
        key=f"setup-{uuid.uuid4()}", client=client, gateway=gateway, consent_text=consent_text[:500], consent_ip=ip
    )


def note_method_setup(setup: MethodSetup, *, remote_id: str, client_secret: str) -> MethodSetup:
    """Keep what the gateway gave for the form."""
    setup.remote_id, setup.client_secret = remote_id, client_secret
    setup.save(update_fields=["remote_id", "client_secret"])
    return setup


def settle_method_setup(setup: MethodSetup, result, *, actor) -> PaymentMethod | None:
    """Write what the gateway says of it (a gateways.base.SetupResult); None while nothing is stored. Safe to repeat."""
    if result.state != "succeeded" or result.method is None:
        return None
    with transaction.atomic():
        lock_account(open_account(setup.client))
        setup = MethodSetup.objects.select_related("gateway", "client").get(pk=setup.pk)
        if setup.payment_method is None:
            setup.payment_method = save_payment_method(
                setup.client,
                gateway=setup.gateway,
                method=result.method,
                actor=actor,
                consent_text=setup.consent_text,
                ip=setup.consent_ip,
            )
            setup.save(update_fields=["payment_method"])
    return setup.payment_method


def set_default_payment_method(payment_method: PaymentMethod, *, actor) -> PaymentMethod:
    """Charge this one from now on. AppError "method_removed"."""
    with transaction.atomic():
        lock_account(open_account(payment_method.client))
        payment_method = PaymentMethod.objects.get(pk=payment_method.pk)
        if payment_method.removed_at:
            raise AppError(_("This payment method was removed."), code="method_removed")
        others = PaymentMethod.objects.filter(client_id=payment_method.client_id, is_default=True)
        others.exclude(pk=payment_method.pk).update(is_default=False, updated_at=clock.now())
        payment_method.is_default = True
        payment_method.save(update_fields=["is_default"])
        audit(actor, "billing.payment_method_made_default", payment_method)
    return payment_method


def remove_payment_method(payment_method: PaymentMethod, *, actor) -> PaymentMethod:
    """Forget it here and at the gateway; the newest other one becomes the default. AppError while it is charged."""
    with transaction.atomic():
        lock_account(open_account(payment_method.client))
        payment_method = PaymentMethod.objects.get(pk=payment_method.pk)
        if payment_method.charges.filter(state__in=["queued", "unknown", "processing"]).exists():
            raise AppError(_("A payment with this method is under way."), code="charge_under_way")
        if payment_method.removed_at:
            return payment_method
        forget_method(payment_method)
        audit(actor, "billing.payment_method_removed", payment_method)
        heir = PaymentMethod.objects.usable().filter(client_id=payment_method.client_id).order_by("-pk").first()
        if heir and not heir.is_default:
            heir.is_default = True
            heir.save(update_fields=["is_default"])
    return payment_method
