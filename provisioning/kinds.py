"""The product kind "hosting", made known to billing. The forms know models, so they are looked up when they are used."""

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from billing.kinds import ProductKind, register


class LazyForm:
    """Stands for a form class that is imported on first use; calling it makes the form."""

    def __init__(self, path: str):
        self.path = path

    def __call__(self, *args, **kwargs):
        return import_string(self.path)(*args, **kwargs)

    @property
    def base_fields(self) -> dict:
        """As on the class itself."""
        return import_string(self.path).base_fields


def _label(answers: dict) -> str:
    """The domain as people write it."""
    return import_string("provisioning.queries.domain.shown")(answers.get("domain", ""))


def _check(answers: dict, product) -> None:
    import_string("provisioning.queries.domain.refuse_served")(answers, product)


register(
    ProductKind(
        key="hosting",
        label=_("Web hosting on a panel"),
        product_form=LazyForm("provisioning.forms.hosting.HostingProductForm"),
        order_form=LazyForm("provisioning.forms.hosting.DomainForm"),
        label_from=_label,
        on_validate=_check,
    )
)
