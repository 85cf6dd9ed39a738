"""The monthly costs that Zelly's documents name, in groups of the price list's items."""

from workbench.costs import DocumentedCosts

DOCUMENTED_COSTS = DocumentedCosts(
    named={
        "Fargate": ("fargate.",),
        "Load balancers": ("alb.hour", "nlb.hour"),
        "NAT gateway": ("nat.hour",),
        "Aurora": ("aurora.",),
        "Redis": ("elasticache.",),
        "ClickHouse and bastion, with disks and snapshots": ("ec2.", "ebs."),
    },
    not_named={
        "Public IPv4 addresses": ("ipv4.",),
        "Container Insights and other custom metrics": ("cloudwatch.custom_metric_month",),
        "Alarms": ("cloudwatch.alarm_month",),
        "Dashboards": ("cloudwatch.dashboard_month",),
        "Logs and flow logs": ("cloudwatch.logs.", "vpc_flow_logs."),
        "Traffic and capacity units": ("alb.lcu_hour", "nlb.nlcu_hour", "nat.gb", "transfer."),
        "Secrets and the alarm topic's key": ("secrets.", "kms."),
        "Certificates on EFS, images, access logs": ("efs.", "backup.", "ecr.", "s3."),
    },
)
