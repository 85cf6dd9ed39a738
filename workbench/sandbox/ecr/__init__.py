"""The sandbox's ECR."""
