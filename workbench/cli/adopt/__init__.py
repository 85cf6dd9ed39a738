"""``adopt``: the live Terraform estate becomes the program's."""
