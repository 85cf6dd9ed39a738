from tests.components.forms import assert_form_makes_what_the_verb_makes
from zelly_components.release_document import ReleaseDocument, ReleaseDocumentArgs
from zelly_components.release_send_grant import ReleaseSendGrant, ReleaseSendGrantArgs


def document() -> ReleaseDocument:
    args = ReleaseDocumentArgs(
        document_name="shop-release", record_name="/shop/release", region="eu-west-1", account_id="123456789012"
    )
    return ReleaseDocument("shop", args)


def by_form() -> None:
    made = document()
    ReleaseSendGrant(
        "shop-send",
        ReleaseSendGrantArgs(
            role_name="shop-pipeline",
            policy_name="send",
            document_arn=made.document_arn,
            record_arn=made.record_arn,
            region="eu-west-1",
            account_id="123456789012",
            host_name="shop-host",
        ),
    )


def test_it_makes_the_policy_of_the_verb() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: document().grant_send("send", "shop-pipeline", host_name="shop-host"), by_form, number=3
    )
