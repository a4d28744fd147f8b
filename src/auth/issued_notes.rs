//! The note of every token printed by the command line.
//!
//! `tinbao token` needs no database, so it cannot write to the audit log. It
//! leaves a line here instead, which the next start takes into the audit. The
//! note names the token and what it may do, never the token itself.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The file's name within the data directory.
pub const ISSUED_TOKENS_FILE: &str = "issued-tokens.jsonl";

/// One token given out by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedNote {
    /// When it was printed.
    pub issued_at: DateTime<Utc>,
    /// Its scopes, space-separated.
    pub scope: String,
    /// Who it was made for.
    pub sub: String,
    /// The client it names.
    pub client_id: String,
    /// Its id; also what keeps a note from being audited twice.
    pub jti: String,
    /// When it ends.
    pub exp: DateTime<Utc>,
}

/// Adds a note at the end of the file, on disk before the token is printed.
pub fn append_note(data_dir: &Path, note: &IssuedNote) -> io::Result<()> {
    std::fs::create_dir_all(data_dir)?;
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(data_dir.join(ISSUED_TOKENS_FILE))?;
    let mut line = serde_json::to_string(note)?;
    if ends_torn(&mut file)? {
        line.insert(0, '\n');
    }
    line.push('\n');
    // One write, so that two processes cannot mix their lines.
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

/// Whether a crash left a last line without its end, which must not swallow the next one.
fn ends_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Bytes of all notes so far; none where there is no file.
pub fn notes_size(data_dir: &Path) -> u64 {
    let about = std::fs::metadata(data_dir.join(ISSUED_TOKENS_FILE));
    about.map_or(0, |about| about.len())
}

/// The notes so far, oldest first, and how many lines could not be read.
///
/// A line may be torn by a crash. It is counted, so that the start can say so.
pub fn read_notes(data_dir: &Path) -> io::Result<(Vec<IssuedNote>, usize)> {
    let text = match std::fs::read(data_dir.join(ISSUED_TOKENS_FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(error) => return Err(error),
    };
    let mut notes = Vec::new();
    let mut unreadable = 0;
    for line in text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        match serde_json::from_slice(line) {
            Ok(note) => notes.push(note),
            Err(_torn) => unreadable += 1,
        }
    }
    Ok((notes, unreadable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn note(jti: &str) -> IssuedNote {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        IssuedNote {
            issued_at: at(1_795_500_000),
            scope: "tips:read tips:triage".into(),
            sub: "analyst-7".into(),
            client_id: "tinbao-cli".into(),
            jti: jti.into(),
            exp: at(1_795_503_600),
        }
    }

    #[test]
    fn notes_are_added_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("var");
        assert_eq!(read_notes(&data).unwrap(), (vec![], 0));
        append_note(&data, &note("a")).unwrap();
        append_note(&data, &note("b")).unwrap();
        assert_eq!(read_notes(&data).unwrap(), (vec![note("a"), note("b")], 0));
        let mode = std::fs::metadata(data.join(ISSUED_TOKENS_FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_torn_line_is_counted_and_loses_no_other() {
        let dir = tempfile::tempdir().unwrap();
        append_note(dir.path(), &note("a")).unwrap();
        let path = dir.path().join(ISSUED_TOKENS_FILE);
        let mut text = std::fs::read(&path).unwrap();
        text.extend_from_slice(b"{\"scope\":\"ti");
        std::fs::write(&path, text).unwrap();
        append_note(dir.path(), &note("b")).unwrap();
        assert_eq!(
            read_notes(dir.path()).unwrap(),
            (vec![note("a"), note("b")], 1)
        );
    }
}
