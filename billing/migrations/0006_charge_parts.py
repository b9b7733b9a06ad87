"""One attempt may pay several invoices. The database keeps "one attempt at an invoice at a time" for each of them."""

import django.db.models.deletion
from django.db import migrations, models

import hostbill.core.fields

LIVE = "('queued', 'unknown', 'open', 'needs_action', 'processing')"
TRIGGERS = f"""
CREATE FUNCTION billing_new_chargepart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT state IN {LIVE} INTO NEW.is_live FROM billing_charge WHERE id = NEW.charge_id;
    RETURN NEW;
END $$;
CREATE TRIGGER billing_chargepart_live BEFORE INSERT ON billing_chargepart
    FOR EACH ROW EXECUTE FUNCTION billing_new_chargepart();
CREATE FUNCTION billing_charge_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE billing_chargepart SET is_live = NEW.state IN {LIVE}
        WHERE charge_id = NEW.id AND is_live <> (NEW.state IN {LIVE});
    RETURN NULL;
END $$;
CREATE TRIGGER billing_charge_live AFTER UPDATE ON billing_charge
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION billing_charge_changed();
"""
UNDO = """
DROP TRIGGER billing_charge_live ON billing_charge;
DROP TRIGGER billing_chargepart_live ON billing_chargepart;
DROP FUNCTION billing_charge_changed();
DROP FUNCTION billing_new_chargepart();
"""
FILL = """
INSERT INTO billing_chargepart (charge_id, invoice_id, currency, amount, is_live)
    SELECT id, invoice_id, currency, amount, false FROM billing_charge ORDER BY id;
"""


class Migration(migrations.Migration):
    """Every attempt so far has one part: all of it, for its invoice."""

    dependencies = [("billing", "0005_product_faq")]

    operations = [
        migrations.CreateModel(
            name="ChargePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", hostbill.core.fields.CurrencyField(max_length=3)),
                ("amount", hostbill.core.fields.AmountField(decimal_places=4, max_digits=18)),
                ("is_live", models.BooleanField(default=False, editable=False)),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="billing.charge"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="charge_parts", to="billing.invoice"
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a charge",
                "verbose_name_plural": "parts of charges",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("charge", "invoice"), name="billing_chargepart_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_live", True)), fields=("invoice",), name="billing_chargepart_one_live"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="billing_chargepart_amount"),
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="charge", name="billing_charge_one_live"),
        migrations.AlterField(
            model_name="charge",
            name="invoice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.invoice"
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="invoices",
            field=models.ManyToManyField(related_name="charges", through="billing.ChargePart", to="billing.invoice"),
        ),
        migrations.RunSQL(TRIGGERS, UNDO),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
