//! What the journal and the register tell of and the database has no more: whoever may delete rows can take away a file
//! or a tip whole, and every list just shows one less.

use crate::db::Conn;
use crate::error::Result;
use crate::{evidence, tips};

/// What is missing, a sentence each; empty where all is there.
pub async fn sentences(conn: &mut Conn) -> Result<Vec<String>> {
    let files = evidence::gone(conn).await?;
    let files = files.into_iter().map(|(file, tip)| {
        format!("File {file} of tip {tip} was added, purged by nothing, and is gone.")
    });
    let tips = tips::lost(conn).await?;
    let tips = tips.into_iter().map(|lost| {
        let (number, tip) = (lost.number, lost.tip_id);
        format!(
            "Tip {tip} has number {number} in the register, was purged by nothing, and is gone."
        )
    });
    Ok(tips.chain(files).collect())
}
