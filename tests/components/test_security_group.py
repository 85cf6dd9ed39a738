from workbench.evaluate import Evaluation, RecordedResource, evaluate
from zelly_components.security_group import SecurityGroup, SecurityGroupArgs

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


def record() -> Evaluation:
    def program() -> None:
        database = SecurityGroup("database", SecurityGroupArgs(vpc_id="vpc-1", description="MySQL"))
        api = SecurityGroup(
            "api", SecurityGroupArgs(vpc_id="vpc-1", description="API tasks", internet_egress_ports=[443])
        )
        database.allow_from("api", api.security_group_id, port=3306)
        database.allow_from_cidr("office", "203.0.113.0/24", port=3306)

    return evaluate(program)


def passage(rule: RecordedResource) -> tuple[object, ...]:
    inputs = rule.inputs
    return (
        inputs["securityGroupId"],
        inputs.get("referencedSecurityGroupId") or inputs["cidrIpv4"],
        inputs["ipProtocol"],
        inputs["fromPort"],
        inputs["toPort"],
    )


def test_peer_is_let_in_here_and_let_out_there() -> None:
    evaluation = record()
    assert sorted(passage(rule) for rule in evaluation.of_type(INGRESS)) == [
        ("${database.id}", "${api.id}", "tcp", 3306, 3306),
        ("${database.id}", "203.0.113.0/24", "tcp", 3306, 3306),
    ]
    assert sorted(passage(rule) for rule in evaluation.of_type(EGRESS)) == [
        ("${api.id}", "${database.id}", "tcp", 3306, 3306),
        ("${api.id}", "0.0.0.0/0", "tcp", 443, 443),
    ]


def test_no_rule_is_written_inside_the_group() -> None:
    for group in record().of_type("aws:ec2/securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & group.inputs.keys()


def test_description_is_set_since_a_change_would_replace_the_group() -> None:
    groups = record().of_type("aws:ec2/securityGroup:SecurityGroup")
    assert {group.name: group.inputs["description"] for group in groups} == {"api": "API tasks", "database": "MySQL"}
