"""What programs need to try the demo by: a token of the REST API and credentials of the WHMCS API, both of the owner."""

from clients.actions.api_credential import create_credential, revoke_credential
from clients.actions.api_token import create_token, revoke_token
from clients.models import ApiCredential, ApiRole, ApiToken, User
from clients.models.api_credential import ALL_ACTIONS
from clients.queries.actor import actor_of

LABEL = "Demo"


def load(email: str) -> dict:
    """{"api": {"identifier", "secret"}, "token"}. Nobody can read the ones of an earlier run again, so they are replaced."""
    user = User.objects.get(email=email)
    actor = actor_of(user)
    for token in ApiToken.objects.filter(user=user, label=LABEL, revoked_at=None):
        revoke_token(token, actor=actor)
    for credential in ApiCredential.objects.filter(user=user, label=LABEL, revoked_at=None):
        revoke_credential(credential, actor=actor)
    roles = ApiRole.objects.filter(actions=[ALL_ACTIONS])[:1]
    credential, secret = create_credential(actor=actor, label=LABEL, roles=roles)
    _token, text = create_token(actor=actor, label=LABEL, reach=ApiToken.Reach.ALL)
    return {"api": {"identifier": credential.identifier, "secret": secret}, "token": text}
