"""Every resource type of the program: what it is charged for, or why it costs nothing."""

from collections.abc import Mapping

from workbench.review.cost import compute, network, stores
from workbench.review.cost.plan import PricedType
from workbench.review.cost.shared import SHARED

PRICED: Mapping[str, PricedType] = {
    "aws:autoscaling/group:Group": compute.agents,
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": stores.restore_tests,
    "aws:backup/vault:Vault": stores.recovery_points,
    "aws:dlm/lifecyclePolicy:LifecyclePolicy": compute.snapshots,
    "aws:ebs/volume:Volume": compute.volume,
    "aws:ec2/eip:Eip": network.elastic_ip,
    "aws:ec2/instance:Instance": compute.instance,
    "aws:ec2/natGateway:NatGateway": network.nat_gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": network.vpc_endpoint,
    "aws:ecs/service:Service": compute.fargate_service,
    "aws:efs/backupPolicy:BackupPolicy": stores.file_system_backups,
    "aws:efs/fileSystem:FileSystem": stores.file_system,
    "aws:elasticache/replicationGroup:ReplicationGroup": stores.replication_group,
    "aws:kms/key:Key": stores.key,
    "aws:lb/loadBalancer:LoadBalancer": network.load_balancer,
    "aws:rds/cluster:Cluster": stores.aurora_cluster,
    "aws:rds/clusterInstance:ClusterInstance": stores.aurora_instance,
    "aws:rds/instance:Instance": stores.database_instance,
    "aws:route53/healthCheck:HealthCheck": network.health_check,
    "aws:secretsmanager/secret:Secret": stores.secret,
    "aws:ssm/parameter:Parameter": stores.parameter,
    "cloudflare:index/workersScript:WorkersScript": network.worker,
}
"""By type token, what one resource of it is charged for."""

_PART_OF_VPC = "a part of a VPC, free by itself (Amazon VPC pricing)"
_IAM = "IAM is free (AWS IAM FAQ)"
_PART_OF_STORE = "settings of a database, cache or file system, free by themselves"
_PART_OF_BUCKET = "settings of a bucket; S3 charges for storage and requests"
_PART_OF_BALANCER = "included in the load balancer's hours and capacity units (Elastic Load Balancing pricing)"
_OF_CLOUDFLARE = "part of the zone's plan at Cloudflare, which is a price by the month and no resource"
_OUTSIDE_AWS = "made by Pulumi in its state, not in AWS"

