"""The embedded AWS's ECR."""
