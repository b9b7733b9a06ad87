"""HostBill: hosting billing and provisioning.

Empty on purpose: the sandbox servers live below and need neither Django nor Celery.
"""
