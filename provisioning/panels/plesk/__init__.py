"""Plesk by its XML API (agent.php)."""
