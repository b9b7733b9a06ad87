"""What a service's panel was told beyond its plan."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('provisioning', '0007_former_accounts'),
    ]

    operations = [
        migrations.AddField(
            model_name='service',
            name='limits',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
