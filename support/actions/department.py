"""Use cases of departments."""

from django.db import transaction

from hostbill.core import access
from hostbill.core.audit import audit
from support.models import Department


@transaction.atomic
def create_department(*, actor, **fields):
    """Add a department."""
    access.require(actor, "support.department.edit")
    department = Department.objects.create(**fields)
    audit(actor, "support.department_created", department)
    return department


@transaction.atomic
def update_department(department, *, actor, **fields):
    """Change a department; promises already made stay."""
    access.require(actor, "support.department.edit")
    department = Department.objects.select_for_update().get(pk=department.pk)
    for field, value in fields.items():
        setattr(department, field, value)
    audit(actor, "support.department_updated", department)
    department.save()
    return department
