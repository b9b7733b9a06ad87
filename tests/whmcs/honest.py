"""A world of data, and for each action what an honest program sends in it."""

from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from django.core.files.uploadedfile import SimpleUploadedFile

from billing.actions.account import open_account
from billing.actions.credit import grant_credit
from billing.actions.payment_method import save_payment_method
from billing.actions.promotion import create_promotion
from billing.gateways.base import SavedMethod
from billing.models import Invoice, Payment, Subscription
from clients.models import Client, ClientGroup, Contact
from clients.options import WHMCS_PASSWORDS
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.models import ModuleConfig
from hostbill.core.money import Money
from hostbill.core.options import set_option
from support.actions.ticket import add_note, open_ticket, reply
from support.models import Department
from tests.billing.factories import active_subscription, make_order, make_product
from tests.factories import ClientFactory
from tests.provisioning.factories import buy_hosting, make_group, make_hosting, make_server
from tests.whmcs.calls import call

ADA = {"firstname": "Ada", "lastname": "Lindqvist", "email": "ada@lindqvist.example", "address1": "Norra gatan 1",
       "city": "Uppsala", "state": "Uppland", "postcode": "75320", "country": "SE",
       "phonenumber": "+46 18 123456", "password2": "three-blue-herons-44"}  # fmt: skip


class World:
    """Made as it is asked for; ids as programs know them."""

    def __init__(self, cast, sandbox, drain):
        self.cast, self.sandbox, self.drain, self.actor = cast, sandbox, drain, cast.stella_actor
        ModuleConfig.objects.create(kind="gateway", driver="bank_transfer", label="By bank", is_default=True)
        self.stripe = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
        set_option(WHMCS_PASSWORDS, True, self.actor)
        self.today, self.client = f"{clock.today()}", cast.alice_client

    def do(self, name, /, **sent) -> dict:
        """An action, done."""
        return call(self.actor, name, **sent)

    @cached_property
    def inactive_gateway(self) -> str:
        ModuleConfig.objects.filter(pk=self.stripe.pk).update(is_active=False)
        return "stripe"

    @cached_property
    def product(self):
        return make_product(stock=50)

    @cached_property
    def running(self):
        return active_subscription(self.client)

    @cached_property
    def addon(self) -> str:
        product = make_product()
        product.parents.add(self.running.product)
        sent = {"clientid": self.client.pk, "paymentmethod": "banktransfer"}
        return self.do("AddOrder", **sent, addonid=product.pk, serviceid=self.running.pk)["addonids"]

    @cached_property
    def order(self):
        return make_order(self.client)

    @cached_property
    def cancelled_order(self) -> int:
        sent = {"clientid": self.client.pk, "pid": self.product.pk, "billingcycle": "monthly", "paymentmethod": "banktransfer"}
        pk = self.do("AddOrder", **sent, noinvoice="1")["orderid"]
        self.do("CancelOrder", orderid=pk)
        return pk

    @cached_property
    def invoice(self) -> Invoice:
        pk = self.do("CreateInvoice", userid=self.client.pk, status="Unpaid", itemdescription1="Work", itemamount1="40")["invoiceid"]
        grant_credit(open_account(self.client), money=Money(Decimal(5), "EUR"), note="x", actor=SYSTEM)
        return Invoice.objects.get(pk=pk)

    @cached_property
    def draft(self) -> int:
        return self.do("CreateInvoice", userid=self.client.pk, draft="1", itemdescription1="Work", itemamount1="40")["invoiceid"]

    @cached_property
    def transaction(self) -> int:
        sent = {"transid": "TX-0", "gateway": "banktransfer", "date": self.today, "amount": "1"}
        self.do("AddInvoicePayment", invoiceid=self.invoice.pk, **sent)
        return Payment.objects.get(remote_id="TX-0").pk

    @cached_property
    def card(self):
        method = SavedMethod("pm_1", "cus_1", brand="visa", last4="4242", expires_month=4, expires_year=2031)
        return save_payment_method(self.client, gateway=self.stripe, method=method, actor=SYSTEM, consent_text="yes")

    @cached_property
    def offer(self) -> dict:
        lines = {"0": {"desc": "Shop", "qty": "1", "up": "100.00", "discount": "0", "taxable": "1"}}
        return {"subject": "A shop", "stage": "Draft", "validuntil": f"{clock.today() + timedelta(days=20)}", "lineitems": lines}

    @cached_property
    def quote(self) -> int:
        return self.do("CreateQuote", **self.offer, userid=self.client.pk)["quoteid"]

    @cached_property
    def sent_quote(self) -> int:
        pk = self.do("CreateQuote", **self.offer, userid=self.client.pk)["quoteid"]
        self.do("SendQuote", quoteid=pk)
        return pk

    @cached_property
    def department(self):
        return Department.objects.get_or_create(name="Support", defaults={"is_public": True})[0]

    def ask(self, body):
        """A ticket of Alice."""
        file = SimpleUploadedFile("a.txt", b"x")
        told = {"client": self.client, "department": self.department, "subject": "Mail", "body": body, "files": [file]}
        return open_ticket(actor=self.cast.alice_actor, **told)

    @cached_property
    def ticket(self):
        return self.ask("Since noon.")

    @cached_property
    def other_ticket(self):
        return self.ask("Since ten.")

    @cached_property
    def answer(self):
        return reply(self.ticket, actor=self.actor, body="We look.")

    @cached_property
    def note(self):
        return add_note(self.ticket, actor=self.actor, body="Disk?")

    @cached_property
    def contact(self) -> Contact:
        sent = {"clientid": self.client.pk, "firstname": "Ina", "lastname": "Books", "email": "books@weaves.example"}
        return Contact.objects.get(pk=self.do("AddContact", **sent)["contactid"])

    @cached_property
    def empty_client(self) -> Client:
        return ClientFactory()

    @cached_property
    def group(self) -> ClientGroup:
        return ClientGroup.objects.create(name="Schools", discount_percent=5)

    @cached_property
    def promotion(self):
        return create_promotion(actor=self.actor, amounts={}, name="Spring", code="SPRING", kind="percent", percent=20, periods=None)

    @cached_property
    def hosting(self) -> int:
        """An account on a panel."""
        self.sandbox.control("whm", "reset", {})
        group = make_group()
        make_server(self.sandbox, group)
        row = buy_hosting(self.client, make_hosting(group))
        self.drain(60)
        return row.pk

    @cached_property
    def not_set_up(self) -> int:
        """Accepted by staff, its account not yet asked for."""
        sent = {"clientid": self.client.pk, "pid": Subscription.objects.get(pk=self.hosting).product_id, "domain": "later.example.com"}
        made = self.do("AddOrder", **sent, billingcycle="monthly", paymentmethod="banktransfer")
        return made["serviceids"]

    @cached_property
    def suspended(self) -> int:
        self.do("ModuleSuspend", serviceid=self.hosting)
        self.drain(60)
        return self.hosting


