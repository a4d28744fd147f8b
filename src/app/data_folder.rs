//! The folder of the service's own files: made at the start, or the start says why not.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Makes the folder where it is absent, for this user alone, and tries whether a file can be put into it.
pub fn prepare(folder: &Path) -> anyhow::Result<()> {
    let prepared = made(folder).and_then(|()| tempfile::tempfile_in(folder).map(drop));
    prepared.map_err(|error| {
        let shown = folder.display();
        anyhow::anyhow!("TINBAO_DATA_DIR: {shown} cannot be written to: {error}")
    })
}

fn made(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
