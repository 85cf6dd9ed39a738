"""The making of resources: the vocabulary of rows, and how rows are carried out with boto3."""
