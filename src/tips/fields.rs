//! The fields of an identity, each sealed for its tip and its own name, so that none opens in another's place.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::model::SealedIdentity;
use crate::keys::{DataKey, IdentityKeys, SealError, Wrapped};

/// How fields are sealed now: for the tip and the name of the field.
pub const SEALED_AS: i16 = 2;

/// What a field is sealed for. The first form bound the tip alone.
fn owner(sealed_as: i16, tip: Uuid, name: &str) -> Vec<u8> {
    let mut owner = tip.as_bytes().to_vec();
    if sealed_as >= SEALED_AS {
        owner.extend_from_slice(name.as_bytes());
    }
    owner
}

/// Seals fields under one key of their own: one key to destroy.
pub fn seal<'a>(
    keys: &IdentityKeys,
    tip: Uuid,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<SealedIdentity, SealError> {
    let key = DataKey::random();
    let mut sealed = Map::new();
    for (name, value) in fields {
        let bytes = key.seal(&owner(SEALED_AS, tip, name), value.as_bytes())?;
        sealed.insert(name.to_owned(), Value::from(STANDARD.encode(bytes)));
    }
    Ok(SealedIdentity {
        wrapped: key.wrap(keys, tip.as_bytes())?,
        fields: Value::Object(sealed),
        sealed_as: SEALED_AS,
    })
}

/// Opens the fields of a tip's identity.
pub fn open(
    keys: &IdentityKeys,
    tip: Uuid,
    identity: &SealedIdentity,
) -> Result<BTreeMap<String, String>, SealError> {
    let key = DataKey::unwrap(keys, tip.as_bytes(), &identity.wrapped)?;
    let mut fields = BTreeMap::new();
    for (name, sealed) in identity.fields.as_object().into_iter().flatten() {
        let sealed = STANDARD
            .decode(sealed.as_str().unwrap_or_default())
            .map_err(|_why| SealError::Broken)?;
        let plain = key.open(&owner(identity.sealed_as, tip, name), &sealed)?;
        let text = String::from_utf8(plain).map_err(|_why| SealError::Broken)?;
        fields.insert(name.clone(), text);
    }
    Ok(fields)
}

/// The same identity under the current key: wrapped anew, and sealed anew where an earlier form sealed it.
pub fn renew(
    keys: &IdentityKeys,
    tip: Uuid,
    identity: SealedIdentity,
) -> Result<SealedIdentity, SealError> {
    if identity.sealed_as < SEALED_AS {
        let fields = open(keys, tip, &identity)?;
        // A fresh key: nothing sealed in the earlier form, as in an old backup, opens under it.
        return seal(keys, tip, texts(&fields));
    }
    let key = DataKey::unwrap(keys, tip.as_bytes(), &identity.wrapped)?;
    let wrapped: Wrapped = key.wrap(keys, tip.as_bytes())?;
    Ok(SealedIdentity {
        wrapped,
        ..identity
    })
}

/// Opened fields as they are sealed.
pub fn texts(fields: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> IdentityKeys {
        IdentityKeys::generate("k1")
    }

    /// As the first form sealed it.
    fn old(keys: &IdentityKeys, tip: Uuid, given: &[(&str, &str)]) -> SealedIdentity {
        let key = DataKey::random();
        let fields: Map<String, Value> = given
            .iter()
            .map(|(name, value)| {
                let sealed = key.seal(tip.as_bytes(), value.as_bytes()).unwrap();
                ((*name).to_owned(), Value::from(STANDARD.encode(sealed)))
            })
            .collect();
        SealedIdentity {
            wrapped: key.wrap(keys, tip.as_bytes()).unwrap(),
            fields: Value::Object(fields),
            sealed_as: 1,
        }
    }

    fn swap(identity: &mut SealedIdentity) {
        let fields = identity.fields.as_object_mut().unwrap();
        let (phone, email) = (fields["phone"].clone(), fields["email"].clone());
        fields.insert("phone".to_owned(), email);
        fields.insert("email".to_owned(), phone);
    }

    const GIVEN: [(&str, &str); 2] = [("phone", "0900000001"), ("email", "a@vidu.example")];

    #[test]
    fn a_field_opens_under_its_own_name_alone() {
        let (keys, tip) = (ring(), Uuid::from_u128(7));
        let mut sealed = seal(&keys, tip, GIVEN).unwrap();
        let opened = open(&keys, tip, &sealed).unwrap();
        assert_eq!(opened["phone"], "0900000001");
        assert!(open(&keys, Uuid::from_u128(8), &sealed).is_err());
        // To call it the earlier form opens nothing.
        sealed.sealed_as = 1;
        assert!(open(&keys, tip, &sealed).is_err());
        sealed.sealed_as = SEALED_AS;
        swap(&mut sealed);
        assert!(matches!(open(&keys, tip, &sealed), Err(SealError::Broken)));
    }

    #[test]
    fn the_first_form_still_opens_and_is_sealed_anew_under_a_fresh_key() {
        let (keys, tip) = (ring(), Uuid::from_u128(7));
        let before = old(&keys, tip, &GIVEN);
        let opened = open(&keys, tip, &before).unwrap();
        let mut after = renew(&keys, tip, before.clone()).unwrap();
        assert_eq!(after.sealed_as, SEALED_AS);
        assert_eq!(open(&keys, tip, &after).unwrap(), opened);
        // What the earlier form sealed is not taken back.
        after.fields = before.fields;
        after.sealed_as = 1;
        assert!(open(&keys, tip, &after).is_err());
    }

    #[test]
    fn a_renewed_identity_needs_the_current_key_alone() {
        let (k1, k2) = (ring(), IdentityKeys::generate("k2"));
        let tip = Uuid::from_u128(7);
        let sealed = seal(&k1, tip, GIVEN).unwrap();
        let both = IdentityKeys::parse(&format!("{},{}", k2.to_text(), k1.to_text())).unwrap();
        let renewed = renew(&both, tip, sealed.clone()).unwrap();
        assert_eq!(renewed.fields, sealed.fields, "sealed once");
        assert!(open(&k2, tip, &renewed).is_ok());
        assert!(open(&k1, tip, &renewed).is_err());
    }
}
