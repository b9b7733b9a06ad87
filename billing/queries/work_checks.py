"""Invariants of work that must happen once: messages of gateways, paid orders, calls in doubt, runaways. What keeps them
is named in `UNIQUE`: without these indexes of the database twins would be possible."""

from billing.queries.check import Check

#: Unique indexes that stand between us and twins: (name, what they keep once).
UNIQUE = {
    "billing_line_period_once": "a subscription's period",
    "billing_invoice_series_number": "a number of invoices",
    "billing_creditnote_series": "a number of credit notes",
    "billing_payment_remote": "a payment of a gateway",
    "billing_dispute_remote": "a dispute of a gateway",
    "billing_charge_remote": "a charge of a gateway",
    "billing_chargepart_one_live": "a payment attempt under way",
    "billing_gatewayevent_once": "a message of a gateway",
    "billing_writeoff_once": "a write-off",
    "billing_usage_event_once": "an event of metered use",
    "billing_usageperiod_once": "a month of metered use",
    "core_idempotency_once": "a request with its key",
    "core_jobrun_once": "a slot of a job",
}

WORK_CHECKS = [
    Check(
        "unique_indexes",
        "the database's indexes that keep things from happening twice are there and valid",
        "SELECT n.name AS index FROM (VALUES "  # noqa: S608 (our own names)
        + ", ".join(f"('{name}')" for name in UNIQUE)
        + """) n(name) WHERE NOT EXISTS (SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             WHERE c.relname = n.name AND i.indisunique AND i.indisvalid)""",
    ),
    Check(
        "messages_once",
        "a message of a gateway is stored once, and what is done has a moment",
        """SELECT gateway_id AS gateway, remote_id, count(*) AS times FROM billing_gatewayevent
           GROUP BY 1, 2 HAVING count(*) > 1 OR bool_or(state = 'done' AND done_at IS NULL)""",
    ),
    Check(
        "orders_begun",
        "every line of an order that is accepted and paid has its subscription, which does not wait any more",
        """SELECT o.number AS "order", l.id AS line, s.id AS subscription, s.state FROM billing_order o
           JOIN billing_invoice i ON i.id = o.invoice_id AND i.state = 'paid'
           JOIN billing_orderline l ON l.order_id = o.id
           LEFT JOIN billing_subscription s ON s.order_line_id = l.id
           WHERE o.state = 'accepted' AND (s.id IS NULL OR s.state = 'pending')""",
    ),
    Check(
        "doubt_is_looked_up",
        "a call to a gateway whose outcome is unknown is looked up before it is made again",
        """SELECT id AS call, kind, key, attempts FROM core_outgoing
           WHERE kind IN ('billing.charge', 'billing.refund') AND state = 'unknown' AND NOT must_look""",
    ),
    Check(
        "usage_counted",
        "a closed month of metered use counts exactly the events that are marked with it, and those of its own service",
        """SELECT p.id AS month, p.quantity, sum(r.quantity) + p.brought AS events FROM billing_usageperiod p
           JOIN billing_metric m ON m.id = p.metric_id JOIN billing_usagerecord r ON r.period_id = p.id
           GROUP BY p.id, m.kind HAVING (m.kind = 'sum' AND sum(r.quantity) + p.brought <> p.quantity)
             OR bool_or(r.subscription_id <> p.subscription_id OR r.metric_id <> p.metric_id OR r.occurred_on >= p.ends_on)""",
    ),
    Check(
        "no_runaway",
        "no subscription was invoiced for more than 15 periods on one day without its account being stopped",
        """SELECT l.subscription_id AS subscription, i.issued_on, count(*) AS periods FROM billing_invoiceline l
           JOIN billing_invoice i ON i.id = l.invoice_id JOIN billing_account a ON a.id = i.account_id
           WHERE l.kind = 'recurring' AND l.part = '' AND NOT l.released AND i.issued_on IS NOT NULL AND a.parked_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM core_change c WHERE c.object_kind = 'billing.account' AND c.object_id = a.id
                             AND c.action = 'billing.account_unparked')
           GROUP BY 1, 2 HAVING l.subscription_id IS NOT NULL AND count(*) > 15""",
    ),
]
