//! Where markers could lie open: tables, files, and the forms in which a marker could be written.

use std::fs;
use std::path::{Path, PathBuf};

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

/// Name, phone, e-mail, ID-card number, address; the sender of a text message; a subscriber's form.
pub const MARKERS: [&str; 6] = [
    "Lường Thị Dấuvết",
    "0900755321",
    "dauvet@vidu.example",
    "011199755321",
    "Bản Dấuvết, xã Mường Phăng",
    "0900866432",
];

#[derive(diesel::QueryableByName)]
struct Cell {
    #[diesel(sql_type = diesel::sql_types::Text)]
    cell: String,
}

/// Every row of every table as text, bytes in hexadecimal and, where they are text, as such.
pub async fn dump(url: &str) -> String {
    let mut conn = AsyncPgConnection::establish(url).await.unwrap();
    let columns: Vec<Cell> = diesel::sql_query(
        "select format('select coalesce(string_agg(%1$s, E''\\n''), '''') as cell from %2$I',
                case data_type when 'bytea' then format('encode(%1$I, ''hex'') || '' '' || encode(%1$I, ''escape'')', column_name)
                else format('%I::text', column_name) end, table_name) as cell
         from information_schema.columns where table_schema = 'public'",
    )
    .load(&mut conn)
    .await
    .unwrap();
    assert!(columns.len() > 150, "{}", columns.len());
    let mut all = String::new();
    for column in columns {
        let cells: Vec<Cell> = diesel::sql_query(&column.cell)
            .load(&mut conn)
            .await
            .unwrap();
        for row in cells {
            all.push_str(&row.cell);
            all.push('\n');
        }
    }
    all
}

pub fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// The forms in which a marker could be written.
fn written(marker: &str) -> Vec<Vec<u8>> {
    let escaped: String = marker
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    let octal: String = marker
        .bytes()
        .map(|byte| {
            if byte.is_ascii() {
                char::from(byte).to_string()
            } else {
                format!("\\{byte:03o}")
            }
        })
        .collect();
    let hex: String = marker.bytes().map(|b| format!("{b:02x}")).collect();
    let encoded: String = form_urlencoded::byte_serialize(marker.as_bytes()).collect();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, marker);
    let mut forms = vec![
        marker.to_owned(),
        escaped,
        octal,
        hex.to_uppercase(),
        hex,
        encoded,
    ];
    forms.push(base64.trim_end_matches('=').to_owned());
    // As words that are searched.
    if marker.contains("Dấuvết") {
        forms.extend(["dấuvết", "dauvet"].map(str::to_owned));
    }
    // A phone number as indicators are written.
    if let Some(rest) = marker.strip_prefix("09") {
        forms.push(format!("+849{rest}"));
    }
    forms.into_iter().map(String::into_bytes).collect()
}

pub fn absent(place: &str, bytes: &[u8]) {
    for marker in MARKERS {
        for form in written(marker) {
            let found = memchr::memmem::find(bytes, &form);
            assert!(found.is_none(), "{marker} lies open in {place}");
        }
    }
}
