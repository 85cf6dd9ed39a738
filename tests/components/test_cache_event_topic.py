import json

from workbench.evaluate import Evaluation, evaluate
from zelly_components.cache_event_topic import CacheEventTopic, CacheEventTopicArgs

TOPIC_ARN = "${shop-cache-events.arn}"


def record(*emails: str) -> Evaluation:
    args = CacheEventTopicArgs(account_id="123456789012", emails=emails)
    return evaluate(lambda: CacheEventTopic("shop-cache-events", args) and None)


def test_elasticache_of_this_account_publishes_to_a_topic_that_is_not_encrypted() -> None:
    evaluation = record()
    # ElastiCache gives up an encrypted topic, and one whose policy says aws:SourceAccount.
    assert evaluation.one("aws:sns/topic:Topic").inputs == {}
    policy = evaluation.one("aws:sns/topicPolicy:TopicPolicy").inputs
    assert policy["arn"] == TOPIC_ARN
    assert json.loads(policy["policy"])["Statement"] == [
        {
            "Sid": "CacheEvents",
            "Effect": "Allow",
            "Action": ["sns:Publish"],
            "Resource": [TOPIC_ARN],
            "Principal": {"AWS": "*"},
            "Condition": {"StringEquals": {"aws:SourceOwner": "123456789012"}},
        }
    ]


def test_every_address_is_subscribed() -> None:
    subscriptions = record("first@shop.example", "second@shop.example").of_type(
        "aws:sns/topicSubscription:TopicSubscription"
    )
    assert [subscription.inputs for subscription in subscriptions] == [
        {"topic": TOPIC_ARN, "protocol": "email", "endpoint": f"{name}@shop.example"} for name in ("first", "second")
    ]


def test_topic_is_known_once_elasticache_may_publish_to_it() -> None:
    evaluation = record()
    component = evaluation.one("zelly-components:index:CacheEventTopic")
    assert evaluation.component_outputs[component.urn] == {"topic_arn": TOPIC_ARN}
