"""Reading accounts: a customer and its subscription together are what provisioning calls an account."""

from dataclasses import dataclass
from datetime import UTC, datetime

from provisioning.panels.base import REASON_MARK, AccountRef, RemoteAccount
from provisioning.panels.plesk import packets, xml
from provisioning.panels.plesk.client import PleskClient, Result, present


@dataclass
class Found:
    """What is there for a reference. `customer` and `webspace` are None when missing; `webspace` may be somebody else's."""

    customer: Result | None
    webspace: Result | None
    plans: dict[str, str]  # guid -> name

    @property
    def customer_id(self) -> str:
        """Id of the customer, "" without one."""
        return self.customer.text("id") if self.customer else ""

    @property
    def webspace_id(self) -> str:
        """Id of the subscription, "" without one."""
        return self.webspace.text("id") if self.webspace else ""

    @property
    def is_ours(self) -> bool:
        """Does the subscription belong to the customer?"""
        owner = self.webspace.text("data/gen_info/owner-id") if self.webspace else ""
        return bool(owner and owner == self.customer_id)

    def account(self) -> RemoteAccount:
        """Both together; needs both."""
        return account_of(self.webspace, self.customer, self.plans)


def find(client: PleskClient, ref: AccountRef) -> Found:
    """Customer (by our external id when we gave one, else by login), subscription (by domain) and plans in one packet."""
    by = {"external_id": ref.external_id} if ref.external_id else {"login": ref.username}
    customers, webspaces, plans = client.read(
        packets.customer_get(**by),
        packets.webspace_get("gen_info", "subscriptions", name=ref.domain.lower()),
        packets.plan_get(),
    )
    return Found(next(iter(present(customers)), None), next(iter(present(webspaces)), None), plan_names(plans))


def everything(client: PleskClient, *datasets: str) -> list[tuple[Result, Result | None, dict[str, str]]]:
    """All subscriptions with their customers (None = the administrator's own) and the plans' names."""
    customers, webspaces, plans = client.read(
        packets.customer_get(), packets.webspace_get("gen_info", *datasets), packets.plan_get()
    )
    owners = {customer.text("id"): customer for customer in present(customers)}
    names = plan_names(plans)
    return [(row, owners.get(row.text("data/gen_info/owner-id")), names) for row in present(webspaces)]


def plan_names(results: list[Result]) -> dict[str, str]:
    """guid -> name."""
    return {plan.text("guid"): plan.text("name") for plan in present(results)}


def account_of(webspace: Result, customer: Result, plans: dict[str, str]) -> RemoteAccount:
    """The pair as provisioning sees it. Our reason for suspending stands in the customer's description."""
    status = xml.number(webspace.element, "data/gen_info/status")
    owner_status = xml.number(customer.element, "data/gen_info/status")
    description = customer.text("data/gen_info/description")
    suspended = bool(status or owner_status)
    ours = status == packets.SUSPENDED_BY_ADMIN and not owner_status and description.startswith(REASON_MARK)
    reason = description.removeprefix(REASON_MARK) if ours else f"status {status or owner_status}" if suspended else ""
    created = webspace.text("data/gen_info/cr_date")
    return RemoteAccount(
        remote_id=webspace.text("id"),
        username=customer.text("data/gen_info/login"),
        domain=webspace.text("data/gen_info/name").lower(),
        plan=plans.get(webspace.text("data/subscriptions/subscription/plan/plan-guid"), ""),
        suspended=suspended,
        suspend_reason=reason,
        suspended_by_us=ours,
        created_at=datetime.strptime(created, "%Y-%m-%d").replace(tzinfo=UTC) if created else None,
        external_id=customer.text("data/gen_info/external-id"),
    )
