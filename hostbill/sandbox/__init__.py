"""Stand-ins for the outside world: a cPanel/WHM server, a Plesk server, Stripe and a mail sink, each a process of its own on loopback.

The product is given their addresses and knows no more; nothing outside this package imports it except tests and start-up.
"""
