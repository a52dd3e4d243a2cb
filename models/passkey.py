"""What a passkey has beside a credential."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from models.credential import Credential


class Passkey(Model):
    """What is to be known of a passkey beside its row of `credentials`, where its public key, name and counter are.

    That row's id is made of what the authenticator calls the passkey (`raw_id`), so each is there once.
    """

    credential: fields.OneToOneRelation[Credential] = fields.OneToOneField(
        "models.Credential", related_name="passkey", on_delete=fields.CASCADE, primary_key=True
    )
    # What the authenticator calls it, in base64url: browsers are told whose passkeys they may show.
    raw_id = fields.TextField()
    # The domain that it is bound to: it can't be shown to another.
    rp_id = fields.CharField(max_length=255)
    # May it be synced, and is it. The first never changes, so a proof that says otherwise isn't this passkey's.
    backup_eligible = fields.BooleanField()
    backed_up = fields.BooleanField()
    # That it verifies its user was said where another factor had been shown, too: else it is not believed (L3, 7.2).
    uv_initialised = fields.BooleanField()
    # Whether it can be found without knowing whose it is; None where the browser doesn't say.
    discoverable = fields.BooleanField(null=True)
    # How it can be reached, as the browser says: usb, internal, hybrid and the like, with spaces between.
    transports = fields.CharField(max_length=120)
    # The model of its authenticator. Nothing vouches for it.
    aaguid = fields.UUIDField()
    # Its counter went back: there is a copy of it. It is good for nothing since.
    suspended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "passkeys"
        table_description = "What passkeys have beside a credential"
