//! Endpoints of the bulk exports.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::encode::Format;
use super::store::{self, CASES, Dataset, INDICATORS, Pages, TIPS, Wanted};
use super::stream::{self, Export, Mark};
use super::wire::{ExportQuery, ExportedCase, ExportedIndicator, ExportedTip};
use crate::error::Error;
use crate::http::resume::Resumable;
use crate::http::{Answer, Api, Caller, Meta, Problem, Sensitive, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::Visibility;

pub fn api() -> Api {
    crate::handlers![
        export_tips_ndjson,
        export_tips_csv,
        export_cases_ndjson,
        export_cases_csv,
        export_indicators_ndjson,
        export_indicators_csv
    ]
}

type Asked = (
    Caller<Sensitive<scope::ExchangeRead>>,
    web::Data<AppState>,
    Meta,
    Resumable<ExportQuery>,
);

macro_rules! exports {
    ($($name:ident $path:literal $dataset:ident $format:ident $row:ident $media:literal $summary:literal;)*) => {$(
        #[doc = $summary]
        ///
        /// Streams all rows that the bearer may see, without the reporters' identity. Each row ends with a `cursor`:
        /// after a broken connection, send the cursor of the last whole row with the same filters, and the export
        /// continues behind it. `Export-Position` is what to send as `updated_since` next time.
        #[utoipa::path(get, path = $path, tag = "exchange",
            responses((status = 200, description = "One row a line, in the order of ids; an answer that breaks off has no proper end",
                       body = $row, content_type = $media,
                       headers(("Export-Position" = i64, description = "Position of the journal when the export began")))))]
        async fn $name(
            caller: Caller<Sensitive<scope::ExchangeRead>>,
            app: web::Data<AppState>,
            meta: Meta,
            asked: Resumable<ExportQuery>,
        ) -> Answer<HttpResponse> {
            start(&$dataset, Format::$format, (caller, app, meta, asked)).await
        }
    )*};
}

exports! {
    export_tips_ndjson "/v1/exports/tips.ndjson" TIPS Ndjson ExportedTip "application/x-ndjson" "Export tips as NDJSON.";
    export_tips_csv "/v1/exports/tips.csv" TIPS Csv String "text/csv" "Export tips as CSV.";
    export_cases_ndjson "/v1/exports/cases.ndjson" CASES Ndjson ExportedCase "application/x-ndjson" "Export cases as NDJSON.";
    export_cases_csv "/v1/exports/cases.csv" CASES Csv String "text/csv" "Export cases as CSV.";
    export_indicators_ndjson "/v1/exports/indicators.ndjson" INDICATORS Ndjson ExportedIndicator "application/x-ndjson" "Export indicators as NDJSON.";
    export_indicators_csv "/v1/exports/indicators.csv" INDICATORS Csv String "text/csv" "Export indicators as CSV.";
}

async fn start(
    dataset: &'static Dataset,
    format: Format,
    (caller, app, meta, asked): Asked,
) -> Answer<HttpResponse> {
    let filters = &asked.filters;
    if filters
        .from
        .zip(filters.to)
        .is_some_and(|(from, to)| from >= to)
    {
        let detail = "from must lie before to.";
        return Err(Error::invalid_parameter("from", "out_of_range", detail).into());
    }
    let since = crate::http::params::position("updated_since", filters.updated_since)?;
    if since > 0 {
        journal::not_ahead(&mut *app.db.get().await?, "updated_since", since).await?;
    }
    let resumed = match asked.resume.after()? {
        None => None,
        Some(bytes) => Some(Mark::from_bytes(&bytes).ok_or_else(|| {
            Problem::new("invalid_cursor", "This cursor was not made by an export.")
        })?),
    };
    let wanted = Wanted {
        updated_since: filters.updated_since,
        from: filters.from,
        to: filters.to,
        visible: Visibility::of(&caller.who),
        now: app.now(),
    };
    let place = stream::place(&app)?;
    // The position first: what is committed after it is told again by the next updated_since.
    // From where the rows come: a replica may be behind, but never behind its own position.
    let (mut conn, source) = app.reads.source().await?;
    let position = journal::settled_position(&mut conn, dataset.readers).await?;
    drop(conn);
    let reader = source.reader().await?;
    let pages = Pages::prepare(&reader, dataset, &wanted).await?;
    let mark = match resumed {
        Some(mark) => mark,
        None => {
            let bounds = store::bounds(&reader, dataset, &wanted).await?;
            let (first, last) = bounds.unwrap_or((Uuid::nil(), Uuid::nil()));
            // Behind the key just before the first.
            let after = Uuid::from_u128(first.as_u128().saturating_sub(1));
            Mark {
                after,
                last,
                position,
            }
        }
    };
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("export.read", &actor, app.now()).with(json!({
        "export": dataset.name, "format": format.name(), "from": filters.from, "to": filters.to,
        "updated_since": filters.updated_since, "resumed_after": resumed.map(|mark| mark.after),
        "position": mark.position}));
    journal::record(&mut *app.db.get().await?, &[entry]).await?;
    let pieces = stream::start(Export {
        app: app.get_ref().clone(),
        actor,
        dataset,
        format,
        reader,
        pages,
        mark,
        resume: asked.resume,
        _place: place,
    });
    let file = format!(
        "attachment; filename=\"{}.{}\"",
        dataset.name,
        format.name()
    );
    Ok(HttpResponse::Ok()
        .content_type(format.content_type())
        .insert_header((header::CONTENT_DISPOSITION, file))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .insert_header(("Export-Position", mark.position))
        .streaming(futures_util::stream::unfold(pieces, async |mut pieces| {
            Some((pieces.recv().await?, pieces))
        })))
}
