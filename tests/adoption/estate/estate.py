"""The whole estate, module after module."""

from typing import Any

from tests.adoption.estate.access import make_groups
from tests.adoption.estate.aurora import make_aurora
from tests.adoption.estate.balancers import make_balancers
from tests.adoption.estate.cluster import make_cluster
from tests.adoption.estate.edge import make_certificates, make_file_system, make_names
from tests.adoption.estate.history import with_history
from tests.adoption.estate.hosts import make_bastion, make_clickhouse
from tests.adoption.estate.making import ClientOf, Estate
from tests.adoption.estate.network import make_network
from tests.adoption.estate.observability import make_observability
from tests.adoption.estate.options import Options
from tests.adoption.estate.records import note_records
from tests.adoption.estate.redis import make_redis
from tests.adoption.estate.services import Surroundings, make_services
from tests.adoption.estate.shared import make_own_secrets, make_shared
from tests.adoption.estate.state_file import StateFile
from workbench.sandbox.ledger import Ledger

_LINEAGES = {"staging": "7c1a3f52-8d0e-4b6f-9a57-2e4c6d8b1f03", "production": "e2b94d10-5f7a-4c38-8b16-90a3c7d5e821"}
_SERIAL = 217


def make_estate(
    client_of: ClientOf,
    options: Options = Options(),  # noqa: B008 (frozen)
    *,
    ledger: Ledger | None = None,
) -> dict[str, Any]:
    """Make the estate in the AWS that ``client_of`` reaches; return the Terraform state of it.

    ``client_of`` is :meth:`workbench.sandbox.clients.Clients.get`, or another function of service and region. With the
    ``ledger`` of an embedded AWS Cloudflare's records can be imported, too.
    """
    estate = Estate(client_of, options, StateFile(providers_in_modules=options.providers_in_modules))
    make_shared(estate)
    network = make_network(estate)
    groups = make_groups(estate, network)
    secrets = {
        "zelly/aurora/master": make_aurora(estate, network, groups),
        "zelly/redis/auth": make_redis(estate, network),
        **make_own_secrets(estate),
    }
    host_role = make_clickhouse(estate, network)
    bastion = make_bastion(estate, network, host_role)
    files = make_file_system(estate, network, groups)
    certificates = make_certificates(estate)
    balancers = make_balancers(estate, network, groups, certificates)
    shared = make_cluster(estate, secrets)
    make_services(estate, Surroundings(network=network, groups=groups, balancers=balancers, files=files, shared=shared))
    make_names(estate, balancers)
    make_observability(estate, balancers)
    estate.file.output("bastion_ip", bastion["public_ip"])
    peer = f"[Interface]\nPrivateKey = {estate.password(43)}=\n"
    estate.file.output("wireguard_client_config_peer1", peer, sensitive=True)
    document = estate.file.document(serial=_SERIAL, lineage=_LINEAGES[options.stack])
    if ledger is not None:
        note_records(ledger, document)
    return with_history(document, options)
