"""Zelly's live estate as its Terraform made it: in the embedded AWS, with the state file that Terraform would have.

It is made by boto3 calls of its own, from the platform's documents, and knows nothing of the program. What the
documents leave open is as a Terraform module of the registry's would have it.
"""

from tests.adoption.estate.estate import make_estate
from tests.adoption.estate.making import ClientOf
from tests.adoption.estate.options import Options

__all__ = ["ClientOf", "Options", "make_estate"]
