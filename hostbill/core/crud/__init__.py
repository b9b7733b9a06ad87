"""Generic screens for plain nouns, declared in a few lines each: see docs/design.md, section 4."""

from hostbill.core.crud.bundles import Bundle
from hostbill.core.crud.columns import Column, DateColumn, MoneyColumn, NumberColumn, StateColumn
from hostbill.core.crud.detail import PortalDetailView, StaffDetailView, Verb
from hostbill.core.crud.edit import PortalEditView, PortalVerbView, StaffEditView, StaffVerbView
from hostbill.core.crud.filters import Amount, Choice, Code, DateRange, Text, YesNo
from hostbill.core.crud.history import detail, with_history
from hostbill.core.crud.listing import BulkAction, PortalListView, StaffListView, Tab
from hostbill.core.crud.named import Named
from hostbill.core.crud.paging import Page
from hostbill.core.crud.pickers import Related

__all__ = [
    "Amount",
    "BulkAction",
    "Bundle",
    "Choice",
    "Code",
    "Column",
    "DateColumn",
    "DateRange",
    "MoneyColumn",
    "Named",
    "NumberColumn",
    "Page",
    "PortalDetailView",
    "PortalEditView",
    "PortalListView",
    "PortalVerbView",
    "Related",
    "StaffDetailView",
    "StaffEditView",
    "StaffListView",
    "StaffVerbView",
    "StateColumn",
    "Tab",
    "Text",
    "Verb",
    "YesNo",
    "detail",
    "with_history",
]
