"""A stand-in for somebody's program that receives webhooks."""
