"""The IAM actions of the commands that change what a service runs. A pipeline's role needs these and no others."""

DEPLOY = frozenset(
    {
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:GetLifecyclePolicy",
        # The tag that says that an image was deployed; without it a deploy goes on with a note.
        "ecr:PutImage",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ListTasks",
        "ecs:RegisterTaskDefinition",
        "ecs:UpdateService",
        "ssm:GetParameterHistory",
        "ssm:PutParameter",
    }
)
"""Of ``service deploy``, ``rollback`` and ``promote``. Beside them ``iam:PassRole`` of the services' task and execution
roles to ``ecs-tasks.amazonaws.com`` and ``ecs:TagResource`` at RegisterTaskDefinition; ``logs:GetLogEvents`` of the
services' log groups after a failure; ``secretsmanager:GetSecretValue`` unless secrets are not checked."""

FOLLOW_SHIFT = frozenset(
    {
        "ecs:DescribeServiceDeployments",
        "ecs:DescribeServiceRevisions",
        "ecs:ListServiceDeployments",
    }
)
"""Of the same commands on a service that is deployed blue/green, as a canary or linearly."""

TAKE_BACK = frozenset({"ecs:StopServiceDeployment"})
"""Of ``service rollback`` during such a deployment, and of a deploy whose tasks do not stay up."""

ANSWER_PAUSE = frozenset({"ecs:ContinueServiceDeployment"})
"""Of ``service continue``."""
