"""The way from a Terraform state to a Pulumi stack: matched, judged and written down, with nothing replaced."""
