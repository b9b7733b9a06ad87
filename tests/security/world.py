"""One full world for the walk: the cast, an object of Alice's for every noun, staff of every role."""

from datetime import timedelta
from decimal import Decimal

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.actions.billable import create_billable
from billing.actions.credit_note import credit_invoice
from billing.actions.numbering import series_of
from billing.actions.quote import Offered, create_quote, deliver_quote
from billing.models import (
    BankAccount,
    BankLine,
    BankStatement,
    Bundle,
    BundleItem,
    Charge,
    ChargePart,
    CreditMovement,
    EInvoice,
    ExchangeRate,
    GatewayEvent,
    JournalEntry,
    LedgerAccount,
    LedgerPeriod,
    MethodSetup,
    OptionChoice,
    OptionGroup,
    PaymentMethod,
    Preview,
    PreviewItem,
    Price,
    PriceList,
    PriceUpdate,
    Product,
    ProductOption,
    Promotion,
    SubscriptionChange,
    SubscriptionDiscount,
    SubscriptionItem,
    TaxLine,
    Transfer,
)
from billing.queries.pay_link import pay_token
from billing.queries.quote_link import quote_token
from billing.queries.terms import terms_of
from clients.actions.api_credential import create_credential
from clients.actions.api_token import create_client_token, create_token
from clients.actions.contact import add_contact
from clients.actions.membership import invitation_token
from clients.actions.note import set_sticky_note
from clients.models import ApiRole, Client, ClientGroup, Invitation, Membership, StaffRole
from hostbill.core import clock, modules
from hostbill.core.access import SYSTEM
from hostbill.core.brand import mark_png
from hostbill.core.models import (
    BulkRow,
    BulkRun,
    Change,
    Delivery,
    Event,
    Export,
    File,
    JobRun,
    Message,
    ModuleConfig,
    Outgoing,
    Rule,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from hostbill.core.pictures import store_picture
from provisioning.models import Drift, FormerAccount, Operation, Server, ServerGroup, Service
from support.actions.ticket import open_ticket, reply
from support.models import Department, TicketMessage
from tests.billing.factories import make_metric, make_order, make_tax_rate, pay, subscription_of, use
from tests.factories import make_cast, make_staff

CLIENT_PEOPLE = ("alice", "bob", "charlie")
SEEDED_ROLES = ("billing-clerk", "technician", "support-agent", "read-only")
STAFF = ("stella", "nobody", *SEEDED_ROLES)
#: Only Alice's own people and staff may ever be shown these.
PRIVATE_WORDS = ("Sundarban Weaves", "alices-secret-domain", "Alice's private question", "alicesec")


class World:
    """`objects` maps a noun of an address to the object that stands for it; `people` maps a role to its login."""

    def __init__(self):
        self.cast = make_cast()
        self.client = self.cast.alice_client
        StaffRole.objects.create(code="nothing", name="Nothing", permissions=[])
        cast = self.cast
        self.people = {"alice": cast.alice, "bob": cast.bob, "charlie": cast.charlie, "stella": cast.stella}
        self.people["nobody"] = make_staff("nothing")
        self.people |= {role: make_staff(role) for role in SEEDED_ROLES}
        self.objects = {"client": self.client, "staff_client": self.client, "user": cast.stella}
        token, self.token = create_token(actor=cast.stella_actor, label="Back-up script", reach="all")
        self.objects["api_token"] = token
        role = ApiRole.objects.create(name="Orders", actions=["AddOrder"])
        self.objects["api_role"] = role
        self.objects["api_credential"], _secret = create_credential(actor=cast.stella_actor, label="Order form", roles=[role])
        self.client_token = create_client_token(
            self.client, actor=cast.alice_actor, label="Alice's program", reach="read", areas=["billing"]
        )[0]
        self.objects["role"] = StaffRole.objects.get(code="nothing")
        self._people_of_alice()
        self._money()
        self._servers()
        self._ticket()
        self._operation()
        self._list_work()

    def _people_of_alice(self):
        self.objects["member"] = Membership.objects.get(user=self.cast.bob)
        self.objects["contact"] = add_contact(
            self.client, actor=SYSTEM, name="Accounts", email="accounts@weaves.example", areas=["billing"]
        )
        self.objects["invitation"] = Invitation.objects.create(
            client=self.client,
            email="new@weaves.example",
            areas=["support"],
            invited_by="Alice",
            expires_at=clock.now() + timedelta(days=7),
        )

        self.objects["note"] = set_sticky_note(self.client, actor=self.cast.stella_actor, body="Friendly")

    def _money(self):
        gateway = modules.store_values(
            ModuleConfig(kind="gateway", driver="bank_transfer", label="Bank", is_default=True),
            {"account_holder": "Nordhost", "iban": "DE02100100100006820101", "bic": "FOERDE21XXX", "bank_name": "F"},
        )
        self.objects["module"] = gateway
        self.objects["tax_rate"] = make_tax_rate()
        running, waiting = make_order(self.client), make_order(self.client)
        self.objects["payment"] = pay(running.invoice)
        subscription = subscription_of(running)
        subscription.label = "alices-secret-domain.example"
        subscription.save()
        self.objects |= {"order": waiting, "invoice": waiting.invoice, "subscription": subscription}
        self.objects["change"] = self._change(subscription)
        self.objects["transfer"] = self._transfer()
        self.objects["einvoice"] = EInvoice.objects.create(
            client=self.client, invoice=waiting.invoice, format="ubl", state="ready", xml="<a/>", written_at=clock.now()
        )
        self.objects["billing_account"] = running.invoice.account
        self.objects["credit_note"] = credit_invoice(running.invoice, total=Decimal(1), reason="agreed", actor=SYSTEM)
        self.objects["credit_movement"] = CreditMovement.objects.latest("pk")
        self.objects["series"] = series_of("invoice")
        self.objects |= {"product": subscription.product, "product_group": subscription.product.group}
        options = OptionGroup.objects.create(name="Server")
        options.products.add(subscription.product)
        option = ProductOption.objects.create(group=options, kind="yes_no", name="Backup", key="backup")
        choice = OptionChoice.objects.create(option=option, name="Backup")
        SubscriptionItem.objects.create(
            subscription=subscription, option=option, choice=choice, unit_amount=0, description="Backup"
        )
        bundle = Bundle.objects.create(name="Start", slug="start")
        BundleItem.objects.create(bundle=bundle, product=subscription.product, cycle="monthly")
        self.objects |= {"option_group": options, "product_option": option, "bundle": bundle}
        self.objects["payment_method"] = PaymentMethod.objects.create(
            client=self.client,
            gateway=gateway,
            remote_id="pm_1",
            customer_id="cus_1",
            brand="visa",
            last4="4242",
            consented_at=clock.now(),
        )
        setup = MethodSetup.objects.create(
            key="setup-1", client=self.client, gateway=self._card(), remote_id="seti_1", client_secret="seti_1_secret_2"
        )
        self.objects |= {"payment_method_form": setup, "payment_method_return": setup}
        self.objects["charge"] = charge = Charge.objects.create(
            client=self.client,
            invoice=waiting.invoice,
            gateway=gateway,
            currency="EUR",
            amount=waiting.invoice.total_amount,
            state="failed",
            key="charge-1",
        )
        ChargePart.objects.create(charge=charge, invoice=waiting.invoice, currency="EUR", amount=charge.amount)
        self.objects["preview"] = preview = Preview.objects.create(until=clock.today(), state="done")
        PreviewItem.objects.create(preview=preview, on=clock.today(), kind="end", client=self.client, label="x")
        self.objects["ledger_account"] = LedgerAccount.objects.get(code="receivable")
        self.objects["tax_line"] = TaxLine.objects.latest("pk")
        self.objects["journal_entry"] = JournalEntry.objects.latest("pk")
        month = (clock.today().replace(day=1) - timedelta(days=400)).replace(day=1)
        self.objects["ledger_period"] = LedgerPeriod.objects.create(month=month, closed_at=clock.now())
        self._prices(subscription)
        self._offers()
        self._use(subscription)
        bank = BankAccount.objects.create(name="Sparkasse", currency="EUR")
        table = "Date;Payer;Text;Amount\n2026-05-02;Sundarban Weaves;Rg 1;12,00\n"
        statement = BankStatement.objects.create(account=bank, name="may.csv", content=table)
        imported = BankStatement.objects.create(account=bank, name="april.csv", imported_at=clock.now())
        self.objects["bank_line"] = BankLine.objects.create(
            account=bank, statement=imported, key="1", booked_on=clock.today(), currency="EUR", amount=12, payer="Weaves"
        )
        self.objects["bank_statement"] = statement
        self.objects["gateway_event"] = GatewayEvent.objects.create(
            gateway=gateway,
            remote_id="evt_1",
            type="x",
            object_type="charge",
            object_id="ch_1",
            payload={},
            received_at=clock.now(),
        )

    def _prices(self, subscription):
        """A code that Alice has used, a list of her group, a raise that waits, a discount of hers."""
        group = ClientGroup.objects.create(name="Resellers", discount_percent=5)
        shelf = PriceList.objects.create(name="Resellers", currency="EUR", client_group=group)
        price = Price.objects.create(
            product=subscription.product, price_list=shelf, currency="EUR", cycle="monthly", amount=8
        )
        promotion = Promotion.objects.create(name="Welcome", code="WELCOME", percent=20)
        update = PriceUpdate.objects.create(
            name="January", how="percent", percent=5, currency="EUR", starts_on=clock.today() + timedelta(days=60)
        )
        discount = SubscriptionDiscount.objects.create(
            subscription=subscription, kind="percent", name="Sorry", percent=10, currency="EUR", periods_left=2
        )
        self.objects |= {"client_group": group, "price_list": shelf, "price": price, "promotion": promotion}
        rate = ExchangeRate.objects.create(source="ecb", base="EUR", currency="USD", on=clock.today(), rate=Decimal("1.1"))
        self.objects |= {"price_update": update, "discount": discount, "exchange_rate": rate}

    def _offers(self):
        """A quote that was given out, and an item for the next invoice."""
        lines = [Offered("Move of alices-secret-domain", Decimal(100))]
        values = {"subject": "Alice's private question", "currency": self.client.currency}
        quote = create_quote(
            lines, client=self.client, actor=SYSTEM, valid_until=clock.today() + timedelta(days=30), **values
        )
        self.objects["quote"] = deliver_quote(quote, actor=SYSTEM)
        self.objects["billable"] = create_billable(
            client=self.client, actor=SYSTEM, description="Hours for alices-secret-domain", unit_amount=Decimal(80)
        )

    def _use(self, subscription):
        """Something metered, and an event of it."""
        self.objects["metric"] = make_metric(subscription.product)
        self.objects["usage_record"] = use(subscription, "3", reason="Alice's private question").rows[0]

    def _change(self, subscription):
        """One that waits for its day."""
        return SubscriptionChange.objects.create(
            subscription=subscription, client=self.client, when="term_end", state="scheduled", currency="EUR",
            from_product=subscription.product, to_product=subscription.product, to_cycle="annual",
            effective_on=clock.today() + timedelta(days=20), asked_at=clock.now(), asked_by="Alice",
            before=terms_of(subscription).as_json, after=terms_of(subscription).as_json,
        )  # fmt: skip

    def _transfer(self):
        """Somebody else offers one to Alice."""
        person = {"first_name": "Thea", "last_name": "Third", "email": "thea@third.example", "country": "DE"}
        given = subscription_of(make_order(Client.objects.create(number="C-third", currency="EUR", **person)))
        return Transfer.objects.create(
            subscription=given, from_client=given.client, to_client=self.client, offered_at=clock.now(), offered_by="Thea"
        )

    def _card(self):
        """A card gateway at an address where nobody answers."""
        values = {"secret_key": "sk_test_w", "publishable_key": "pk_test_w", "webhook_secret": "whsec_w"}
        values |= {"api_base": "http://127.0.0.1:9", "element_url": "http://127.0.0.1:9/element.js"}
        return modules.store_values(ModuleConfig(kind="gateway", driver="stripe", label="Card"), values)

    def _servers(self):
        config = ModuleConfig.objects.create(
            kind="panel",
            driver="cpanel",
            label="Panel",
            config={"hostname": "127.0.0.1", "port": 9, "username": "root", "use_tls": False, "tls_check": "system"},
            secrets={"token": "T" * 20},
        )
        group = ServerGroup.objects.create(name="Falkenstein")
        server = Server.objects.create(name="fra-1", hostname="fra-1.example", group=group, module_config=config)
        Product.objects.update(provisioning={"server_group": group.pk, "plan": "start"})
        values = {
            "client": self.client,
            "group": group,
            "server": server,
            "state": "live",
            "live_at": clock.now(),
            "domain": "alices-secret-domain.example",
            "username": "alicesec",
            "plan": "start",
        }
        subscription = self.objects["subscription"]
        service, _made = Service.objects.update_or_create(subscription=subscription, defaults=values)
        operation = Operation.objects.create(service=service, server=server, verb="suspend", state="failed", error="x")
        drift = Drift.objects.create(
            server=server, service=service, kind="state", username="alicesec", found_at=clock.now()
        )
        former = FormerAccount.objects.create(
            service=service, server=server, username="oldsec", domain=service.domain, left_at=clock.now()
        )
        self.objects |= {"service": service, "operation": operation, "drift": drift, "former_account": former}
        self.objects |= {"server": server, "group": group, "server_group": group}

    def _ticket(self):
        department = Department.objects.get_or_create(name="Support")[0]
        ticket = open_ticket(
            actor=self.cast.alice_actor,
            client=self.client,
            department=department,
            subject="Alice's private question",
            body="About alices-secret-domain.",
        )
        reply(ticket, actor=self.cast.stella_actor, body="Because.")
        message = TicketMessage.objects.filter(ticket=ticket).first()
        file = File(name="a.txt", mime="text/plain", size=1, sha256="0", owner_kind=TicketMessage.FILE_OWNER)
        file.owner_id = message.pk
        file.content.save("content", ContentFile(b"alices-secret-domain"), save=True)
        self.objects |= {"ticket": ticket, "department": department, "ticket_file": file}

    def _operation(self):
        """The floor's own rows."""
        logo = store_picture(SimpleUploadedFile("logo.png", mark_png("#0a5cff", 32)))
        self.objects["brand_picture"] = File.objects.get(token=logo["token"])
        self.objects["message"] = Message.objects.create(
            kind="billing.invoice_issued",
            key="walk",
            to_email="alice@weaves.example",
            subject="Alice's private question",
            html="<p>alices-secret-domain</p>",
            text="alices-secret-domain",
            client_id=self.client.pk,
        )
        self._webhooks()
        self.objects["rule"] = Rule.objects.first() or Rule.objects.create(name="R", trigger="x", action="y")
        self.objects["job"] = JobRun.objects.create(name="core.run_rules", slot=clock.now())
        self.objects["outgoing"] = Outgoing.objects.create(kind="walk", key="1", object_id=1, state="failed")
        event = Event.objects.create(name="walk", payload={})
        self.objects["delivery"] = Delivery.objects.create(event=event, handler="walk", state="dead")
        self.objects["activity"] = Change.objects.first()

    def _webhooks(self):
        """One of Alice's account, with something sent, at an address where nobody answers."""
        endpoint = WebhookEndpoint.objects.create(
            user=self.cast.alice, client_id=self.client.pk, label="alices-secret-domain", target_url="https://127.0.0.1:9/",
            secret="whsec_eA==", events=["invoice.issued"],
        )  # fmt: skip
        sent = WebhookDelivery.objects.create(
            endpoint=endpoint, message_id="msg_1", type="webhook.test", body='{"x": "alices-secret-domain"}', state="failed"
        )
        WebhookAttempt.objects.create(delivery=sent, url=endpoint.target_url, answer="alices-secret-domain", status=500)
        self.objects |= {"webhook": endpoint, "webhook_delivery": sent}
        self.own_webhook = WebhookEndpoint.objects.create(
            user=self.cast.stella, label="Own", target_url="https://127.0.0.1:9/", secret="whsec_eA==", events=["invoice.paid"]
        )

    def _list_work(self):
        """A file and a bulk act that Stella asked for."""
        asked = {"user": self.people["stella"], "list_key": "clients_staff:client_list", "language": "en"}
        file = File(name="clients.csv", mime="text/csv", size=1, sha256="0", owner_kind=Export.FILE_OWNER)
        file.content.save("clients.csv", ContentFile(b"a"))
        self.objects["export"] = Export.objects.create(
            **asked, format="csv", title="Clients", time_zone="UTC", state="done", file=file, finished_at=clock.now()
        )
        self.objects["bulk_run"] = run = BulkRun.objects.create(
            **asked, once="1", title="Clients", action="close", label="Close", state="done", total=1, is_collected=True
        )
        BulkRow.objects.create(run=run, object_id=self.client.pk, label="alices-secret-domain", state="done")


#: Arguments of addresses whose value is not simply the primary key of the noun's object; functions of the world.
SPECIAL = {
    "whmcs:single_sign_on": lambda world: {"ticket": "unknown"},
    "pay": lambda world: {"token": pay_token(world.objects["invoice"])},
    "pay_return": lambda world: {"token": pay_token(world.objects["invoice"])},
    "pay_state": lambda world: {"token": pay_token(world.objects["invoice"])},
    "store:quote": lambda world: {"token": quote_token(world.objects["quote"])},
    "store:quote_pdf": lambda world: {"token": quote_token(world.objects["quote"])},
    "clients_portal:api_token_revoke": lambda world: {"pk": world.client_token.pk},
    "group": lambda world: {"group": world.objects["product_group"].slug},
    "configure": lambda world: {"slug": world.objects["product"].slug},
    "store:bundle": lambda world: {"slug": world.objects["bundle"].slug},
    "product_option_create": lambda world: {"group": world.objects["option_group"].pk},
    "store:product": lambda world: {
        "group": world.objects["product"].group.slug,
        "slug": world.objects["product"].slug,
    },
    "cart_line": lambda world: {"pk": 1},
    "cart_remove": lambda world: {"pk": 1},
    "cart_cycle": lambda world: {"pk": 1},
    "gateway": lambda world: {"pk": world.objects["module"].pk},
    "clients_staff:webhook_edit": lambda world: {"pk": world.own_webhook.pk},
    "clients_staff:webhook_rotate": lambda world: {"pk": world.own_webhook.pk},
    "api:ticket_file_content": lambda world: {"token": world.objects["ticket_file"].token},
    "api:setting_topic": lambda world: {"topic": "company"},
    "api:setting": lambda world: {"topic": "company", "key": "company.name"},
    "api:wording": lambda world: {"kind": "billing.invoice_issued", "language": "en"},
    "api:wording_reset": lambda world: {"kind": "billing.invoice_issued", "language": "en"},
    "api:job": lambda world: {"name": world.objects["job"].name},
    "api:job_run_now": lambda world: {"name": world.objects["job"].name},
    "api:report": lambda world: {"report": "income"},
    "ticket_file": lambda world: {"token": world.objects["ticket_file"].token},
    "invitation_accept": lambda world: {"token": invitation_token(world.objects["invitation"])},
    "template_edit": lambda world: {"kind": "billing.invoice_issued", "language": "en"},
    "template_preview": lambda world: {"kind": "billing.invoice_issued", "language": "en"},
    "template_reset": lambda world: {"kind": "billing.invoice_issued", "language": "en"},
    "setting_history": lambda world: {"key": "company.name"},
    "module_create": lambda world: {"kind": "gateway", "driver": "stripe"},
    "drift_mend": lambda world: {"pk": world.objects["drift"].pk, "way": "leave"},
    "job_detail": lambda world: {"name": world.objects["job"].name},
    "job_run": lambda world: {"name": world.objects["job"].name},
    "home_card": lambda world: {"key": "queue"},
    "waiting_list": lambda world: {"kind": "tickets"},
    "setup_guide_step": lambda world: {"key": "company"},
    "brand_sheet": lambda world: {"colour": "0a5cff"},
    "brand_mark": lambda world: {"colour": "0a5cff"},
    "brand_touch": lambda world: {"colour": "0a5cff"},
    "brand_social": lambda world: {"colour": "0a5cff"},
    "brand_picture": lambda world: {"token": world.objects["brand_picture"].token},
    "account_confirm_email": lambda world: {"key": "unknown"},
    "account_reset_password_from_key": lambda world: {
        "uidb36": user_pk_to_url_str(world.cast.alice),
        "key": default_token_generator.make_token(world.cast.alice),
    },
}


def noun_of(route, nouns) -> str | None:
    """The longest noun that the address's name begins with: `product_group_edit` is about a product group."""
    return max((noun for noun in nouns if f"{route.noun}_".startswith(f"{noun}_")), key=len, default=None)


def arguments_of(route, world) -> dict | None:
    """Real values for the address's arguments; None when nobody said which."""
    if not route.arguments:
        return {}
    if route.is_api and route.name not in SPECIAL and route.arguments == ["pk"]:
        return {"pk": world.objects[noun].pk} if (noun := noun_of(route, world.objects)) else None
    if f"{route.name}" in SPECIAL or route.noun in SPECIAL and not (route.is_staff and route.noun == "group"):
        return SPECIAL.get(route.name, SPECIAL.get(route.noun))(world)
    noun = noun_of(route, world.objects)
    return {"pk": world.objects[noun].pk} if noun and route.arguments == ["pk"] else None
