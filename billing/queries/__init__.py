"""Reports over several models; they change nothing."""
