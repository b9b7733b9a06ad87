"""Every address of the console and the client area: its twin in the API, or the reason why it has none."""

import pytest
from django.urls import reverse

from hostbill.core.api.nouns import AUDIENCES
from tests.security.routes import routes

assert reverse("api:entrance")
pytestmark = [pytest.mark.xdist_group("api")]

PEOPLE = "a page for people: what it puts together are nouns of their own"
CREDENTIALS = "what opens doors is made, seen and revoked by people only"
BROWSER = "a step of a browser; the API has the whole in one request"
OWN_LIST = "the list with a filter or sort"
#: Addresses whose twin has another name: the API's, without its namespace.
TWINS = {
    # Console
    "staff_client": "client_detail", "staff_client_services": "service_list", "staff_client_money": "billing_account_list",
    "staff_client_tickets": "ticket_list", "staff_client_mails": "message_list", "staff_client_history": "activity_list",
    "staff_client_tax": "tax_line_list", "rule_tonight": "tonight", "staff_health": "health", "staff_reports": "reports",
    "template_list": "wordings", "template_edit": "wording", "template_reset": "wording_reset", "message_resend": "message_resend",
    "setting_list": "settings", "setting_history": "setting", "job_list": "jobs", "job_detail": "job", "job_run": "job_run_now",
    "outgoing_retry": "outgoing_retry", "lane_reopen": "outgoing_reopen-lane", "delivery_retry": "delivery_retry",
    "rule_switch": "rule_detail", "search": "search", "notice_list": "notices", "notice_read": "notices_read",
    "webhook_deliveries": "webhook_delivery_list", "journal_export": "journal_file", "trial_balance": "trial_balance", "ageing": "ageing",
    "payment_match": "payment_list", "bank_line_match": "bank_line_book", "product_option_create": "product_option_list",
    "product_option_edit": "product_option_detail", "tax_report": "tax_report", "tax_rates_eu": "tax_rate_eu",
    "einvoice_file": "einvoice_file",
    "drift_compare": "drift_compare", "drift_mend_safe": "drift_mend-safe", "ticket_file": "ticket_file_content",
    "order_create": "order_list", "member_edit": "member_detail", "product_sort": "product_detail",
    # Client area
    "portal_home": "entrance", "client_edit": "client_detail", "member_list": "member_list", "member_invite": "client_invite",
    "member_remove": "member_remove", "message_detail": "message_detail",
    "invoice_pay_several": "invoice_pay", "invoice_pay": "invoice_pay", "statement": "billing_account_statement",
    "auto_charge": "billing_account_detail", "subscription_addons": "order_list", "transfer_withdraw": "transfer_withdraw",
    "change_withdraw": "change_withdraw", "service_setup": "service_detail", "service_setup_progress": "service_detail",
    "subscription_setup": "subscription_detail", "quote_detail": "quote_detail", "ticket_create": "ticket_list",
    "payment_method_list": "payment_methods_list", "webhook_delivery_detail": "webhook_delivery_detail",
    "webhook_delivery_replay": "webhook_delivery_replay",
}  # fmt: skip
REASONS = {
    **dict.fromkeys(("staff_home", "home_card", "home_arrange", "waiting_list", "setup_guide", "setup_guide_step", "staff_client_story",
                     "styleguide", "help", "keys", "profile", "portal_tax", "brand_colours"), PEOPLE),
    **dict.fromkeys(("figure_unpaid_running", "figure_paid_down", "figure_unbilled", "figure_renewals_due", "figure_new_clients",
                     "figure_lost_clients", "figure_unanswered"), OWN_LIST),
    **dict.fromkeys(("export_list", "export_file", "bulk_run_list", "bulk_run_detail", "bulk_run_stop"),
                    "work that a person left to run: programs page through lists and send bulk requests"),
    **dict.fromkeys(("api_credential_list", "api_credential_create", "api_credential_revoke", "api_role_list", "api_role_create",
                     "api_role_edit", "api_role_history", "api_role_delete", "api_token_list", "api_token_create",
                     "api_token_revoke"), CREDENTIALS),
    **dict.fromkeys(("client_visit", "client_visit_end", "client_switch", "invitation_accept"), "the person's own session"),
    **dict.fromkeys(("payment_method_add", "payment_method_form", "payment_method_return"),
                    "a card's number goes from the browser to the gateway and nowhere else"),
    "template_preview": BROWSER,
    "message_body": "mails may hold links that open something: programs are told of mails, not their words",
    "brand_edit": "pictures are looked at while they are chosen; colours are settings",
}  # fmt: skip


def names_of_api() -> set[str]:
    """Without their namespace."""
    return {route.noun for route in routes() if route.is_api}


def twins_by_name(audience: str) -> set[str]:
    """Addresses that have one by their own name."""
    found = set()
    for noun in AUDIENCES[audience].values():
        route = noun.route if audience == "staff" else noun.name.replace("-", "_").removesuffix("s")
        found |= {f"{route}_{key}" for key in ("list", "detail", "history")}
        found |= {f"{route}_create"} if noun.create_view else set()
        found |= {f"{route}_edit"} if noun.edit_view else set()
        found |= {f"{route}_{key}".replace("-", "_") for kind in (noun.verbs, noun.files, noun.on_list, noun.closed) for key in kind}
    return found


@pytest.mark.parametrize("audience", ["staff", "client"])
def test_every_address_has_its_twin_or_a_reason(audience):
    known = twins_by_name(audience)
    mine = [route for route in routes() if (route.is_staff if audience == "staff" else route.is_portal) and route.ours]
    missing = [route.noun for route in mine if route.noun not in known | TWINS.keys() | REASONS.keys()]
    assert not missing and len(mine) > 60, f"{missing}: add them to the API, or say here which twin they have or why not"


def test_the_twins_are_there_and_the_reasons_are_needed():
    names = names_of_api()
    gone = {name: twin for name, twin in TWINS.items() if twin not in names}
    assert not gone, gone
    asked = {route.noun for route in routes() if not route.is_api}
    assert not [name for name in (*TWINS, *REASONS) if name not in asked]
