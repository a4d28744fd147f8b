//! Fields of a change that tell null, absent and given apart.

use serde::{Deserialize, Deserializer};

/// Tells a field that is null from one that is left out (with `#[serde(default)]`).
pub fn nullable<'de, T, D>(field: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(field).map(Some)
}

/// A field that may be left out and is not null (with `#[serde(default)]`).
pub fn given<'de, T, D>(field: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(field).map(Some)
}
