"""Bank transfer: the client gets our account and a reference; staff book what arrives."""
