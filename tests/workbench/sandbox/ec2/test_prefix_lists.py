"""Managed prefix lists, made, changed, read and used by a rule."""

from tests.workbench.sandbox.conftest import Sandbox, tags_of

LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
INPUTS = {"name": "edge", "addressFamily": "IPv4", "maxEntries": 5}
A, B, C = ({"cidr": f"192.0.2.{host}/32", "description": "edge"} for host in (1, 2, 3))


def entries(sandbox: Sandbox, list_id: str) -> dict[str, str]:
    answer = sandbox.client("ec2").get_managed_prefix_list_entries(PrefixListId=list_id)
    return {entry["Cidr"]: entry["Description"] for entry in answer["Entries"]}


def test_list_holds_its_entries_and_changes_them_in_place(sandbox: Sandbox) -> None:
    made = sandbox.create(LIST, "edge", **INPUTS, entries=[A, B], tags={"Name": "edge"})
    (described,) = sandbox.client("ec2").describe_managed_prefix_lists(PrefixListIds=[made.id])["PrefixLists"]
    assert (described["PrefixListName"], described["AddressFamily"], described["MaxEntries"]) == ("edge", "IPv4", 5)
    assert tags_of(described["Tags"]) == {"Project": "shop", "Name": "edge"}
    renamed = {**B, "description": "newer"}
    sandbox.update(LIST, "edge", **INPUTS, entries=[renamed, C], tags={"Name": "edge"})
    assert entries(sandbox, made.id) == {"192.0.2.2/32": "newer", "192.0.2.3/32": "edge"}
    assert sandbox.read(LIST, "edge") == {}
    sandbox.client("ec2").modify_managed_prefix_list(
        PrefixListId=made.id, PrefixListName="edge", CurrentVersion=3, RemoveEntries=[{"Cidr": "192.0.2.3/32"}]
    )
    assert sandbox.read(LIST, "edge") == {"entries": [renamed]}


def test_rule_lets_a_list_in(sandbox: Sandbox) -> None:
    vpc_id = sandbox.create("aws:ec2/vpc:Vpc", "with-list", cidrBlock="10.9.0.0/16").id
    group = sandbox.create("aws:ec2/securityGroup:SecurityGroup", "origin", vpcId=vpc_id, description="Origin").id
    list_id = sandbox.create(LIST, "let-in", **INPUTS, entries=[A]).id
    sandbox.create(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "from-list",
        securityGroupId=group,
        ipProtocol="tcp",
        fromPort=443,
        toPort=443,
        prefixListId=list_id,
    )
    filters = [{"Name": "group-id", "Values": [group]}]
    (rule,) = sandbox.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    assert (rule["IsEgress"], rule["FromPort"], rule["PrefixListId"]) == (False, 443, list_id)
