"""A balancer with a production and a test rule for each service, and what the rules forward to."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.workbench.sandbox.ecs.clocked import ClockedAws
from tests.workbench.sandbox.network import Network

_NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Balancer:
    """An application load balancer with two listeners."""

    aws: ClockedAws
    vpc_id: str
    listeners: tuple[str, str]

    @property
    def elbv2(self) -> Any:
        return self.aws.client("elbv2")

    def group(self) -> str:
        made = self.elbv2.create_target_group(
            Name=f"group-{next(_NUMBERS)}", Protocol="HTTP", Port=80, VpcId=self.vpc_id, TargetType="ip"
        )
        return made["TargetGroups"][0]["TargetGroupArn"]

    def rule(self, listener: int, weights: dict[str, int]) -> str:
        groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
        number = next(_NUMBERS)
        made = self.elbv2.create_rule(
            ListenerArn=self.listeners[listener],
            Priority=number,
            Conditions=[{"Field": "path-pattern", "Values": [f"/{number}/*"]}],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
        )
        return made["Rules"][0]["RuleArn"]

    def targets(self) -> "Targets":
        """Make two groups, the first of which production forwards to and the second test."""
        blue, green = self.group(), self.group()
        return Targets(
            balancer=self,
            groups=(blue, green),
            production=self.rule(0, {blue: 1, green: 0}),
            test=self.rule(1, {green: 1}),
        )


@dataclass(frozen=True, kw_only=True)
class Targets:
    """The target groups and rules of one service."""

    balancer: Balancer
    groups: tuple[str, str]
    production: str
    test: str

    @property
    def load_balancers(self) -> list[dict[str, Any]]:
        return [
            {
                "targetGroupArn": self.groups[0],
                "containerName": "web",
                "containerPort": 80,
                "advancedConfiguration": {
                    "alternateTargetGroupArn": self.groups[1],
                    "productionListenerRule": self.production,
                    "testListenerRule": self.test,
                    "roleArn": "arn:aws:iam::123456789012:role/ecs-infrastructure",
                },
            }
        ]

    def weights(self, rule: str) -> tuple[int, int]:
        """Return what a rule sends to either group."""
        (found,) = self.balancer.elbv2.describe_rules(RuleArns=[rule])["Rules"]
        (action,) = found["Actions"]
        weights = {each["TargetGroupArn"]: each["Weight"] for each in action["ForwardConfig"]["TargetGroups"]}
        return weights.get(self.groups[0], 0), weights.get(self.groups[1], 0)

    def forward(self, rule: str, weights: dict[str, int]) -> None:
        """Let a rule forward otherwise, as somebody else might."""
        groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
        self.balancer.elbv2.modify_rule(
            RuleArn=rule, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
        )

    def remove(self, rule: str) -> None:
        self.balancer.elbv2.delete_rule(RuleArn=rule)

    def healthy(self) -> tuple[int, int]:
        """Return how many targets of either group are healthy."""
        first, second = (self._healthy(group) for group in self.groups)
        return first, second

    def _healthy(self, group: str) -> int:
        found = self.balancer.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return sum(each["TargetHealth"]["State"] == "healthy" for each in found)


def make_balancer(aws: ClockedAws, network: Network) -> Balancer:
    elbv2 = aws.client("elbv2")
    balancer = elbv2.create_load_balancer(Name="shop", Subnets=network.subnet_ids)["LoadBalancers"][0]
    listeners = [
        elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=port,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        )["Listeners"][0]["ListenerArn"]
        for port in (80, 8080)
    ]
    return Balancer(aws=aws, vpc_id=network.vpc_id, listeners=(listeners[0], listeners[1]))
