"""A client that was merged stays as a stub that names its heir, for good."""

import django.db.models.deletion
from django.db import migrations, models


GUARD = """
CREATE FUNCTION clients_refuse_unmerge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only when its heir is merged in turn does it get another.
    IF NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id AND NOT EXISTS (
        SELECT 1 FROM clients_client WHERE id = OLD.merged_into_id AND merged_into_id = NEW.merged_into_id)
    THEN
        RAISE EXCEPTION 'client % was merged for good', OLD.number USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER clients_client_merged_for_good BEFORE UPDATE OF merged_into_id ON clients_client
    FOR EACH ROW WHEN (OLD.merged_into_id IS NOT NULL) EXECUTE FUNCTION clients_refuse_unmerge();
"""
UNDO = """
DROP TRIGGER clients_client_merged_for_good ON clients_client;
DROP FUNCTION clients_refuse_unmerge();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0009_einvoice_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='merged_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='merged at'),
        ),
        migrations.AddField(
            model_name='client',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_clients', to='clients.client', verbose_name='merged into'),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('merged_at__isnull', False), ('status', 'closed')), _connector='OR'), name='clients_client_merged_is_closed'),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
