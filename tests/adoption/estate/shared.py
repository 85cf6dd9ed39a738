"""The root module: secrets with values by hand, and what the account has once, made here or looked up."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.adoption.estate.making import Estate
from tests.adoption.estate.roles import document
from tests.adoption.estate.secrets import make_secret
from tests.adoption.estate.state_file import Written
from tests.zelly_infra.facts import GITHUB_ORGANIZATION, GITHUB_ROLE, REGISTRY_REGION, SECRET_KEYS, SERVICES

_GITHUB = "token.actions.githubusercontent.com"
_AUDIENCE = "sts.amazonaws.com"
_THUMBPRINTS = ["6938fd4d98bab03faadb97b34396831e3780aea1", "1c58a3a8518e8759bf075b76b750d4f2df264fcd"]
"""GitHub's two, as it published them in June 2023."""
_THERE_ALREADY = ("RepositoryAlreadyExistsException", "EntityAlreadyExists")
_LIFECYCLE = {
    "rules": [
        {
            "rulePriority": 1,
            "description": "Keep 30",
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30},
            "action": {"type": "expire"},
        }
    ]
}


def make_own_secrets(estate: Estate) -> Mapping[str, Written]:
    """Make the secrets whose values operators set by hand, which no Terraform knows."""
    secrets: dict[str, Written] = {}
    for name, keys in SECRET_KEYS.items():
        if not name.endswith("/env"):
            continue
        label = name.split("/")[1].replace("-", "_")
        secrets[name] = make_secret(estate, "", f"aws_secretsmanager_secret.{label}", name, f"Secrets of {label}")
        values = {key: estate.password(24) for key in keys}
        estate.client("secretsmanager").put_secret_value(SecretId=name, SecretString=json.dumps(values))
    return secrets


def make_shared(estate: Estate) -> None:
    """Make the repositories and GitHub's trust in production; look them up in staging."""
    caller = {
        "id": estate.account_id,
        "account_id": estate.account_id,
        "arn": estate.arn("iam", "user/deploy", region=""),
        "user_id": "AIDAEXAMPLE",
    }
    estate.add("", "data.aws_caller_identity.current", caller)
    provider, role = _provider(estate), _role(estate)
    repositories = [image for facts in SERVICES.values() for image in facts.images]
    owned = estate.facts.creates_repositories
    for position, name in enumerate(repositories):
        key = estate.key(position, name, mixed=str)
        repository = _repository(estate, name)
        if owned:
            written = estate.add("ecr", "aws_ecr_repository.this", repository, key=key)
            _lifecycle(estate, written, key)
        else:
            estate.add("", "data.aws_ecr_repository.this", _looked_up(repository), key=key)
    if owned:
        made = estate.add("github_oidc", "aws_iam_openid_connect_provider.github", provider)
        own = estate.add("github_oidc", "aws_iam_role.github_actions", role, after=[made])
        _push_policy(estate, own)
    else:
        looked_up = {name: provider[name] for name in ("id", "arn", "client_id_list", "thumbprint_list", "url")}
        estate.add("", "data.aws_iam_openid_connect_provider.github", {**looked_up, "tags": {}})
        estate.add("", "data.aws_iam_role.github_actions", _role_looked_up(role))


def _made_or_there(make: Any, **parameters: Any) -> None:
    """Make something that another stack may have made already."""
    try:
        make(**parameters)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in (
            "RepositoryAlreadyExistsException",
            "EntityAlreadyExists",
        ):
            raise


def _repository(estate: Estate, name: str) -> dict[str, Any]:
    ecr = estate.client("ecr", REGISTRY_REGION)
    _made_or_there(
        ecr.create_repository,
        repositoryName=name,
        imageTagMutability="MUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        tags=estate.tag_list() if estate.facts.creates_repositories else [],
    )
    made = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    return {
        "id": name,
        "arn": made["repositoryArn"],
        "encryption_configuration": [{"encryption_type": "AES256", "kms_key": ""}],
        "image_scanning_configuration": [{"scan_on_push": True}],
        "image_tag_mutability": made["imageTagMutability"],
        "name": name,
        "registry_id": made["registryId"],
        "repository_url": made["repositoryUri"],
        **estate.tags(),
    }


def _looked_up(repository: dict[str, Any]) -> dict[str, Any]:
    names = repository.keys() - {"tags_all"}
    return {name: repository[name] for name in names} | {"tags": {}, "most_recent_image_tags": []}


def _lifecycle(estate: Estate, repository: Written, key: str | int) -> None:
    policy = json.dumps(_LIFECYCLE, sort_keys=True, separators=(",", ":"))
    name = repository["name"]
    estate.client("ecr", REGISTRY_REGION).put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=policy)
    estate.add(
        "ecr",
        "aws_ecr_lifecycle_policy.this",
        {"id": name, "policy": policy, "registry_id": estate.account_id, "repository": name},
        key=key,
        after=[repository],
    )


def _provider(estate: Estate) -> dict[str, Any]:
    _made_or_there(
        estate.client("iam").create_open_id_connect_provider,
        Url=f"https://{_GITHUB}",
        ClientIDList=[_AUDIENCE],
        ThumbprintList=_THUMBPRINTS,
    )
    arn = estate.arn("iam", f"oidc-provider/{_GITHUB}", region="")
    return {
        "id": arn,
        "arn": arn,
        "client_id_list": [_AUDIENCE],
        "thumbprint_list": _THUMBPRINTS,
        "url": _GITHUB,
        **estate.tags(),
    }


def _role(estate: Estate) -> dict[str, Any]:
    trust = document(
        [
            {
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {f"{_GITHUB}:aud": _AUDIENCE},
                    "StringLike": {f"{_GITHUB}:sub": f"repo:{GITHUB_ORGANIZATION}/*"},
                },
                "Effect": "Allow",
                "Principal": {"Federated": estate.arn("iam", f"oidc-provider/{_GITHUB}", region="")},
            }
        ]
    )
    iam = estate.client("iam")
    _made_or_there(iam.create_role, RoleName=GITHUB_ROLE, AssumeRolePolicyDocument=trust)
    made = iam.get_role(RoleName=GITHUB_ROLE)["Role"]
    return {
        "id": GITHUB_ROLE,
        "arn": made["Arn"],
        "assume_role_policy": trust,
        "create_date": made["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "description": "",
        "force_detach_policies": False,
        "inline_policy": [],
        "managed_policy_arns": [],
        "max_session_duration": 3600,
        "name": GITHUB_ROLE,
        "name_prefix": "",
        "path": "/",
        "permissions_boundary": "",
        "unique_id": made["RoleId"],
        **estate.tags(),
    }


def _role_looked_up(role: dict[str, Any]) -> dict[str, Any]:
    same = ("id", "arn", "assume_role_policy", "create_date", "description", "max_session_duration", "name", "path")
    return {name: role[name] for name in (*same, "permissions_boundary", "unique_id")} | {
        "role_last_used": [],
        "tags": {},
    }


def _push_policy(estate: Estate, role: Written) -> None:
    actions = ["ecr:GetAuthorizationToken", "ecr:PutImage", "ecs:UpdateService", "ecs:RegisterTaskDefinition"]
    policy = document([{"Action": actions, "Effect": "Allow", "Resource": "*"}])
    estate.client("iam").put_role_policy(RoleName=role["name"], PolicyName="deploy", PolicyDocument=policy)
    attributes = {
        "id": f"{role['name']}:deploy",
        "name": "deploy",
        "name_prefix": "",
        "policy": policy,
        "role": role["name"],
    }
    estate.add("github_oidc", "aws_iam_role_policy.github_actions", attributes, after=[role])
