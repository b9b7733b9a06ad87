"""Invariants of orders, invoices, periods, payments and refunds."""

from billing.queries.check import Check

DOCUMENT_CHECKS = [
    Check(
        "order_as_agreed",
        "an order's total is the one of its snapshot",
        """SELECT id AS "order", number, total_amount, snapshot ->> 'total' AS agreed FROM billing_order
           WHERE total_amount <> (snapshot ->> 'total')::numeric""",
    ),
    Check(
        "invoice_lines",
        "an issued invoice's net is the sum of its lines, its tax the sum of its tax groups, its total both",
        """SELECT i.id AS invoice, i.number, i.net_amount, i.tax_amount, i.total_amount, l.net AS lines, t.tax AS taxes
           FROM billing_invoice i
           LEFT JOIN (SELECT invoice_id, sum(net_amount) AS net FROM billing_invoiceline GROUP BY 1) l ON l.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(tax_amount) AS tax FROM billing_invoicetax GROUP BY 1) t ON t.invoice_id = i.id
           WHERE i.state <> 'draft' AND (i.net_amount <> coalesce(l.net, 0) OR i.tax_amount <> coalesce(t.tax, 0)
                 OR i.total_amount <> i.net_amount + i.tax_amount)""",
    ),
    Check(
        "line_amounts",
        "a line's net is its quantity times its unit price; a group's tax its base times its rate",
        """SELECT 'line' AS what, id AS row, invoice_id AS invoice, net_amount AS stored FROM billing_invoiceline
           WHERE abs(net_amount - quantity * unit_amount) > 0.5 * power(10::numeric, -({digits})) + 0.000000005 * abs(quantity)
           UNION ALL SELECT 'tax', id, invoice_id, tax_amount FROM billing_invoicetax
           WHERE gross_amount IS NULL AND tax_amount <> round(coalesce(base_amount, net_amount) * percent / 100, {digits})
           UNION ALL SELECT 'tax inside', id, invoice_id, tax_amount FROM billing_invoicetax
           WHERE gross_amount IS NOT NULL
             AND abs(tax_amount - coalesce(base_amount, net_amount) * percent / 100) > 2 * power(10::numeric, -({digits}))""",
    ),
    Check(
        "line_percent",
        "a line's rate is that of its taxes together; more where one is levied on another",
        """SELECT l.id AS line, l.invoice_id AS invoice, l.tax_percent AS stored, c.percent AS components
           FROM billing_invoiceline l JOIN billing_invoice i ON i.id = l.invoice_id AND i.state <> 'draft'
           CROSS JOIN LATERAL (SELECT sum((tax ->> 'percent')::numeric) AS percent, bool_or((tax ->> 'compound')::boolean) AS compound
                               FROM jsonb_array_elements(l.tax_components) AS taxes (tax)) c
           WHERE jsonb_array_length(l.tax_components) > 0
             AND CASE WHEN c.compound THEN l.tax_percent < c.percent ELSE l.tax_percent <> c.percent END""",
    ),
    Check(
        "tax_groups",
        "each tax group's base is the sum of its lines, and they say the same rate",
        """SELECT i.id AS invoice, coalesce(t.category, l.category) AS category, coalesce(t.percent, l.percent) AS percent,
                  t.net, l.net AS lines
           FROM (SELECT invoice_id, category, step, percent, sum(net_amount) AS net
                 FROM billing_invoicetax GROUP BY 1, 2, 3, 4) t
           FULL JOIN (SELECT n.invoice_id, n.tax_category AS category, c.step, c.percent, sum(n.net_amount) AS net
                      FROM billing_invoiceline n CROSS JOIN LATERAL (
                          SELECT place AS step, (part ->> 'percent')::numeric AS percent
                          FROM jsonb_array_elements(n.tax_components) WITH ORDINALITY AS parts (part, place)
                          UNION ALL SELECT 1, n.tax_percent WHERE jsonb_array_length(n.tax_components) = 0
                      ) c GROUP BY 1, 2, 3, 4) l
             ON l.invoice_id = t.invoice_id AND l.category = t.category AND l.step = t.step AND l.percent = t.percent
           JOIN billing_invoice i ON i.id = coalesce(t.invoice_id, l.invoice_id) AND i.state <> 'draft'
           WHERE coalesce(t.net, 0) <> coalesce(l.net, 0)
           UNION ALL SELECT n.invoice_id, n.tax_category, n.tax_percent, n.net_amount, n.net_amount FROM billing_invoiceline n
           JOIN billing_invoice i ON i.id = n.invoice_id AND i.state <> 'draft'
           WHERE jsonb_array_length(n.tax_components) > 0 AND NOT n.tax_components @> '[{"compound": true}]'
             AND n.tax_percent <> (SELECT sum((p ->> 'percent')::numeric) FROM jsonb_array_elements(n.tax_components) AS parts (p))""",
    ),
    Check(
        "invoice_balance",
        "open = total - payments - credit used + refunds + chargebacks - credit notes; zero when paid, cancelled or written off",
        """SELECT i.id AS invoice, i.number, i.state, i.open_amount AS open,
                  i.total_amount - coalesce(n.amount, 0) - coalesce(p.amount, 0) + coalesce(c.amount, 0) + coalesce(r.amount, 0)
                  + coalesce(d.amount, 0) AS computed
           FROM billing_invoice i
           LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM billing_paymentallocation GROUP BY 1) p
             ON p.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM billing_creditmovement WHERE kind = 'used' GROUP BY 1) c
             ON c.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM billing_refund
                      WHERE source = 'invoice' AND succeeded_at IS NOT NULL GROUP BY 1) r ON r.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(reopened_amount) AS amount FROM billing_disputepart GROUP BY 1) d
             ON d.invoice_id = i.id
           LEFT JOIN (SELECT invoice_id, sum(settled_amount) AS amount FROM billing_creditnote GROUP BY 1) n
             ON n.invoice_id = i.id
           WHERE (i.state IN ('issued', 'paid') AND i.open_amount <> i.total_amount - coalesce(n.amount, 0) - coalesce(p.amount, 0)
                    + coalesce(c.amount, 0) + coalesce(r.amount, 0) + coalesce(d.amount, 0))
              OR (i.state IN ('paid', 'cancelled', 'refunded', 'bad_debt') AND i.open_amount <> 0)
              OR (i.state = 'bad_debt' AND i.total_amount - coalesce(n.amount, 0) - coalesce(p.amount, 0)
                    + coalesce(c.amount, 0) + coalesce(r.amount, 0) + coalesce(d.amount, 0) <> (SELECT sum(amount) FROM billing_writeoff
                                                WHERE invoice_id = i.id AND taken_back_at IS NULL))
              OR (i.state = 'issued' AND i.open_amount <= 0)""",
    ),
    Check(
        "released_lines",
        "lines let go of their periods when their invoice was taken back, or when they were credited or given back as a whole",
        """SELECT l.id AS line, l.invoice_id AS invoice, i.state FROM billing_invoiceline l
           JOIN billing_invoice i ON i.id = l.invoice_id
           WHERE l.released <> (i.state IN ('cancelled', 'refunded')) AND NOT (l.released AND (
               i.state = 'draft' AND i.corrects_id IS NOT NULL
               OR EXISTS (SELECT 1 FROM billing_linecredit c
                          WHERE c.line_id = l.id AND NOT c.released AND c.from_on = l.period_start)
               OR l.net_amount = coalesce((SELECT sum(net_amount) FROM billing_creditnoteline WHERE invoice_line_id = l.id), 0)))""",
    ),
    Check(
        "period_once",
        "a subscription's period start is billed once per kind and part",
        """SELECT subscription_id AS subscription, kind, part, period_start, count(*) AS times FROM billing_invoiceline
           WHERE subscription_id IS NOT NULL AND period_start IS NOT NULL AND NOT released
           GROUP BY 1, 2, 3, 4 HAVING count(*) > 1""",
    ),
    Check(
        "periods_tile",
        "a subscription's invoiced periods follow each other without overlap, and without a gap that nobody made",
        """SELECT x.* FROM (
               SELECT subscription, period_start, covered_to,
                      lead(period_start) OVER (PARTITION BY subscription ORDER BY period_start) AS next_start
               FROM (SELECT l.subscription_id AS subscription, l.period_start, l.part,
                            {covered_to} AS covered_to
                     FROM billing_invoiceline l WHERE l.kind = 'recurring' AND NOT l.released AND l.part = ''
                     AND l.subscription_id IS NOT NULL) lines WHERE covered_to > period_start) x
           WHERE next_start < covered_to OR (next_start > covered_to AND NOT EXISTS (
               SELECT 1 FROM billing_invoiceline r WHERE r.subscription_id = x.subscription AND r.kind = 'recurring'
               AND r.released AND r.period_start = x.covered_to) AND NOT EXISTS (
               SELECT 1 FROM billing_pause p WHERE p.subscription_id = x.subscription AND p.from_on = x.covered_to)
               AND NOT EXISTS (SELECT 1 FROM billing_subscription s WHERE s.id = x.subscription AND s.free_until >= x.next_start))""",
    ),
    Check(
        "promotion_uses",
        "a promotion is counted as often as orders use it, and never above its limit",
        """SELECT p.id AS promotion, p.used_count AS counted, p.max_uses, count(u.id) AS uses FROM billing_promotion p
           LEFT JOIN billing_promotionuse u ON u.promotion_id = p.id AND u.released_at IS NULL
           GROUP BY p.id HAVING p.used_count <> count(u.id) OR p.used_count > p.max_uses""",
    ),
    Check(
        "next_period",
        "what runs and renews is due next where its invoiced periods end",
        """SELECT s.id AS subscription, s.state, s.next_due_on, max(covered_to) FILTER (WHERE NOT l.released) AS invoiced
           FROM billing_subscription s
           LEFT JOIN (SELECT l.*, {covered_to} AS covered_to FROM billing_invoiceline l) l
                ON l.subscription_id = s.id AND l.kind = 'recurring' AND l.covered_to > l.period_start
           WHERE s.state IN ('active', 'suspended') AND s.cycle <> 'one_time'
             AND NOT EXISTS (SELECT 1 FROM billing_pause p WHERE p.subscription_id = s.id AND p.resumed_on IS NULL)
             AND NOT EXISTS (SELECT 1 FROM billing_subscriptionchange c WHERE c.subscription_id = s.id AND c.state = 'unpaid')
           GROUP BY s.id
           HAVING (s.next_due_on IS NULL) <> (s.cancel_at_end
                   OR coalesce(greatest(max(CASE WHEN l.released THEN l.period_end ELSE l.covered_to END), s.free_until)
                               >= least(s.ends_on, s.cancel_on), false))
               OR s.next_due_on < coalesce(max(l.covered_to) FILTER (WHERE NOT l.released), s.started_on)
               OR s.next_due_on > greatest(coalesce(max(l.period_end), s.started_on), s.free_until)""",
    ),
    Check(
        "period_index",
        "a subscription's next period has the number that its months since the first day say",
        """SELECT id AS subscription, started_on, anchor_day, cycle, period_index, next_due_on FROM (
               SELECT id, coalesce(origin_on, started_on) AS started_on, anchor_day, cycle, period_index, next_due_on,
                      CASE cycle WHEN 'monthly' THEN 1 WHEN 'quarterly' THEN 3 WHEN 'semi_annual' THEN 6 WHEN 'annual' THEN 12
                             WHEN 'biennial' THEN 24 WHEN 'triennial' THEN 36 END AS step,
                      (date_trunc('month', coalesce(origin_on, started_on)) + interval '1 month - 1 day')::date AS month_end
               FROM billing_subscription WHERE next_due_on IS NOT NULL AND cycle <> 'one_time'
                 AND (period_index > 0 OR counted_on IS DISTINCT FROM next_due_on)) s
           WHERE (extract(year FROM next_due_on) - extract(year FROM started_on)) * 12
                 + extract(month FROM next_due_on) - extract(month FROM started_on)
                 <> step * CASE WHEN period_index = 0 THEN 0
                           WHEN least(anchor_day, extract(day FROM month_end)) > extract(day FROM started_on)
                           THEN period_index - 1 ELSE period_index END
              OR (period_index > 0 AND extract(day FROM next_due_on) <> least(anchor_day,
                     extract(day FROM date_trunc('month', next_due_on) + interval '1 month - 1 day')))""",
    ),
    Check(
        "paid_at",
        "an invoice is paid exactly since a moment",
        """SELECT id AS invoice, number, state, paid_at FROM billing_invoice
           WHERE state = 'paid' AND paid_at IS NULL OR state IN ('draft', 'issued') AND paid_at IS NOT NULL""",
    ),
    Check(
        "one_live_charge",
        "an invoice has at most one payment attempt under way",
        """SELECT p.invoice_id AS invoice, count(*) AS live FROM billing_chargepart p
           JOIN billing_charge c ON c.id = p.charge_id
           WHERE c.state IN ('queued', 'unknown', 'open', 'needs_action', 'processing')
           GROUP BY 1 HAVING count(*) > 1""",
    ),
    Check(
        "charge_parts",
        "an attempt is the sum of its parts (up to the gateway's next step), all of its own client, the first of them named",
        """SELECT c.id AS charge, c.amount, coalesce(sum(p.amount), 0) AS parts FROM billing_charge c
           LEFT JOIN billing_chargepart p ON p.charge_id = c.id
           LEFT JOIN billing_invoice i ON i.id = p.invoice_id
           GROUP BY c.id HAVING NOT c.amount - coalesce(sum(p.amount), 0) BETWEEN 0 AND
                   CASE WHEN c.currency IN ('BHD', 'JOD', 'KWD', 'OMR', 'TND') THEN 0.009 ELSE 0 END
               OR bool_or(i.client_id <> c.client_id OR p.currency <> c.currency)
               OR NOT bool_or(p.invoice_id = c.invoice_id)""",
    ),
    Check(
        "charge_has_payment",
        "a succeeded charge has exactly its payment, and a payment's charge succeeded",
        """SELECT c.id AS charge, c.state, p.id AS payment, c.amount, p.amount AS paid FROM billing_charge c
           LEFT JOIN billing_payment p ON p.charge_id = c.id
           WHERE (c.state = 'succeeded') <> (p.id IS NOT NULL) OR (p.id IS NOT NULL AND p.amount <> c.amount)""",
    ),
    Check(
        "payment_shares",
        "a payment is what it settled plus what became credit",
        """SELECT p.id AS payment, p.amount, p.credited_amount, coalesce(sum(a.amount), 0) AS settled
           FROM billing_payment p LEFT JOIN billing_paymentallocation a ON a.payment_id = p.id
           GROUP BY p.id HAVING p.amount <> p.credited_amount + coalesce(sum(a.amount), 0)""",
    ),
    Check(
        "payment_once",
        "a gateway's payment is booked once",
        """SELECT gateway_id AS gateway, remote_id, count(*) AS times FROM billing_payment
           GROUP BY 1, 2 HAVING count(*) > 1""",
    ),
    Check(
        "dispute_parts",
        "what a chargeback opened again is the sum of its parts",
        """SELECT d.id AS dispute, d.remote_id, d.reopened_amount, coalesce(sum(p.reopened_amount), 0) AS parts
           FROM billing_dispute d LEFT JOIN billing_disputepart p ON p.dispute_id = d.id
           GROUP BY d.id HAVING d.reopened_amount <> coalesce(sum(p.reopened_amount), 0)""",
    ),
    Check(
        "refunds",
        "refunds of a payment never exceed it and add up to what it says was refunded",
        """SELECT p.id AS payment, p.amount, p.refunded_amount, coalesce(sum(r.amount), 0) AS refunds
           FROM billing_payment p LEFT JOIN billing_refund r ON r.payment_id = p.id AND r.state <> 'failed'
           GROUP BY p.id HAVING p.refunded_amount <> coalesce(sum(r.amount), 0) OR p.refunded_amount > p.amount""",
    ),
    Check(
        "suspended_has_reason",
        "a subscription is suspended exactly while a suspension is in force",
        """SELECT s.id AS subscription, s.state, count(x.id) AS in_force FROM billing_subscription s
           LEFT JOIN billing_suspension x ON x.subscription_id = s.id AND x.lifted_at IS NULL
           GROUP BY s.id HAVING (s.state = 'suspended') <> (count(x.id) > 0)""",
    ),
    Check(
        "paid_until",
        "a subscription is paid until the end of its last paid period, or to where it was given back",
        """SELECT s.id AS subscription, s.paid_until, max(l.covered_to) AS computed FROM billing_subscription s
           LEFT JOIN (SELECT l.subscription_id, l.period_start, coalesce((
                          SELECT min(c.from_on) FROM billing_linecredit c LEFT JOIN billing_invoice d ON d.id = c.invoice_id
                          WHERE c.line_id = l.id AND NOT c.released AND (d.id IS NULL OR d.state = 'paid')), l.period_end)
                          AS covered_to
                      FROM billing_invoiceline l JOIN billing_invoice i ON i.id = l.invoice_id AND i.state = 'paid'
                      WHERE l.kind = 'recurring' AND (NOT l.released OR EXISTS (
                          SELECT 1 FROM billing_linecredit c JOIN billing_invoice d ON d.id = c.invoice_id
                          WHERE c.line_id = l.id AND NOT c.released AND d.state = 'issued'))) l
             ON l.subscription_id = s.id AND l.covered_to > l.period_start
           GROUP BY s.id HAVING s.paid_until IS DISTINCT FROM greatest(max(l.covered_to), s.free_until)""",
    ),
]
