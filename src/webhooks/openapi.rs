//! The section `webhooks` of the OpenAPI document: what a receiver is sent.

use serde_json::{Value, json};
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, Paths, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{AdditionalProperties, KnownFormat, SchemaFormat, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Required, ResponseBuilder};

use super::catalog::{EVENTS, EventKind, PING};
use super::sender::CONTENT_TYPE;

/// One entry an event.
pub fn webhooks() -> Paths {
    EVENTS
        .iter()
        .chain([&PING])
        .enumerate()
        .fold(PathsBuilder::new(), |paths, (i, event)| {
            paths.path(event.name, item(event, i))
        })
        .build()
}

fn item(event: &EventKind, index: usize) -> PathItem {
    let operation = OperationBuilder::new()
        .operation_id(Some(format!("receive_{}", event.name.replace('.', "_"))))
        .summary(Some(event.about))
        // Not `events`, the tag of the calls about webhooks: makers of clients write one file a tag, and the second
        // would take the place of the first.
        .tag("deliveries")
        .security(SecurityRequirement::default())
        .parameter(header(
            "webhook-id",
            "Id of the event: the same at every attempt, so that a receiver can tell what it has.",
            "019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a",
        ))
        .parameter(header(
            "webhook-timestamp",
            "Unix time of this attempt in seconds; refuse what is older than five minutes.",
            "1795483200",
        ))
        .parameter(header(
            "webhook-signature",
            "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; two of them, separated by a space, \
             for a day after a rotation.",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ))
        .request_body(Some(
            RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content(
                    CONTENT_TYPE,
                    ContentBuilder::new()
                        .schema(Some(schema(event)))
                        .example(Some(example(event, index)))
                        .build(),
                )
                .build(),
        ))
        .response(
            "2XX",
            ResponseBuilder::new().description("Delivered; the body of the answer is thrown away."),
        )
        .response(
            "410",
            ResponseBuilder::new().description("No more, please: the webhook is disabled."),
        )
        .response(
            "default",
            ResponseBuilder::new().description("Tried again for up to three days."),
        )
        .build();
    PathItem::new(HttpMethod::Post, operation)
}

fn header(name: &str, about: &str, example: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(about))
        .schema(Some(text().examples([example])))
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A CloudEvent 1.0 in structured mode, of this type.
fn schema(event: &EventKind) -> ObjectBuilder {
    let formatted = |format| text().format(Some(SchemaFormat::KnownFormat(format)));
    let mut schema = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("A CloudEvent 1.0."))
        .property("specversion", text().enum_values(Some(["1.0"])))
        .property("id", formatted(KnownFormat::Uuid))
        .property(
            "source",
            text().description(Some("The issuer of this service.")),
        )
        .property("type", text().enum_values(Some([event.name])))
        .property(
            "subject",
            text().description(Some("What it is about; order holds within one subject.")),
        )
        .property("time", formatted(KnownFormat::DateTime))
        .property(
            "datacontenttype",
            text().enum_values(Some(["application/json"])),
        )
        .property(
            "data",
            ObjectBuilder::new()
                .schema_type(Type::Object)
                .description(Some(
                    "More about it; fields may be added. Read the resource for the rest.",
                ))
                .additional_properties(Some(AdditionalProperties::FreeForm(true))),
        );
    let mut required = vec![
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "data",
    ];
    if event.name != PING.name {
        let about = "Position in the stream of `GET /v1/changes`: where to go on from.";
        let position = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some(about));
        schema = schema.property("position", position);
        required.push("position");
    }
    required.into_iter().fold(schema, ObjectBuilder::required)
}

fn example(event: &EventKind, index: usize) -> Value {
    let mut example = json!({
        "specversion": "1.0",
        "id": "019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a",
        "source": "tinbao",
        "type": event.name,
        "subject": format!("{}/019ab1c5-7a10-7e02-b8d4-2c6f1e0a9b87", event.subject),
        "time": "2026-11-24T01:22:07Z",
        "datacontenttype": "application/json",
        "data": event.example_data(),
    });
    if let Value::Object(fields) = &mut example
        && event.name != PING.name
    {
        fields.insert("position".into(), json!(48_120 + index));
    }
    example
}
