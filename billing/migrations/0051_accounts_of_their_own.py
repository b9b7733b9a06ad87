from django.db import migrations


class Migration(migrations.Migration):
    """Merging a client that had no account yet had led every other account to the kept client's."""

    dependencies = [("billing", "0050_order_removal"), ("clients", "0010_merged_clients")]

    operations = [
        migrations.RunSQL(
            "UPDATE billing_account SET merged_into_id = NULL FROM clients_client c "
            "WHERE c.id = billing_account.client_id AND c.merged_into_id IS NULL AND billing_account.merged_into_id IS NOT NULL",
            migrations.RunSQL.noop,
        )
    ]
