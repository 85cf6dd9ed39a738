"""The place of an environment's releases: their bucket, and the document that asks the host's agent."""

from dataclasses import dataclass

from pakashop_infra.composition.scope import Scope
from zelly_components.release_bucket import ReleaseBucket, ReleaseBucketArgs
from zelly_components.release_document import ReleaseDocument, ReleaseDocumentArgs


@dataclass(frozen=True, kw_only=True)
class Releases:
    """The parts that others use: the host reads the bucket, pipelines write to it and send the document."""

    bucket: ReleaseBucket
    document: ReleaseDocument


def build_releases(scope: Scope) -> Releases:
    """Make the bucket and the document."""
    environment = scope.environment
    return Releases(
        bucket=ReleaseBucket(
            scope.name("releases"),
            ReleaseBucketArgs(
                bucket_name=scope.names.release_bucket(environment.aws_account_id),
                force_destroy=not environment.deletion_protection,
                replaced_version_days=environment.releases.replaced_version_days,
            ),
            scope.options,
        ),
        document=ReleaseDocument(
            scope.name("release"),
            ReleaseDocumentArgs(
                document_name=scope.names.release_document,
                record_name=scope.names.release_record,
                region=environment.region,
                account_id=environment.aws_account_id,
            ),
            scope.options,
        ),
    )
