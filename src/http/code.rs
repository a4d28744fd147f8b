//! A code of one of our vocabularies, as the document describes it.

use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::indicator::Kind;
use crate::domain::priority::Level;
use crate::domain::status::TipStatus;

/// No code is longer.
const LONGEST: usize = 100;

/// Stands in the document for a text that has to be a known code: longer than any of them it is none.
pub struct Code;

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let object: Object = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A code of a vocabulary."))
            .max_length(Some(LONGEST))
            .build();
        RefOr::T(Schema::Object(object))
    }
}

impl ToSchema for Code {}

macro_rules! vocabularies {
    ($($name:ident $doc:literal $codes:expr;)*) => {$(
        #[doc = $doc]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let object: Object = ObjectBuilder::new()
                    .schema_type(Type::String)
                    .enum_values(Some($codes))
                    .build();
                RefOr::T(Schema::Object(object))
            }
        }

        impl ToSchema for $name {}
    )*};
}

vocabularies! {
    KindCode "A kind of indicator, in the document." Kind::ALL.map(Kind::as_str);
    VerdictCode "A verdict, in the document." ["suspected", "confirmed_scam", "cleared", "official"];
    LevelCode "A level of priority, in the document." Level::ALL.map(Level::as_str);
    TipStatusCode "The status of a tip, in the document." TipStatus::ALL.map(TipStatus::as_str);
    DeadlineStateCode "The state of a deadline, in the document." ["pending", "met", "overdue", "not_applicable"];
    ReferralStateCode "The state of a referral, in the document."
        ["proposed", "discarded", "sent", "acknowledged", "completed", "declined", "recalled"];
    AdvisoryStateCode "The state of a warning, in the document." ["draft", "published", "retracted"];
    DeliveryStateCode "The state of a delivery, in the document." ["pending", "delivered", "dead"];
    VerdictStateCode "The state of a verdict, in the document." ["pending_approval", "in_force", "expired", "ended"];
    AppealStateCode "The status of an appeal, in the document." ["open", "upheld", "rejected"];
}
