"""Drivers: kinds with registries of dotted paths, and configured copies as rows."""

from dataclasses import dataclass
from importlib.metadata import entry_points

from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from hostbill.core import clock
from hostbill.core.audit import audit
from hostbill.core.errors import AppError, DriverError, OutcomeUnknown
from hostbill.core.models import ModuleConfig


@dataclass(frozen=True)
class DriverKind:
    """``registry`` maps a driver's name to the dotted path of its class."""

    name: str
    registry: dict
    copied: bool = True  # False: there is one, chosen and set up in the settings

    def path_of(self, driver: str) -> str:
        """Raises AppError for a driver that is not installed."""
        if driver in self.registry:
            return self.registry[driver]
        for entry in entry_points(group=f"hostbill.{self.name}s", name=driver):
            return entry.value.replace(":", ".")
        raise AppError(f"There is no {self.name} driver called {driver}.", code="unknown_driver")

    def names(self) -> list[str]:
        """Our own drivers and those that other packages bring."""
        return sorted({*self.registry, *(entry.name for entry in entry_points(group=f"hostbill.{self.name}s"))})


_kinds: dict[str, DriverKind] = {}


def register_kind(kind: DriverKind) -> None:
    """Make a kind of drivers known."""
    _kinds[kind.name] = kind


def kinds() -> dict[str, DriverKind]:
    """All kinds by name."""
    return dict(_kinds)


def copied_kinds() -> dict[str, DriverKind]:
    """Those whose drivers people connect, perhaps several times."""
    return {name: kind for name, kind in _kinds.items() if kind.copied}


def driver_class(kind: str, driver: str):
    """The driver's class, imported on first use."""
    return import_string(_kinds[kind].path_of(driver))


def load(module: ModuleConfig):
    """The driver of a configured copy, ready to use."""
    return driver_class(module.kind, module.driver)({**module.config, **(module.secrets or {})})


def store_values(module: ModuleConfig, values: dict) -> ModuleConfig:
    """Split checked form values into plain and secret ones and save. A blank secret keeps the stored one."""
    secret_names = set(getattr(driver_class(module.kind, module.driver), "secret_fields", ()))
    kept = module.secrets or {}
    module.secrets = {name: values.get(name) or kept.get(name, "") for name in secret_names}
    module.config = {name: value for name, value in values.items() if name not in secret_names}
    module.save()
    return module


def save_module(module: ModuleConfig, *, actor, values: dict, **fields) -> ModuleConfig:
    """Create or change a configured copy: its own ``fields`` and the driver's checked ``values``. One of a kind is the default.
    Raises AppError when another one has the name."""
    action = "core.module_created" if module.pk is None else "core.module_changed"
    for name, value in fields.items():
        setattr(module, name, value)
    try:
        with transaction.atomic():
            if module.is_default:
                others = ModuleConfig.objects.filter(kind=module.kind, is_default=True).exclude(pk=module.pk)
                others.update(is_default=False)
            store_values(module, values)
            audit(actor, action, module)
    except IntegrityError as error:
        raise AppError(_("Another one has this name."), code="name_taken", field="label") from error
    return module


def test_connection(module: ModuleConfig):
    """Ask the outside system; stores and returns the outcome (network; call with no transaction open)."""
    module.tested_at, module.test_error = clock.now(), ""
    try:
        return load(module).test()
    except (DriverError, OutcomeUnknown) as error:
        module.test_error = error.message
        raise
    finally:
        module.save(update_fields=["tested_at", "test_error"])
