"""Objects by the ids that callers send, as far as the caller may see them. Refused in WHMCS's words."""

from django.utils.translation import gettext as _

from billing.models import Order, Product, Subscription
from clients.models import Client, Contact, User
from hostbill.whmcs.action import Call
from hostbill.whmcs.errors import Refused


def client_of(call: Call, name: str = "clientid", words: str = "Client ID Not Found") -> Client:
    """The client; of one that was merged the kept one."""
    row = _row(Client.objects.visible_to(call.actor).select_related("group", "merged_into"), call, name, words)
    return row.heir


def client_by_id_or_mail(call: Call, *, by_id: str = "clientid", by_mail: str = "email") -> Client:
    """By its number, else by its own mail address; the oldest of several that share one."""
    if call.values.text(by_id):
        return client_of(call, by_id, _("Client Not Found"))
    mail = call.values.text(by_mail)
    rows = Client.objects.visible_to(call.actor).select_related("group", "merged_into")
    row = rows.filter(email__iexact=mail, merged_into=None).order_by("pk").first() if mail else None
    if row is None:
        raise Refused(_("Client Not Found"))
    return row


def contact_of(call: Call) -> Contact:
    """The contact."""
    return _row(Contact.objects.visible_to(call.actor).select_related("client"), call, "contactid", _("Contact ID Not Found"))


def user_of(call: Call, name: str = "user_id") -> User:
    """A client's login; people who work here are none of WHMCS's users."""
    rows = User.objects.visible_to(call.actor).filter(is_staff=False)
    return _row(rows, call, name, _("Invalid User ID requested"))


def order_of(call: Call) -> Order:
    """The order."""
    rows = Order.objects.visible_to(call.actor).select_related("client", "invoice")
    return _row(rows, call, "orderid", _("Order ID Not Found"))


def product_of(call: Call, name: str = "pid") -> Product:
    """The catalogue's product."""
    return _row(Product.objects.visible_to(call.actor), call, name, _("Product ID Not Found"))


def service_of(call: Call, name: str = "serviceid", words: str = "Service ID Not Found") -> Subscription:
    """What a client has: the subscription with its product and its service, where there is one."""
    rows = Subscription.objects.visible_to(call.actor)
    rows = rows.select_related("product__group", "client", "account", "service__server__module_config")
    return _row(rows, call, name, words)


def addon_of(call: Call) -> Subscription:
    """The same for what belongs to another one."""
    row = service_of(call, "id", _("Addon ID Not Found"))
    if row.parent_id is None:
        raise Refused(_("Addon ID Not Found"))
    return row


def _row(rows, call: Call, name: str, words: str):
    pk = call.values.whole(name)
    row = rows.filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise Refused(words)
    return row
