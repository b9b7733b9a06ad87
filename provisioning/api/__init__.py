"""What exists on servers, by API."""

from hostbill.core.api.fields import rows
from hostbill.core.api.nouns import Noun
from provisioning.models import OperationAttempt

NOUNS = [
    Noun(
        "services",
        "service",
        also="domain subscription attention suspend_reason suspended_at terminated_at terminate_after usage usage_at",
        without="shown_domain",
        select=("subscription__product",),
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
        closed={"create": "the panel's own form belongs to it", "edit": "the panel's own form belongs to it"},
    ),
    Noun("server-groups", "group", also="fill"),
    Noun(
        "differences",
        "drift",
        also="server service kind username domain ours theirs found_at resolved_at mend mended_at mended_by left_at left_by "
        "left_reason",
        select=("service__client",),
        closed={"mend": "which ways there are depends on the row; its own address follows"},
    ),
]
