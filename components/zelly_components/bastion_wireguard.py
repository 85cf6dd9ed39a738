"""A bastion in a public subnet: a WireGuard server for the developers' devices, and SSH for listed addresses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from zelly_components.base import Component, derived
from zelly_components.host import Host, HostArgs
from zelly_components.hosts import bastion_boot, wireguard
from zelly_components.hosts.wireguard import PeerArgs
from zelly_components.identity.iam import Statement
from zelly_components.limits.instance_type import CpuCredits
from zelly_components.limits.vpn import check_range
from zelly_components.secrets import ManagedSecret, ManagedSecretArgs
from zelly_components.security_group import ANYWHERE, SecurityGroup, SecurityGroupArgs

__all__ = ["BastionWireGuard", "BastionWireGuardArgs", "PeerArgs"]

SSH_PORT = 22

_ROOT_VOLUME_GIB = 8
_SERVER_KEY = "WIREGUARD_PRIVATE_KEY"
_SSH_PUBLIC_KEY = re.compile(r"(ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]+=*( [^\n]*)?")
"""Two addresses: the server's and one peer's."""


@dataclass(frozen=True, kw_only=True)
class BastionWireGuardArgs:
    """Arguments of a bastion."""

    region: str
    """The region that it stands in, e.g. ``eu-west-1``: its programs ask AWS there. Another one replaces the host."""
    vpc_id: pulumi.Input[str]
    """The VPC of the bastion's security group, the one that the subnets are in. Another VPC replaces the group."""
    vpc_cidr_block: str
    """The range that the VPN reaches, and the only one."""
    subnet_id: pulumi.Input[str]
    """A public subnet of the VPC: it gets an Elastic IP. Another one replaces the host."""
    instance_type: str
    """A Nitro type, e.g. ``t3.micro``. Changing it stops and starts the bastion, or replaces it: see ``HostArgs``."""
    cpu_credits: CpuCredits | None
    """The behaviour of a burstable (T) type that has spent its CPU credits: ``standard`` slows it down, ``unlimited``
    charges for more. None for every other type."""
    ami_id: str
    """Amazon Linux 2023 for the type's architecture. Only read when the instance is made."""
    ssh_public_key: str
    """The key of the user ``ec2-user``, in OpenSSH's format: ``ssh-ed25519`` or ``ssh-rsa``. Another key replaces the
    bastion."""
    ssh_allowed_cidr_blocks: Mapping[str, str]
    """Ranges that may reach SSH, by a short name; nobody if it is empty. Never the whole internet."""
    wireguard_port: int
    """UDP. Changing it replaces the bastion and every client's configuration."""
    vpn_cidr_block: str
    """The VPN's own range, apart from the VPC's; its first address is the server's."""
    peers: Sequence[PeerArgs]
    """The devices that may join. They come and go without touching the bastion."""
    server_key_secret_name: str
    """Path of the secret with the server's private key."""
    peers_parameter_name: str
    """SSM parameter with the peers' public keys and addresses, which the bastion fetches every minute."""
    recovery_window_days: int
    """Days in which the deleted secret can be restored and its name stays taken: 0 (gone at once) or 7 to 30."""
    log_group_name: str
    """The name of the host's log group in CloudWatch, which is made here, e.g. ``/shop/bastion``. Another name replaces
    the group, and the host, whose programs write to it."""
    log_retention_days: int
    """Days for which CloudWatch keeps the log events: one of the periods that it knows, such as 7, 30, 90 or 365."""


