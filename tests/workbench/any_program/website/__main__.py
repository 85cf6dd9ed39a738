"""A static site in a bucket: plain mappings as inputs, files, and a zone that is looked up."""

# Pulumi takes more than the SDK's types say: resources as a whole, and outputs within mappings.
# pyright: reportArgumentType=false

from pathlib import Path

import pulumi
import pulumi_aws as aws

domain = pulumi.Config().require("domain")
site = aws.s3.Bucket("site", bucket=domain)
website = aws.s3.BucketWebsiteConfiguration(
    "site",
    bucket=site,
    index_document={"suffix": "index.html"},
    error_document={"key": "404.html"},
)
for page in sorted(Path("www").iterdir()):
    aws.s3.BucketObject(page.name, bucket=site, key=page.name, source=pulumi.FileAsset(f"{page}"))
aws.s3.BucketPolicy(
    "site",
    bucket=site,
    policy=aws.iam.get_policy_document_output(
        statements=[
            {
                "principals": [{"type": "*", "identifiers": ["*"]}],
                "actions": ["s3:GetObject"],
                "resources": [pulumi.Output.concat(site.arn, "/*")],
            }
        ]
    ).json,
)
zone = aws.route53.get_zone(name="example.com")
aws.route53.Record(
    "site",
    zone_id=zone.zone_id,
    name=domain,
    type="A",
    aliases=[
        {"name": website.website_domain, "zone_id": site.hosted_zone_id, "evaluate_target_health": True},
    ],
)
pulumi.export("name_server", zone.name_servers[0])
