"""Quotes whose prices include tax: the nets of their lines, and that the kind of their prices stays once they were delivered."""

from django.db import migrations, models

import hostbill.core.fields

FREEZE = """
CREATE OR REPLACE FUNCTION billing_refuse_quote_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NULL THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'quote % was delivered and cannot be deleted', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF ROW(OLD.number, OLD.version, OLD.series, OLD.series_number, OLD.currency, OLD.issued_on, OLD.subject, OLD.introduction,
           OLD.notes, OLD.net_amount, OLD.tax_amount, OLD.total_amount, OLD.taxes, OLD.seller, OLD.buyer, OLD.deposit_kind,
           OLD.deposit_value, OLD.rest_when, OLD.rest_days{old})
       IS DISTINCT FROM
       ROW(NEW.number, NEW.version, NEW.series, NEW.series_number, NEW.currency, NEW.issued_on, NEW.subject, NEW.introduction,
           NEW.notes, NEW.net_amount, NEW.tax_amount, NEW.total_amount, NEW.taxes, NEW.seller, NEW.buyer, NEW.deposit_kind,
           NEW.deposit_value, NEW.rest_when, NEW.rest_days{new})
    THEN
        RAISE EXCEPTION 'quote % was delivered and cannot be changed', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
KIND = {"old": ", OLD.includes_tax", "new": ", NEW.includes_tax"}


class Migration(migrations.Migration):
    dependencies = [("billing", "0053_usage_guards")]

    operations = [
        migrations.AddField(
            "quote",
            "includes_tax",
            models.BooleanField(
                default=False,
                help_text="What is entered is what consumers pay; net and tax are worked out of it.",
                verbose_name="prices include tax",
            ),
        ),
        migrations.AddField(
            "quoteline", "full_net_amount", hostbill.core.fields.AmountField(blank=True, decimal_places=4, max_digits=18, null=True)
        ),
        migrations.AddField(
            "quoteline", "setup_net_amount", hostbill.core.fields.AmountField(blank=True, decimal_places=4, max_digits=18, null=True)
        ),
        migrations.RunSQL(FREEZE.format(**KIND), FREEZE.format(old="", new="")),
    ]
