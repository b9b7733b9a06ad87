"""cPanel & WHM by WHM API 1."""
