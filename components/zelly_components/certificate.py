"""A public certificate from AWS Certificate Manager, validated through records in a Cloudflare zone."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, derived
from zelly_components.dns_record import DnsRecord, DnsRecordArgs, check_hostname
from zelly_components.limits.certified_name import LONGEST_CERTIFIED_NAME


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """Arguments of a certificate."""

    domain_name: str
    """Its first name, at most 64 characters; ``*.example.com`` covers one level of names."""
    subject_alternative_names: Sequence[str]
    """Its further names. The order does not matter; changing them issues a new certificate before the old one goes."""
    zone_id: str
    """Cloudflare's id of the zone that all names lie in."""
    ttl_seconds: int
    """The time to live of the validation records in seconds, 60 to 86400."""


@dataclass(frozen=True, kw_only=True)
class ValidationRecord:
    """The CNAME record that proves control of a domain to AWS, both names without trailing dots."""

    name: str
    content: str


class Certificate(Component):
    """An issued certificate, renewed by AWS for as long as its validation records stay.

    AWS asks for one and the same record for a name wherever in the account it is certified, so that two certificates
    for one name would fight over it: make one, and share its ARN.

    Example::

        from zelly_components.certificate import Certificate, CertificateArgs

        certificate = Certificate(
            "shop-certificate",
            CertificateArgs(
                domain_name="shop.example",
                subject_alternative_names=["*.shop.example"],
                zone_id="0123456789abcdef0123456789abcdef",
                ttl_seconds=300,
            ),
        )
    """

    certificate_arn: pulumi.Output[str]
    """The certificate's ARN. It resolves once the certificate is issued: a listener refuses one that still waits for
    its validation."""

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        domains = validation_domains(_checked_names(args))

        self._certificate = self._make_certificate()
        records = [self._validation_record(domain) for domain in domains]
        validation = self._wait_for_issue(domains, records)

        self.certificate_arn = validation.certificate_arn
        self.register_annotated_outputs()

    def _make_certificate(self) -> aws.acm.Certificate:
        return aws.acm.Certificate(
            self._name,
            domain_name=self._args.domain_name,
            subject_alternative_names=list(self._args.subject_alternative_names) or None,
            validation_method="DNS",
            tags={"Name": self._name},
            opts=self.child(),
        )

    def _validation_record(self, domain: str) -> DnsRecord:
        asked = self._asked_of(domain)
        return DnsRecord(
            f"{self._name}-validation-{domain}",
            DnsRecordArgs(
                zone_id=self._args.zone_id,
                name=derived(asked, lambda record: record.name),
                type="CNAME",
                content=derived(asked, lambda record: record.content),
                ttl_seconds=self._args.ttl_seconds,
                # AWS has to see the record itself; a proxied one answers with Cloudflare's addresses.
                proxied=False,
                comment="Lets AWS Certificate Manager issue and renew the certificate",
            ),
            opts=self.child(),
        )

    def _wait_for_issue(self, domains: Sequence[str], records: Sequence[DnsRecord]) -> aws.acm.CertificateValidation:
        return aws.acm.CertificateValidation(
            f"{self._name}-validation",
            certificate_arn=self._certificate.arn,
            validation_record_fqdns=[derived(self._asked_of(domain), lambda record: record.name) for domain in domains],
            opts=self.child_with(pulumi.ResourceOptions(depends_on=list(records))),
        )

    def _asked_of(self, domain: str) -> pulumi.Output[ValidationRecord]:
        return derived(self._certificate.domain_validation_options, lambda options: validation_record(options, domain))


def validation_domains(names: Sequence[str]) -> list[str]:
    """Return the domains that need a validation record: ``x`` and ``*.x`` share the one of ``x``."""
    return list(dict.fromkeys(name.removeprefix("*.") for name in names))


def validation_record(
    options: Sequence[aws.acm.outputs.CertificateDomainValidationOption], domain: str
) -> ValidationRecord:
    """Return the record that AWS asks of ``domain``, looked up by name: AWS lists the names in no particular order.

    Raises:
        LookupError: when AWS asks nothing of it.
    """
    for option in options:
        name, content = option.resource_record_name, option.resource_record_value
        if option.domain_name in (domain, f"*.{domain}") and name and content:
            return ValidationRecord(name=name.rstrip("."), content=content.rstrip("."))
    asked = ", ".join(str(option.domain_name) for option in options) or "none"
    raise LookupError(f"{domain}: no validation record is asked of it; AWS names {asked}")


def _checked_names(args: CertificateArgs) -> list[str]:
    if len(args.domain_name) > LONGEST_CERTIFIED_NAME:
        raise ValueError(f"domain_name: came {len(args.domain_name)} characters; allowed {LONGEST_CERTIFIED_NAME}")
    check_hostname("domain_name", args.domain_name)
    for alternative in args.subject_alternative_names:
        check_hostname("subject_alternative_names", alternative)
    names = [args.domain_name, *args.subject_alternative_names]
    if len(set(names)) != len(names):
        raise ValueError(f"subject_alternative_names: came {', '.join(names)} with the domain name; allowed each once")
    return names
