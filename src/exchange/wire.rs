//! Wire types of the exports: the filters, and the schemas of rows, made from the lists of columns.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat,
    SchemaType, Type,
};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::encode::CURSOR;
use super::store::{CASES, Dataset, INDICATORS, Kind, TIPS};

/// Filters of an export; all given ones hold together.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// Only rows that something happened to after this position of the journal: the `Export-Position` of
    /// the export before.
    #[param(minimum = 0, example = 0)]
    pub updated_since: Option<i64>,
    /// Tips received, cases opened, indicators first seen at or after (RFC 3339).
    #[param(example = "2026-11-01T00:00:00Z")]
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub from: Option<DateTime<Utc>>,
    /// The same, before (RFC 3339).
    #[param(example = "2026-12-01T00:00:00Z")]
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub to: Option<DateTime<Utc>>,
}

macro_rules! rows {
    ($($name:ident $dataset:ident $about:literal;)*) => {$(
        #[doc = $about]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                row(&$dataset, $about)
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )*};
}

rows! {
    ExportedTip TIPS "A row of the export of tips.";
    ExportedCase CASES "A row of the export of cases.";
    ExportedIndicator INDICATORS "A row of the export of indicators.";
}

fn row(dataset: &Dataset, about: &str) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().description(Some(about));
    for (at, column) in dataset.columns.iter().enumerate() {
        let schema = property(column.kind, column.about, at == 0);
        object = object.property(column.name, schema).required(column.name);
    }
    let cursor = property(
        Kind::Text,
        "Send it as `cursor`, and the export goes on behind this row.",
        true,
    );
    object.property(CURSOR, cursor).required(CURSOR).into()
}

fn property(kind: Kind, about: &str, always: bool) -> RefOr<Schema> {
    let simple = |kind: Type, format: Option<KnownFormat>| {
        let schema_type = if always {
            SchemaType::Type(kind)
        } else {
            SchemaType::from_iter([kind, Type::Null])
        };
        ObjectBuilder::new()
            .schema_type(schema_type)
            .format(format.map(SchemaFormat::KnownFormat))
            .description(Some(about))
            .into()
    };
    match kind {
        Kind::Uuid => simple(Type::String, Some(KnownFormat::Uuid)),
        Kind::Text => simple(Type::String, None),
        Kind::Int => simple(Type::Integer, Some(KnownFormat::Int64)),
        Kind::Bool => simple(Type::Boolean, None),
        Kind::Time => simple(Type::String, Some(KnownFormat::DateTime)),
        Kind::Texts => ArrayBuilder::new()
            .items(ObjectBuilder::new().schema_type(Type::String))
            .description(Some(about))
            .into(),
        Kind::Json => ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some(about))
            .into(),
        Kind::JsonList => ArrayBuilder::new()
            .items(
                ObjectBuilder::new()
                    .schema_type(Type::Object)
                    .additional_properties(Some(AdditionalProperties::FreeForm(true))),
            )
            .description(Some(about))
            .into(),
        Kind::JsonIds => ArrayBuilder::new()
            .items(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))),
            )
            .description(Some(about))
            .into(),
    }
}
