"""A stand-in for a Plesk server: XML-RPC packets, the REST v2 parts hosting systems use, login sessions, state on disk.

`python -m hostbill.sandbox.plesk --port 8880 --state DIR --login admin --password SECRET --secret-key KEY`
"""
