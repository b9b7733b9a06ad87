"""What exists on servers, by API."""

from hostbill.core.api.fields import Fact, rows
from hostbill.core.api.nouns import Noun
from provisioning.api.accounts import Compare, FormerRows, MendSafe
from provisioning.api.drift import Mend, ways_of
from provisioning.api.portal import CLIENT_NOUNS  # noqa: F401 - read by the addresses
from provisioning.api.server import PanelByApi, ServerCreateByApi, ServerEditByApi, ServerTestByApi, WebmailByApi
from provisioning.models import OperationAttempt

NOUNS = [
    Noun(
        "services",
        "service",
        also="domain subscription attention suspend_reason suspended_at terminated_at terminate_after usage usage_at",
        without="shown_domain",
        select=("subscription__product",),
        acts={"panel": PanelByApi, "webmail": WebmailByApi},
    ),
    Noun(
        "operations",
        "operation",
        also="verb reason error_code error_permanent next_try_at done_at failed_at cancelled_at seconds",
        inside=(rows("attempts", OperationAttempt, "number step outcome message started_at ms"),),
    ),
    Noun(
        "servers",
        "server",
        also="hostname health is_active max_accounts ip_address nameservers panel_url webmail_url version last_error "
        "last_error_at full_since stopped_since sort",
        create_view=ServerCreateByApi,
        edit_view=ServerEditByApi,
        acts={"test": ServerTestByApi},
    ),
    Noun("server-groups", "group", also="fill"),
    Noun(
        "differences",
        "drift",
        also="server service kind username domain ours theirs found_at resolved_at mend mended_at mended_by left_at left_by "
        "left_reason",
        select=("service__client",),
        inside=(Fact("ways", "list", nullable=False, get=ways_of),),
        acts={"mend": Mend},
        on_list={"compare": Compare, "mend-safe": MendSafe},
    ),
    Noun("former-accounts", "former_account", also="service server username domain left_at removed_at", list_view=FormerRows),
]
