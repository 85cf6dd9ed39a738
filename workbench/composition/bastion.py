"""The arguments of a bastion with its VPN, from the config's section on it."""

from workbench.config.bastion import Bastion
from workbench.program import StackConfig
from zelly_components.bastion_wireguard import BastionWireGuardArgs, PeerArgs
from zelly_components.vpc import Vpc


def bastion_args(
    config: StackConfig,
    bastion: Bastion,
    network: Vpc,
    *,
    server_key_secret: str,
    peers_parameter: str,
    recovery_window_days: int,
    log_group: str,
) -> BastionWireGuardArgs:
    """Return the arguments of a bastion in the first public subnet of a network.

    Args:
        config: Says where it stands.
        bastion: The config's section.
        network: The VPC that it leads into.
        server_key_secret: The name of the secret with the server's key.
        peers_parameter: The name of the SSM parameter from which it takes the peers.
        recovery_window_days: Those of the secret.
        log_group: Its log group.
    """
    return BastionWireGuardArgs(
        region=config.region,
        vpc_id=network.vpc_id,
        vpc_cidr_block=network.cidr_block,
        subnet_id=network.public_subnet_ids[0],
        instance_type=bastion.instance_type,
        cpu_credits=bastion.cpu_credits,
        ami_id=bastion.ami_id,
        ssh_public_key=bastion.ssh_public_key,
        ssh_allowed_cidr_blocks={name: str(cidr) for name, cidr in bastion.ssh_allowed_cidrs.items()},
        wireguard_port=bastion.wireguard_port,
        vpn_cidr_block=str(bastion.vpn_cidr),
        peers=[
            PeerArgs(name=name, address=str(peer.address), public_key=peer.public_key)
            for name, peer in bastion.peers.items()
        ],
        server_key_secret_name=server_key_secret,
        peers_parameter_name=peers_parameter,
        recovery_window_days=recovery_window_days,
        log_group_name=log_group,
        log_retention_days=bastion.log_retention_days,
    )
