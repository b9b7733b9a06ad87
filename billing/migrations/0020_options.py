"""Configurable options with prices and rules, bundles, addons, and the ways in which periods begin and end."""

import django.core.validators
import django.db.models.deletion
import hostbill.core.clock
import hostbill.core.fields
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0019_document_guards"),
        ("clients", "0006_api_token"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("slug", models.SlugField(max_length=80, unique=True, verbose_name="address part")),
                ("tagline", models.CharField(blank=True, max_length=200, verbose_name="tagline")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("is_hidden", models.BooleanField(default=False, verbose_name="not sold now")),
                ("sort", models.PositiveIntegerField(default=0, verbose_name="order")),
            ],
            options={
                "verbose_name": "bundle",
                "verbose_name_plural": "bundles",
                "ordering": ["sort", "name"],
            },
        ),
        migrations.CreateModel(
            name="BundleItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                (
                    "cycle",
                    models.CharField(
                        choices=[
                            ("one_time", "One-time"),
                            ("monthly", "Monthly"),
                            ("quarterly", "Quarterly"),
                            ("semi_annual", "Semi-annually"),
                            ("annual", "Annually"),
                            ("biennial", "Every 2 years"),
                            ("triennial", "Every 3 years"),
                        ],
                        max_length=12,
                        verbose_name="cycle",
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
                ("options", models.JSONField(blank=True, default=dict)),
                ("sort", models.PositiveIntegerField(default=0, verbose_name="order")),
            ],
            options={
                "verbose_name": "part of a bundle",
                "verbose_name_plural": "parts of bundles",
                "ordering": ["sort", "id"],
            },
        ),
        migrations.CreateModel(
            name="BundlePrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("currency", hostbill.core.fields.CurrencyField(max_length=3)),
                ("amount", hostbill.core.fields.AmountField(decimal_places=4, max_digits=18, verbose_name="price")),
                (
                    "setup_amount",
                    hostbill.core.fields.AmountField(
                        decimal_places=4, default=Decimal("0"), max_digits=18, verbose_name="set-up fee"
                    ),
                ),
            ],
            options={
                "verbose_name": "bundle price",
                "verbose_name_plural": "bundle prices",
                "ordering": ["item", "currency"],
            },
        ),
        migrations.CreateModel(
            name="OptionChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("value", models.CharField(blank=True, max_length=120, verbose_name="value for the panel")),
                ("is_default", models.BooleanField(default=False, verbose_name="chosen at first")),
                ("is_retired", models.BooleanField(default=False, verbose_name="no longer offered")),
                ("sort", models.PositiveIntegerField(default=0, verbose_name="order")),
            ],
            options={
                "verbose_name": "choice",
                "verbose_name_plural": "choices",
                "ordering": ["sort", "id"],
            },
        ),
        migrations.CreateModel(
            name="OptionGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("sort", models.PositiveIntegerField(default=0, verbose_name="order")),
            ],
            options={
                "verbose_name": "option group",
                "verbose_name_plural": "option groups",
                "ordering": ["sort", "name"],
            },
        ),
        migrations.CreateModel(
            name="OptionPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("currency", hostbill.core.fields.CurrencyField(max_length=3)),
                (
                    "cycle",
                    models.CharField(
                        choices=[
                            ("one_time", "One-time"),
                            ("monthly", "Monthly"),
                            ("quarterly", "Quarterly"),
                            ("semi_annual", "Semi-annually"),
                            ("annual", "Annually"),
                            ("biennial", "Every 2 years"),
                            ("triennial", "Every 3 years"),
                        ],
                        max_length=12,
                        verbose_name="cycle",
                    ),
                ),
                ("amount", hostbill.core.fields.AmountField(decimal_places=4, max_digits=18, verbose_name="price")),
                (
                    "setup_amount",
                    hostbill.core.fields.AmountField(
                        decimal_places=4, default=Decimal("0"), max_digits=18, verbose_name="set-up fee"
                    ),
                ),
            ],
            options={
                "verbose_name": "option price",
                "verbose_name_plural": "option prices",
                "ordering": ["choice", "currency", "id"],
            },
        ),
        migrations.CreateModel(
            name="OptionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                (
                    "effect",
                    models.CharField(
                        choices=[("show", "is shown only"), ("require", "has to be chosen")],
                        max_length=10,
                        verbose_name="effect",
                    ),
                ),
                ("at_least", models.PositiveIntegerField(default=1, verbose_name="at least")),
            ],
            options={
                "verbose_name": "rule of an option",
                "verbose_name_plural": "rules of options",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ProductOption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dropdown", "List to choose from"),
                            ("radio", "Radio buttons"),
                            ("yes_no", "Yes or no"),
                            ("quantity", "Quantity"),
                        ],
                        default="dropdown",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "key",
                    models.CharField(
                        help_text="What the panel, mails and the API call it, such as disk_gb.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]*$", "Small Latin letters, digits and _, beginning with a letter."
                            )
                        ],
                        verbose_name="key",
                    ),
                ),
                (
                    "hint",
                    models.CharField(blank=True, help_text="Below the question.", max_length=200, verbose_name="hint"),
                ),
                (
                    "unit",
                    models.CharField(
                        blank=True, help_text="After the quantity, such as GB.", max_length=20, verbose_name="unit"
                    ),
                ),
                ("is_required", models.BooleanField(default=False, verbose_name="must be chosen")),
                ("min_quantity", models.PositiveIntegerField(default=0, verbose_name="least")),
                ("max_quantity", models.PositiveIntegerField(default=100, verbose_name="most")),
                ("step", models.PositiveIntegerField(default=1, verbose_name="in steps of")),
                ("is_retired", models.BooleanField(default=False, verbose_name="no longer offered")),
                ("sort", models.PositiveIntegerField(default=0, verbose_name="order")),
            ],
            options={
                "verbose_name": "configurable option",
                "verbose_name_plural": "configurable options",
                "ordering": ["sort", "id"],
            },
        ),
        migrations.CreateModel(
            name="SubscriptionItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=hostbill.core.clock.now, editable=False)),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
                (
                    "unit_amount",
                    hostbill.core.fields.AmountField(decimal_places=4, max_digits=18, verbose_name="price"),
                ),
                (
                    "setup_amount",
                    hostbill.core.fields.AmountField(
                        decimal_places=4, default=Decimal("0"), max_digits=18, verbose_name="set-up fee"
                    ),
                ),
                ("description", models.CharField(max_length=200, verbose_name="description")),
            ],
            options={
                "verbose_name": "option of a subscription",
                "verbose_name_plural": "options of subscriptions",
                "ordering": ["option__sort", "id"],
            },
        ),
        migrations.AddField(
            model_name="cartline",
            name="bundle_key",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="cartline",
            name="for_subscription",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="billing.subscription",
            ),
        ),
        migrations.AddField(
            model_name="cartline",
            name="options",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="cartline",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="addons",
                to="billing.cartline",
            ),
        ),
        migrations.AddField(
            model_name="orderline",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="addons",
                to="billing.orderline",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="bill_day",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Day of the month on which periods begin (31: the last); the first one is shorter. Empty: day of the order.",
                null=True,
                verbose_name="fixed billing day",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="charge_next_from_day",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Orders on or after this day of the month pay the short first period and the next one together.",
                null=True,
                verbose_name="charge the next period too, from day",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="cycles_limit",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Empty: it is renewed until somebody cancels it.",
                null=True,
                verbose_name="ends after so many periods",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="follows_parent",
            field=models.BooleanField(
                default=False,
                help_text="An addon's periods then end with its parent's.",
                verbose_name="paid in the cycle of its parent",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="max_quantity",
            field=models.PositiveIntegerField(
                default=1, help_text="1: the store asks for no quantity.", verbose_name="most in one line"
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="parents",
            field=models.ManyToManyField(
                blank=True,
                help_text="Sold only together with one of these, or later to whoever has one of them.",
                related_name="addons",
                to="billing.product",
                verbose_name="addon of",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="terminate_after_days",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Counted from the first day, whatever was paid.",
                null=True,
                verbose_name="ends after so many days",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="trial_days",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Once per customer. Paid periods begin when they are over.",
                verbose_name="days free of charge at first",
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="ends_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="origin_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="addons",
                to="billing.subscription",
                verbose_name="belongs to",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("ends_on__isnull", False)), fields=["ends_on"], name="billing_sub_ends"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("bill_day", None), models.Q(("bill_day__gte", 1), ("bill_day__lte", 31)), _connector="OR"
                    ),
                    models.Q(
                        ("charge_next_from_day", None),
                        models.Q(("charge_next_from_day__gte", 1), ("charge_next_from_day__lte", 31)),
                        _connector="OR",
                    ),
                ),
                name="billing_product_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_quantity__gte", 1),
                    ("max_quantity__lte", 1000),
                    models.Q(("cycles_limit", None), ("cycles_limit__gte", 1), _connector="OR"),
                    models.Q(("terminate_after_days", None), ("terminate_after_days__gte", 1), _connector="OR"),
                ),
                name="billing_product_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on", None), ("ends_on__gt", models.F("started_on")), _connector="OR"),
                name="billing_sub_ends_later",
            ),
        ),
        migrations.AddField(
            model_name="bundleitem",
            name="bundle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="billing.bundle",
                verbose_name="bundle",
            ),
        ),
        migrations.AddField(
            model_name="bundleitem",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="billing.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="cartline",
            name="bundle_item",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="billing.bundleitem",
            ),
        ),
        migrations.AddField(
            model_name="bundleprice",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="prices",
                to="billing.bundleitem",
                verbose_name="part",
            ),
        ),
        migrations.AddField(
            model_name="optiongroup",
            name="products",
            field=models.ManyToManyField(
                blank=True, related_name="option_groups", to="billing.product", verbose_name="products"
            ),
        ),
        migrations.AddField(
            model_name="optionprice",
            name="choice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="prices",
                to="billing.optionchoice",
                verbose_name="choice",
            ),
        ),
        migrations.AddField(
            model_name="optionrule",
            name="choice",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="billing.optionchoice",
                verbose_name="is",
            ),
        ),
        migrations.AddField(
            model_name="productoption",
            name="group",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="options",
                to="billing.optiongroup",
                verbose_name="group",
            ),
        ),
        migrations.AddField(
            model_name="optionrule",
            name="option",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rules",
                to="billing.productoption",
                verbose_name="option",
            ),
        ),
        migrations.AddField(
            model_name="optionrule",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="billing.productoption",
                verbose_name="while",
            ),
        ),
        migrations.AddField(
            model_name="optionchoice",
            name="option",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="choices",
                to="billing.productoption",
                verbose_name="option",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionitem",
            name="choice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="billing.optionchoice",
                verbose_name="choice",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionitem",
            name="option",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="billing.productoption",
                verbose_name="option",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionitem",
            name="subscription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="billing.subscription"
            ),
        ),
        migrations.AddConstraint(
            model_name="bundleitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1), ("quantity__lte", 1000)), name="billing_bundleitem_quantity"
            ),
        ),
        migrations.AddConstraint(
            model_name="bundleprice",
            constraint=models.UniqueConstraint(fields=("item", "currency"), name="billing_bundleprice_once"),
        ),
        migrations.AddConstraint(
            model_name="bundleprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0), ("setup_amount__gte", 0)),
                name="billing_bundleprice_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="optionprice",
            constraint=models.UniqueConstraint(fields=("choice", "currency", "cycle"), name="billing_optionprice_once"),
        ),
        migrations.AddConstraint(
            model_name="optionprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0), ("setup_amount__gte", 0)),
                name="billing_optionprice_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="productoption",
            constraint=models.UniqueConstraint(fields=("group", "key"), name="billing_option_key_once"),
        ),
        migrations.AddConstraint(
            model_name="productoption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_quantity__gte", models.F("min_quantity")), ("max_quantity__lte", 1000000), ("step__gte", 1)
                ),
                name="billing_option_quantities",
            ),
        ),
        migrations.AddConstraint(
            model_name="optionrule",
            constraint=models.UniqueConstraint(
                fields=("option", "effect", "source", "choice"), name="billing_optionrule_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="optionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("option", models.F("source")), _negated=True), name="billing_optionrule_other"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriptionitem",
            constraint=models.UniqueConstraint(fields=("subscription", "option"), name="billing_item_option_once"),
        ),
        migrations.AddConstraint(
            model_name="subscriptionitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1), ("setup_amount__gte", 0), ("unit_amount__gte", 0)),
                name="billing_item_amounts",
            ),
        ),
    ]
