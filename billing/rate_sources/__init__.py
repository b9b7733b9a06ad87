"""Who publishes exchange rates, for reports only. Ours by name; other packages register through the entry point group
`hostbill.rate_sources`."""

REGISTRY = {"ecb": "billing.rate_sources.ecb.Ecb"}
