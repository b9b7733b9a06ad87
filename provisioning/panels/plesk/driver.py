"""Plesk accounts: one customer with one subscription for each service, so that logins and mail of services never mix."""

import ipaddress

from django import forms
from django.utils.translation import gettext_lazy as _

from hostbill.core import http
from hostbill.core.errors import DriverError
from provisioning.panels.address import AddressForm
from provisioning.panels.base import (
    REASON_MARK,
    AccountRef,
    CreateAccount,
    Panel,
    RemoteAccount,
    TestResult,
    Usage,
)
from provisioning.panels.plesk import packets, xml
from provisioning.panels.plesk.accounts import Found, account_of, everything, find, plan_names
from provisioning.panels.plesk.client import PleskClient, Result, present


class PleskConfig(AddressForm):
    """Where Plesk is, and a secret key or the administrator's password."""

    default_port = 8443

    username = forms.CharField(label=_("Administrator login"), initial="admin", max_length=64, required=False)
    secret_key = forms.CharField(
        label=_("Secret key"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Preferred. Made with: plesk bin secret_key --create -ip-address ADDRESS"),
    )
    password = forms.CharField(
        label=_("Administrator password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Only needed without a secret key. Leave empty to keep the stored one."),
    )


class Plesk(Panel):
    """Plesk Obsidian and older, by the XML API."""

    label = "Plesk"
    capabilities = frozenset({"login_link", "usage", "change_plan", "set_password", "list"})
    Config = PleskConfig
    secret_fields = ("secret_key", "password")

    def __init__(self, values: dict):
        super().__init__(values)
        self.client = PleskClient(values)

    def test(self) -> TestResult:
        """Version and licence; an administrator's key has every right or is refused outright."""
        [results] = self.client.read(packets.server_get("gen_info", "key", "stat"))
        server = results[0]
        if server.error:
            raise server.error
        limits = {xml.text(row, "name"): xml.text(row, "value") for row in server.element.findall("key/property")}
        limit = int(limits.get("lim_dom") or -1)
        return TestResult(
            version=server.text("stat/version/plesk_version"),
            max_accounts=limit if limit >= 0 else None,
            account_count=xml.number(server.element, "stat/objects/domains"),
        )

    def look_up(self, ref: AccountRef) -> RemoteAccount | None:
        """The subscription with our domain, owned by our customer."""
        found = find(self.client, ref)
        return found.account() if found.is_ours else None

    def create(self, request: CreateAccount) -> RemoteAccount:
        """Customer, then subscription; takes up where an earlier attempt stopped."""
        if not (request.username and request.domain and request.plan and request.password):
            raise DriverError("User name, domain, plan and password are all needed", permanent=True, code="invalid")
        found = find(self.client, request.ref)
        if found.is_ours and self._may_adopt(request):
            self.set_password(request.ref, request.password)
            return found.account()
        if found.webspace:
            raise DriverError(f"{request.domain} is already on this server", permanent=True, code="domain_taken")
        if request.plan not in found.plans.values():
            raise DriverError(f"Plesk has no service plan {request.plan}", permanent=True, code="plan_missing")
        if found.customer and not request.external_id:
            raise DriverError(f"The login {request.username} is taken", permanent=True, code="username_taken")
        customer_id = found.customer_id or self._add_customer(request)
        return self._add_webspace(request, customer_id, made_customer=not found.customer)

    @staticmethod
    def _may_adopt(request: CreateAccount) -> bool:
        """Our external id proves that it is ours. Without one nothing does: Plesk tells only the day of creation."""
        return bool(request.external_id)

    def _add_customer(self, request: CreateAccount) -> str:
        add = packets.customer_add(
            name=request.client_name or request.client_ref or request.domain, login=request.username, password=request.password,
            email=request.email, external_id=request.external_id, description=request.client_ref,
        )  # fmt: skip
        try:
            [[customer]] = self.client.change(add, hide=(request.password,))
        except DriverError as error:
            raise _named(error, "username_taken") from error
        return customer.text("id")

    def _add_webspace(self, request: CreateAccount, customer_id: str, *, made_customer: bool) -> RemoteAccount:
        """The subscription. When it is refused, the customer made for it a moment ago is removed again."""
        try:
            add = packets.webspace_add(
                domain=request.domain.lower(), owner_id=customer_id, address=self._shared_address(), login=request.username,
                password=request.password, external_id=request.external_id, plan=request.plan,
            )  # fmt: skip
            [[webspace]] = self.client.change(add, hide=(request.password,))
        except DriverError as error:
            if made_customer and error.permanent:
                self._remove_customer_if_empty(customer_id)
            taken = "username_taken" if "user" in error.message.lower() else "domain_taken"
            raise _named(error, taken) from error
        return RemoteAccount(
            webspace.text("id"),
            request.username,
            request.domain.lower(),
            request.plan,
            False,
            external_id=request.external_id,
        )

    def _shared_address(self) -> str:
        """An address of the server that many sites may share."""
        [[result]] = self.client.read(packets.ip_get())
        if result.error:
            raise result.error
        for row in result.element.iterfind("addresses/ip_info"):
            if xml.text(row, "type") == "shared":
                return xml.text(row, "ip_address")
        raise DriverError("Plesk has no shared IP address", permanent=True, code="refused")

    def suspend(self, ref: AccountRef, reason: str) -> None:
        """The subscription is switched off, not the customer; the reason goes into the customer's description first."""
        found = self._existing(ref)
        if found.account().suspended:
            return
        self.client.change(
            packets.customer_set(found.customer_id, description=REASON_MARK + reason),
            packets.webspace_status(found.webspace_id, packets.SUSPENDED_BY_ADMIN),
        )
        self._confirm(self._existing(ref).account().suspended, "suspend")

    def resume(self, ref: AccountRef, *, force: bool = False) -> None:
        """Switched on again when the suspension is ours."""
        found = self._existing(ref)
        account = found.account()
        if not account.suspended:
            return
        if not account.suspended_by_us and not force:
            raise DriverError(
                f"Suspended by somebody else ({account.suspend_reason})", permanent=True, code="suspended_elsewhere"
            )
        self.client.change(
            packets.webspace_status(found.webspace_id, packets.ACTIVE),
            packets.customer_set(found.customer_id, description=""),
        )
        self._confirm(not self._existing(ref).account().suspended, "resume")

    def terminate(self, ref: AccountRef) -> None:
        """The subscription, then its customer if that has no other. What is already gone is fine."""
        found = find(self.client, ref)
        if found.webspace and not found.is_ours:
            raise DriverError(
                f"{ref.domain} belongs to another customer: nothing was changed", permanent=True, code="domain_mismatch"
            )
        if found.webspace:
            try:
                self.client.change(packets.webspace_del(found.webspace_id))
            except DriverError as error:
                if error.stop_lane or find(self.client, ref).webspace:
                    raise
        elif found.customer and self._other_webspaces(found.customer_id):
            raise DriverError(
                f"{ref.username} has another domain, not {ref.domain}", permanent=True, code="domain_mismatch"
            )
        if found.customer:
            self._remove_customer_if_empty(found.customer_id)

    def _other_webspaces(self, customer_id: str) -> list[Result]:
        [results] = self.client.read(packets.webspace_get(owner_id=customer_id))
        return present(results)

    def _remove_customer_if_empty(self, customer_id: str) -> None:
        if self._other_webspaces(customer_id):
            return
        try:
            self.client.change(packets.customer_del(customer_id))
        except DriverError as error:
            if error.code != "missing":
                raise

    def change_plan(self, ref: AccountRef, plan: str) -> None:
        """switch-subscription by the plan's guid."""
        found = self._existing(ref)
        if found.account().plan == plan:
            return
        guid = next((guid for guid, name in found.plans.items() if name == plan), "")
        if not guid:
            raise DriverError(f"Plesk has no service plan {plan}", permanent=True, code="plan_missing")
        self.client.change(packets.switch_subscription(found.webspace_id, guid))
        self._confirm(self._existing(ref).account().plan == plan, "switch-subscription")

    def set_password(self, ref: AccountRef, password: str) -> None:
        """For the panel and for FTP, in one packet."""
        found = self._existing(ref)
        self.client.change(
            packets.customer_set(found.customer_id, passwd=password),
            packets.webspace_password(found.webspace_id, password),
            hide=(password,),
        )

    def usage(self, refs: list[AccountRef] | None = None) -> dict[str, Usage]:
        """Disk use, traffic of the month and limits of all subscriptions in one packet."""
        wanted = None if refs is None else {(ref.username, ref.domain.lower()) for ref in refs}
        found = {}
        for webspace, customer, _plans in everything(self.client, "limits", "stat"):
            login = customer.text("data/gen_info/login") if customer else ""
            if login and (wanted is None or (login, webspace.text("data/gen_info/name").lower()) in wanted):
                found[login] = _usage(webspace)
        return found

    def login_link(self, ref: AccountRef, service: str = "panel", client_ip: str = "") -> str:
        """A session bound to the browser's address. As good as the password, so this exchange is kept out of the record."""
        if service != "panel":
            return f"https://webmail.{ref.domain}/"
        try:
            address = str(ipaddress.ip_address(client_ip or "127.0.0.1"))
        except ValueError as error:
            raise DriverError("The browser's address is not known", permanent=True, code="invalid") from error
        login = self._existing(ref).account().username
        with http.record():
            [[session]] = self.client.change(packets.create_session(login, address))
        return f"{self.client.address.url}/enterprise/rsession_init.php?PHPSESSID={session.text('id')}"

    def list_accounts(self) -> list[RemoteAccount]:
        """Subscriptions of customers; the administrator's own are none of our business."""
        rows = everything(self.client, "subscriptions")
        return [account_of(webspace, customer, plans) for webspace, customer, plans in rows if customer]

    def list_plans(self) -> list[str]:
        """Names of the service plans."""
        [results] = self.client.read(packets.plan_get())
        return sorted(plan_names(results).values())

    def check_username(self, username: str) -> bool:
        """Is the login free? (The system user of the same name can only be tried.)"""
        [results] = self.client.read(packets.customer_get(login=username))
        return not present(results)

    def _existing(self, ref: AccountRef) -> Found:
        """Customer and subscription, or DriverError missing / domain_mismatch: nobody else's account is ever touched."""
        found = find(self.client, ref)
        if found.webspace is None:
            raise DriverError(f"There is no subscription {ref.domain} on the server", permanent=True, code="missing")
        if not found.is_ours:
            raise DriverError(
                f"{ref.domain} belongs to another customer: nothing was changed", permanent=True, code="domain_mismatch"
            )
        return found

    @staticmethod
    def _confirm(changed: bool, operation: str) -> None:
        if not changed:
            raise DriverError(f"{operation} reported success but changed nothing", permanent=False, code="not_applied")


def _named(error: DriverError, taken: str) -> DriverError:
    """The error, with Plesk's one "already exists" said precisely."""
    if error.code != "taken":
        return error
    return DriverError(error.message, permanent=True, code=taken)


def _usage(webspace: Result) -> Usage:
    limits = {xml.text(row, "name"): xml.number(row, "value") for row in webspace.element.iterfind("data/limits/limit")}
    disk, traffic = limits.get("disk_space", -1), limits.get("max_traffic", -1)
    return Usage(
        disk_used=xml.number(webspace.element, "data/gen_info/real_size"),
        disk_limit=disk if disk > 0 else None,
        bandwidth_used=xml.number(webspace.element, "data/stat/traffic"),
        bandwidth_limit=traffic if traffic > 0 else None,
    )
