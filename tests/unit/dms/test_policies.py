import json

from rehearsal.dms.policies import is_allowing, is_trusting

SECRET = "arn:aws:secretsmanager:us-east-1:0:secret:site-AbCdEf"


def policy(effect: str, action: object, resource: object) -> dict[str, object]:
    return {"Statement": [{"Effect": effect, "Action": action, "Resource": resource}]}


def test_a_policy_matches_actions_and_resources_with_wildcards() -> None:
    assert is_allowing(policy("Allow", ["secretsmanager:Get*"], SECRET), "secretsmanager:GetSecretValue", SECRET)
    assert is_allowing(json.dumps(policy("Allow", "*", "*")), "secretsmanager:GetSecretValue", SECRET)
    assert not is_allowing(
        policy("Allow", "secretsmanager:GetSecretValue", SECRET + "x"), "secretsmanager:GetSecretValue", SECRET
    )
    assert not is_allowing(policy("Allow", "s3:*", "*"), "secretsmanager:GetSecretValue", SECRET)


def test_a_denial_overrides_a_permission() -> None:
    statements = [{"Effect": effect, "Action": "secretsmanager:*", "Resource": "*"} for effect in ("Allow", "Deny")]
    assert not is_allowing({"Statement": statements}, "secretsmanager:GetSecretValue", SECRET)


def test_a_trust_policy_applies_only_to_the_named_service() -> None:
    document = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "dms.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
    assert is_trusting(document, "dms.amazonaws.com")
    assert not is_trusting(document, "dms.us-east-1.amazonaws.com")