FREE: Mapping[str, str] = {
    "aws:acm/certificate:Certificate": "public certificates for AWS's services are free (ACM pricing)",
    "aws:acm/certificateValidation:CertificateValidation": "waits for a certificate; nothing in AWS",
    "aws:appautoscaling/target:Target": "Application Auto Scaling is free; its alarms are counted with the alarms",
    "aws:backup/plan:Plan": "settings; the recovery points in the vault are charged",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": "settings; the plan's tests are charged",
    "aws:backup/selection:Selection": "settings; the recovery points in the vault are charged",
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": (
        "Amazon Q Developer in chat applications is free (AWS Chatbot pricing, from memory); the topics are told of"
    ),
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": "settings of alarms, which are counted",
    "aws:cloudwatch/eventRule:EventRule": "events of AWS's services are free (Amazon EventBridge pricing)",
    "aws:cloudwatch/eventTarget:EventTarget": "a part of its rule",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _PART_OF_VPC,
    "aws:ec2/eipAssociation:EipAssociation": "the address itself is counted",
    "aws:ec2/internetGateway:InternetGateway": "free; traffic is counted (Amazon VPC pricing)",
    "aws:ec2/keyPair:KeyPair": "a public key; free",
    "aws:ec2/launchTemplate:LaunchTemplate": "settings; the instances of its group are charged",
    "aws:ec2/managedPrefixList:ManagedPrefixList": _PART_OF_VPC,
    "aws:ec2/route:Route": _PART_OF_VPC,
    "aws:ec2/routeTable:RouteTable": _PART_OF_VPC,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _PART_OF_VPC,
    "aws:ec2/securityGroup:SecurityGroup": _PART_OF_VPC,
    "aws:ec2/subnet:Subnet": _PART_OF_VPC,
    "aws:ec2/volumeAttachment:VolumeAttachment": "the volume itself is counted",
    "aws:ec2/vpc:Vpc": _PART_OF_VPC,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "settings of a repository; its images are counted",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "settings of a cluster; its tasks are counted",
    "aws:ecs/taskDefinition:TaskDefinition": "a template; the tasks of its service are counted",
    "aws:efs/accessPoint:AccessPoint": _PART_OF_STORE,
    "aws:efs/fileSystemPolicy:FileSystemPolicy": _PART_OF_STORE,
    "aws:efs/mountTarget:MountTarget": "free; traffic between zones is counted (Amazon EFS pricing)",
    "aws:elasticache/parameterGroup:ParameterGroup": _PART_OF_STORE,
    "aws:elasticache/subnetGroup:SubnetGroup": _PART_OF_STORE,
    "aws:iam/instanceProfile:InstanceProfile": _IAM,
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _IAM,
    "aws:iam/role:Role": _IAM,
    "aws:iam/rolePolicy:RolePolicy": _IAM,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _IAM,
    "aws:lb/listener:Listener": _PART_OF_BALANCER,
    "aws:lb/listenerCertificate:ListenerCertificate": _PART_OF_BALANCER,
    "aws:lb/listenerRule:ListenerRule": _PART_OF_BALANCER,
    "aws:lb/targetGroup:TargetGroup": _PART_OF_BALANCER,
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _PART_OF_STORE,
    "aws:rds/eventSubscription:EventSubscription": "free; see the topic",
    "aws:rds/parameterGroup:ParameterGroup": _PART_OF_STORE,
    "aws:rds/subnetGroup:SubnetGroup": _PART_OF_STORE,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _PART_OF_BUCKET,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _PART_OF_BUCKET,
    "aws:s3/bucketObjectv2:BucketObjectv2": "kilobytes; S3 charges for storage and requests",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _PART_OF_BUCKET,
    "aws:s3/bucketPolicy:BucketPolicy": _PART_OF_BUCKET,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _PART_OF_BUCKET,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _PART_OF_BUCKET,
    "aws:s3/bucketVersioning:BucketVersioning": _PART_OF_BUCKET,
    "aws:secretsmanager/secretVersion:SecretVersion": "the secret itself is counted",
    "aws:sns/topic:Topic": "the first 1,000 e-mails of a month are free, and topics are (Amazon SNS pricing)",
    "aws:sns/topicPolicy:TopicPolicy": "settings of a topic",
    "aws:sns/topicSubscription:TopicSubscription": "free; see the topic",
    "aws:ssm/document:Document": "Run Command is free on EC2 instances (AWS Systems Manager pricing)",
    "aws:scheduler/schedule:Schedule": "14 million calls a month are free (Amazon EventBridge pricing)",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _PART_OF_VPC,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _PART_OF_VPC,
    "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls": _OF_CLOUDFLARE,
    "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate": _OF_CLOUDFLARE,
    (
        "cloudflare:index/authenticatedOriginPullsHostnameCertificate:AuthenticatedOriginPullsHostnameCertificate"
    ): _OF_CLOUDFLARE,
    "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings": _OF_CLOUDFLARE,
    "cloudflare:index/dnsRecord:DnsRecord": "records are free in every plan of Cloudflare",
    "cloudflare:index/originCaCertificate:OriginCaCertificate": _OF_CLOUDFLARE,
    "cloudflare:index/ruleset:Ruleset": _OF_CLOUDFLARE,
    "cloudflare:index/workersRoute:WorkersRoute": _OF_CLOUDFLARE,
    "cloudflare:index/zoneDnssec:ZoneDnssec": _OF_CLOUDFLARE,
    "cloudflare:index/zoneSetting:ZoneSetting": _OF_CLOUDFLARE,
    "random:index/randomBytes:RandomBytes": _OUTSIDE_AWS,
    "random:index/randomPassword:RandomPassword": _OUTSIDE_AWS,
}
"""By type token, why it costs nothing."""

COUNTED_TOGETHER = frozenset(type_token for charge in SHARED for type_token in charge.types)
"""What is charged for several resources at once."""


def is_known(type_token: str) -> bool:
    """Tell whether a type has a price or a reason to have none."""
    return type_token in PRICED or type_token in FREE or type_token in COUNTED_TOGETHER
