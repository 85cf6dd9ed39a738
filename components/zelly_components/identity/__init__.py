"""IAM policies, and the subjects of GitHub's tokens."""
