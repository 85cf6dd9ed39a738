"""Prowler, a public scanner of AWS accounts, on both stacks as they stand in the embedded AWS."""