class BastionWireGuard(Component):
    """A WireGuard server through which developers' devices reach the private resources of a VPC.

    Peers reach the VPC and its DNS resolver, under the bastion's own address; the callees' ``allow_from`` with this
    security group says which of them answer. They reach neither the internet through it nor each other.

    The list of peers is an SSM parameter that the bastion polls: a peer added or removed shows within a minute, without
    a new host and without a pause for the others. A replaced bastion keeps its Elastic IP and its key, so that no
    client has to change. If something fails, ``vpn-network.service`` or ``vpn-peers.service`` is in the state
    *failed*, the reason is in the log group and on the instance's console, and the next minute tries again.

    WireGuard's port is open to the internet: the server answers no packet that a known key has not signed, so that a
    scan cannot tell it from a closed port ("WireGuard: Next Generation Kernel Network Tunnel", section 5.1).

    Example::

        import pulumi
        from zelly_components.bastion_wireguard import BastionWireGuard, BastionWireGuardArgs, PeerArgs

        bastion = BastionWireGuard(
            "shop-bastion",
            BastionWireGuardArgs(
                region="eu-west-1",
                vpc_id="vpc-1",
                vpc_cidr_block="10.8.0.0/16",
                subnet_id="subnet-public-a",
                instance_type="t3.micro",
                cpu_credits="standard",
                ami_id="ami-0123456789abcdef0",
                ssh_public_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNvbXBvbmVudHMgZXhhbXBsZSBrZXkgMDEyMzQ1Njc4 ops",
                ssh_allowed_cidr_blocks={"office": "198.51.100.0/24"},
                wireguard_port=51820,
                vpn_cidr_block="10.10.0.0/24",
                peers=[PeerArgs(name="asha", address="10.10.0.2")],
                server_key_secret_name="shop/wireguard/server",
                peers_parameter_name="/shop/wireguard/peers",
                recovery_window_days=30,
                log_group_name="/shop/bastion",
                log_retention_days=30,
            ),
        )
        pulumi.export("vpn_client_configs", bastion.client_configs)
    """

    public_ip: pulumi.Output[str]
    """The Elastic IP; it outlives the instance."""
    instance_id: pulumi.Output[str]
    """The id of the EC2 instance, for alarms and sessions."""
    security_group_id: pulumi.Output[str]
    """The bastion's security group: whatever the VPN is to reach lets its members in."""
    server_public_key: pulumi.Output[str]
    """The server's public key, which every client's configuration has."""
    client_configs: pulumi.Output[dict[str, str]]
    """The clients' configurations, by the peers' names, secret as a whole. A peer with a key of its own finds a
    placeholder for the private one."""
    server_key_secret_arn: pulumi.Output[str]
    """The secret with the server's private key, which the bastion reads when it boots."""
    failed_units_metric: str
    """The metric that counts the host's failed systemd units, in CloudWatch's namespace ``FailedUnits``; it is sent
    only when one failed."""
    mount_points: dict[str, str]
    """The file systems whose use is published, each path by a short name."""

    def __init__(self, name: str, args: BastionWireGuardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        self._security_group = self._make_security_group(args)
        server_key = self._private_key("server")
        secret = self._server_key_secret(args, server_key)
        peer_keys = {
            peer.name: self._private_key(f"peer-{peer.name}") for peer in args.peers if peer.public_key is None
        }
        parameter = self._peers_parameter(args, peer_keys)
        host = self._host(args, secret, parameter)
        address = self._elastic_ip(host)

        self.public_ip = address.public_ip
        self.instance_id = host.instance_id
        self.security_group_id = self._security_group.security_group_id
        self.server_public_key = _public_key(server_key)
        self.client_configs = self._client_configs(args, peer_keys)
        self.server_key_secret_arn = secret.secret_arn
        self.failed_units_metric = host.failed_units_metric
        self.mount_points = bastion_boot.MOUNT_POINTS
        self.register_annotated_outputs()

    def _make_security_group(self, args: BastionWireGuardArgs) -> SecurityGroup:
        group = SecurityGroup(
            f"{self._name}-sg",
            SecurityGroupArgs(vpc_id=args.vpc_id, description=f"Bastion {self._name}", internet_egress_ports=[443]),
            opts=self.child(),
        )
        group.allow_from_cidr("vpn-clients", ANYWHERE, port=args.wireguard_port, protocol="udp")
        for who, cidr_block in args.ssh_allowed_cidr_blocks.items():
            group.allow_from_cidr(who, cidr_block, port=SSH_PORT)
        return group

    def _private_key(self, owner: str) -> pulumi.Output[str]:
        seed = random.RandomBytes(f"{self._name}-{owner}-key", length=wireguard.KEY_BYTES, opts=self.child())
        return derived(seed.base64, wireguard.private_key)

    def _server_key_secret(self, args: BastionWireGuardArgs, server_key: pulumi.Output[str]) -> ManagedSecret:
        return ManagedSecret(
            f"{self._name}-server-key",
            ManagedSecretArgs(
                secret_name=args.server_key_secret_name,
                description=f"WireGuard private key of {self._name}",
                recovery_window_days=args.recovery_window_days,
                values={_SERVER_KEY: server_key},
            ),
            opts=self.child(),
        )

    def _peers_parameter(
        self, args: BastionWireGuardArgs, peer_keys: Mapping[str, pulumi.Output[str]]
    ) -> aws.ssm.Parameter:
        public_keys: dict[str, pulumi.Input[str]] = {
            peer.name: peer.public_key or _public_key(peer_keys[peer.name]) for peer in args.peers
        }
        return aws.ssm.Parameter(
            f"{self._name}-peers",
            name=args.peers_parameter_name,
            type="String",
            # Standard, and free, up to 4 KB; a longer list becomes an advanced parameter by itself.
            tier="Intelligent-Tiering",
            # "Insecure" only says that a preview shows it; public keys are there to be compared in a review.
            insecure_value=pulumi.Output.all(**public_keys).apply(
                lambda keys: wireguard.peers_document(args.peers, keys)
            ),
            description=f"WireGuard peers of {self._name}",
            opts=self.child(),
        )

    def _host(self, args: BastionWireGuardArgs, secret: ManagedSecret, parameter: aws.ssm.Parameter) -> Host:
        key_pair = aws.ec2.KeyPair(f"{self._name}-ssh", public_key=args.ssh_public_key, opts=self.child())
        values = bastion_boot.BastionBootValues(
            region=args.region,
            vpc_cidr_block=args.vpc_cidr_block,
            vpn_cidr_block=args.vpn_cidr_block,
            wireguard_port=args.wireguard_port,
            server_key_secret_name=args.server_key_secret_name,
            peers_parameter_name=args.peers_parameter_name,
            log_group_name=args.log_group_name,
        )
        statements = [
            Statement(sid="ReadServerKey", actions=["secretsmanager:GetSecretValue"], resources=[secret.secret_arn]),
            Statement(sid="ReadPeers", actions=["ssm:GetParameter"], resources=[parameter.arn]),
        ]
        identity = {name: value for name, value in asdict(values).items() if name != "wireguard_port"}
        return Host(
            self._name,
            HostArgs(
                subnet_id=args.subnet_id,
                security_group_ids=[self._security_group.security_group_id],
                instance_type=args.instance_type,
                cpu_credits=args.cpu_credits,
                ami_id=args.ami_id,
                root_volume_gib=_ROOT_VOLUME_GIB,
                user_data=bastion_boot.user_data(values),
                identity=identity,
                identity_numbers={"wireguard_port": values.wireguard_port},
                log_group_name=args.log_group_name,
                log_retention_days=args.log_retention_days,
                statements=statements,
                termination_protection=False,
                private=False,
                key_name=key_pair.key_name,
            ),
            opts=self.child(),
        )

    def _elastic_ip(self, host: Host) -> aws.ec2.Eip:
        address = aws.ec2.Eip(f"{self._name}-eip", domain="vpc", tags={"Name": self._name}, opts=self.child())
        aws.ec2.EipAssociation(
            f"{self._name}-eip-association",
            allocation_id=address.id,
            instance_id=host.instance_id,
            # The address moves from a replaced bastion to its successor in one step.
            allow_reassociation=True,
            opts=self.child(),
        )
        return address

    def _client_configs(
        self, args: BastionWireGuardArgs, peer_keys: Mapping[str, pulumi.Output[str]]
    ) -> pulumi.Output[dict[str, str]]:
        def render(values: dict[str, str], keys: dict[str, str]) -> dict[str, str]:
            return {
                peer.name: wireguard.client_config(
                    peer,
                    private_key=keys.get(peer.name),
                    server_public_key=values["server_public_key"],
                    endpoint=f"{values['public_ip']}:{args.wireguard_port}",
                    vpc_cidr_block=args.vpc_cidr_block,
                    vpn_cidr_block=args.vpn_cidr_block,
                )
                for peer in args.peers
            }

        shared = {"server_public_key": self.server_public_key, "public_ip": self.public_ip}
        configs = pulumi.Output.all(shared, dict(peer_keys)).apply(lambda both: render(both[0], both[1]))
        return pulumi.Output.secret(configs)


def _public_key(private_key: pulumi.Output[str]) -> pulumi.Output[str]:
    return pulumi.Output.unsecret(derived(private_key, wireguard.public_key))


def _check(args: BastionWireGuardArgs) -> None:
    vpc = _network("vpc_cidr_block", args.vpc_cidr_block)
    vpn = _network("vpn_cidr_block", args.vpn_cidr_block)
    if vpn.overlaps(vpc):
        raise ValueError(f"vpn_cidr_block: came {vpn}, which overlaps the VPC; allowed a range outside {vpc}")
    check_range("vpn_cidr_block", vpn)
    if _SSH_PUBLIC_KEY.fullmatch(args.ssh_public_key) is None:
        # Not repeated here: it may be the private key.
        raise ValueError("ssh_public_key: came something else; allowed one line 'ssh-ed25519 …' or 'ssh-rsa …'")
    for who, cidr_block in args.ssh_allowed_cidr_blocks.items():
        if _network(f"ssh_allowed_cidr_blocks: {who}", cidr_block).prefixlen == 0:
            raise ValueError(f"ssh_allowed_cidr_blocks: came {cidr_block} for {who}; allowed anything but the internet")
    if not 1 <= args.wireguard_port <= 65535:
        raise ValueError(f"wireguard_port: came {args.wireguard_port}; allowed 1 to 65535")
    wireguard.check_peers(args.peers, args.vpn_cidr_block)


def _network(field: str, cidr_block: str) -> IPv4Network:
    try:
        return IPv4Network(cidr_block)
    except ValueError as error:
        raise ValueError(f"{field}: came {cidr_block}; allowed an IPv4 range such as 10.10.0.0/24") from error
