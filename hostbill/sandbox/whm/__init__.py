"""A stand-in for a cPanel & WHM server: the WHM API 1 functions hosting systems use, state on disk, pages behind login links.

`python -m hostbill.sandbox.whm --port 2086 --state DIR --token SECRET`
"""