def _ticket(w):
    return {"ticketid": w.answer.ticket_id}


def _service(w):
    return {"serviceid": w.running.pk}


def _client(w):
    return {"clientid": w.client.pk}


def _member(w):
    return {"user_id": w.cast.bob.pk, "client_id": w.client.pk}


def _gateway(_w, name="banktransfer"):
    return {"moduleType": "gateway", "moduleName": name}


def _nothing(_w):
    return {}


#: What an honest program sends: at least all that is documented as required.
HONEST = {
    "AcceptOrder": lambda w: {"orderid": w.order.pk},
    "AddOrder": lambda w: {**_client(w), "paymentmethod": "banktransfer", "pid": {"0": w.product.pk}, "billingcycle": {"0": "monthly"}},
    "CancelOrder": lambda w: {"orderid": w.order.pk},
    "DeleteOrder": lambda w: {"orderid": w.cancelled_order},
    "FraudOrder": lambda w: {"orderid": w.order.pk},
    "GetOrders": lambda w: {"id": w.order.pk},
    "GetProducts": lambda w: {"pid": w.product.pk},
    "GetPromotions": lambda w: {"code": w.promotion.code},
    "PendingOrder": lambda w: {"orderid": w.order.pk},
    "AcceptQuote": lambda w: {"quoteid": w.sent_quote},
    "AddBillableItem": lambda w: {**_client(w), "description": "Work", "amount": "40.00", "unit": "hours"},
    "AddCredit": lambda w: {**_client(w), "description": "Sorry", "amount": "4.00"},
    "AddInvoicePayment": lambda w: {"invoiceid": w.invoice.pk, "transid": "TX-1", "gateway": "banktransfer", "date": w.today},
    "AddTransaction": lambda w: {"paymentmethod": "banktransfer", "userid": w.client.pk, "transid": "TX-2", "amountin": "3.00"},
    "ApplyCredit": lambda w: {"invoiceid": w.invoice.pk, "amount": "2.00"},
    "CapturePayment": lambda w: {"invoiceid": w.invoice.pk} if w.card else {},
    "CreateInvoice": lambda w: {"userid": w.client.pk, "itemdescription1": "Work", "itemamount1": "9.50", "itemtaxed1": "1"},
    "CreateQuote": lambda w: {**w.offer, "userid": w.client.pk},
    "DeletePayMethod": lambda w: {**_client(w), "paymethodid": w.card.pk},
    "DeleteQuote": lambda w: {"quoteid": w.quote},
    "GenInvoices": _client,
    "GetCredits": lambda w: {"clientid": w.invoice.client_id},
    "GetInvoice": lambda w: {"invoiceid": w.invoice.pk},
    "GetInvoices": lambda w: {"userid": w.invoice.client_id},
    "GetPayMethods": lambda w: {"clientid": w.card.client_id},
    "GetQuotes": lambda w: {"quoteid": w.quote},
    "GetTransactions": lambda w: {"clientid": w.client.pk} if w.transaction else {},
    "SendQuote": lambda w: {"quoteid": w.quote},
    "UpdateInvoice": lambda w: {"invoiceid": w.draft, "notes": "Thank you", "newitemdescription": {"0": "More"},
                                "newitemamount": {"0": "2.00"}, "newitemtaxed": {"0": "1"}},
    "UpdatePayMethod": lambda w: {**_client(w), "paymethodid": w.card.pk, "set_as_default": "1"},
    "UpdateQuote": lambda w: {"quoteid": w.quote, "subject": "Another shop"},
    "UpdateTransaction": lambda w: {"transactionid": w.transaction, "description": "Cheque"},
    "ActivateModule": lambda w: {**_gateway(w, w.inactive_gateway), "parameters": {"secret_key": "sk_test", "publishable_key": "pk_test"}},
    "DeactivateModule": _gateway,
    "GetModuleConfigurationParameters": _gateway,
    "GetModuleQueue": _nothing,
    "UpdateModuleConfiguration": lambda w: {**_gateway(w), "parameters": {"iban": "DE02120300000000202051", "account_holder": "Host"}},
    "AddCancelRequest": lambda w: {**_service(w), "type": "End of Billing Period", "reason": "Moves"},
    "AddClientNote": lambda w: {"userid": w.client.pk, "notes": "Calls on Mondays"},
    "AddTicketNote": lambda w: {**_ticket(w), "message": "Disk?"},
    "AddTicketReply": lambda w: {**_ticket(w), "message": "And now?", "clientid": w.client.pk},
    "DeleteTicket": _ticket,
    "DeleteTicketNote": lambda w: {"noteid": w.note.pk},
    "DeleteTicketReply": lambda w: {**_ticket(w), "replyid": w.answer.pk},
    "MergeTicket": lambda w: {**_ticket(w), "mergeticketids": w.other_ticket.pk},
    "OpenTicket": lambda w: {"deptid": w.department.pk, "subject": "Slow", "message": "Since noon.", "clientid": w.client.pk},
    "UpdateTicket": lambda w: {**_ticket(w), "subject": "Slow mail", "priority": "High", "status": "Closed"},
    "UpdateTicketReply": lambda w: {"replyid": w.answer.pk, "message": "We looked."},
    "DecryptPassword": lambda w: {"password2": w.do("EncryptPassword", password2="tea")["password"]},
    "EncryptPassword": lambda w: {"password2": "tea"},
    "GetConfigurationValue": lambda w: {"setting": "CompanyName"},
    "LogActivity": lambda w: {"description": "Copied", **_client(w)},
    "SendAdminEmail": lambda w: {"customsubject": "Copy", "custommessage": "Failed", "type": "system"},
    "SendEmail": lambda w: {"id": w.client.pk, "customtype": "general", "customsubject": "Hello", "custommessage": "Welcome."},
    "SetConfigurationValue": lambda w: {"setting": "CompanyName", "value": "Other Host"},
    "GetStats": lambda w: {"timeline_days": 3},
    "GetTicketCounts": lambda w: {"includeCountsByStatus": "true"},
    "AddClient": lambda w: ADA,
    "AddContact": lambda w: {**_client(w), "firstname": "Bo", "lastname": "Ek", "email": "bo@weaves.example"},
    "CloseClient": _client,
    "DeleteClient": lambda w: {"clientid": w.empty_client.pk},
    "DeleteContact": lambda w: {"contactid": w.contact.pk},
    "GetClientGroups": lambda w: {} if w.group else {},
    "GetClientPassword": lambda w: {"userid": w.client.pk},
    "GetClientsAddons": lambda w: {"serviceid": w.running.pk} if w.addon else {},
    "GetClientsDetails": lambda w: {**_client(w), "stats": "true"},
    "GetClientsProducts": lambda w: {"serviceid": w.running.pk},
    "GetContacts": lambda w: {"userid": w.contact.client_id},
    "GetEmails": _client,
    "UpdateClient": lambda w: {**_client(w), "city": "Lund"},
    "UpdateContact": lambda w: {"contactid": w.contact.pk, "lastname": "Ekholm"},
    "AddProduct": lambda w: {"name": "Small plan", "gid": w.product.group_id, "paytype": "recurring", "pricing": {"1": {"monthly": "5"}}},
    "AddUser": lambda w: {name: ADA[name] for name in ("firstname", "lastname", "email", "password2")},
    "CreateClientInvite": lambda w: {"client_id": w.client.pk, "email": "bo@weaves.example", "permissions": "invoices,tickets"},
    "DeleteUserClient": _member,
    "GetUserPermissions": _member,
    "ResetPassword": lambda w: {"id": w.cast.bob.pk},
    "UpdateUser": lambda w: {"user_id": w.cast.bob.pk, "firstname": "Robert"},
    "UpdateUserPermissions": lambda w: {**_member(w), "permissions": "invoices,tickets"},
    "CreateSsoToken": lambda w: {"client_id": w.client.pk, "destination": "clientarea:services"},
    "ValidateLogin": lambda w: {"email": w.cast.alice.email, "password2": w.cast.password},
    "GetTicket": _ticket,
    "GetTicketAttachment": lambda w: {"relatedid": w.ticket.pk, "type": "ticket", "index": "0"},
    "GetTicketNotes": lambda w: {"ticketid": w.note.ticket_id},
    "GetTickets": lambda w: {"deptid": w.ticket.department_id},
    "GetSupportDepartments": lambda w: {} if w.department else {},
    "GetServers": lambda w: {} if w.hosting else {},
    "ModuleCreate": lambda w: {"serviceid": w.not_set_up},
    "ModuleChangePackage": lambda w: {"serviceid": w.hosting},
    "ModuleChangePw": lambda w: {"serviceid": w.hosting, "servicepassword": "Meadow-4711-Lantern"},
    "ModuleCustom": lambda w: {"serviceid": w.hosting, "func_name": "sync"},
    "ModuleSuspend": lambda w: {"serviceid": w.hosting, "suspendreason": "Asked for"},
    "ModuleTerminate": lambda w: {"serviceid": w.hosting},
    "ModuleUnsuspend": lambda w: {"serviceid": w.suspended},
    "UpdateClientProduct": lambda w: {**_service(w), "recurringamount": "7.50", "domain": "shop one"},
    "UpgradeProduct": lambda w: {**_service(w), "paymentmethod": "banktransfer", "type": "product", "newproductid": w.product.pk,
                                 "newproductbillingcycle": "monthly"},
    "UpdateClientAddon": lambda w: {"id": w.addon, "status": "Active", "recurring": "4.00"},
}  # fmt: skip


def honest(name: str, world: World) -> dict:
    """Its parameters; nested as PHP arrays are."""
    return HONEST.get(name, _nothing)(world)
