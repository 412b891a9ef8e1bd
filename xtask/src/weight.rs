//! What the first load of the page weighs: each of its files, compressed as a server would.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

/// The first load may not be heavier, in bytes. One group had less than 300,000; the sharded store
/// brought 44,000 more, its pictures another 45,000, links 17,000, and what reads and plays scripts
/// 100,000.
const LIMIT: u64 = 515_000;

/// It goes wherever the fonts go, but no browser asks for it.
const LICENCE: &str = "fonts/OFL.txt";

/// What a browser fetches only when a visitor asks for it.
const LATER: &str = "stories/";

/// The files of a page with their compressed sizes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    files: Vec<(String, u64)>,
}

impl Weight {
    /// Weighs every file in a folder that a browser fetches at first.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let mut weight = Self::default();
        weight.add(folder, "")?;
        weight.files.sort();
        Ok(weight)
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.add(&entry.path(), &format!("{name}/"))?;
            } else if name != LICENCE && !name.starts_with(LATER) {
                self.files.push((name, compressed(&fs::read(entry.path())?)?.len() as u64));
            }
        }
        Ok(())
    }

    fn total(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }

    /// Refuses a page that is too heavy.
    pub(crate) fn check(&self) -> Result<()> {
        let total = self.total();
        if total > LIMIT {
            bail!(
                "the first load has {total} bytes, {} more than the {LIMIT} that it may have; the \
                 list above says what is heavy, benches/README.md what made it light",
                total - LIMIT
            );
        }
        Ok(())
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, bytes) in &self.files {
            writeln!(f, "{bytes:>9}  {name}")?;
        }
        write!(f, "{:>9}  bytes in all, compressed with gzip -9", self.total())
    }
}

/// `bytes` as `gzip -9` has them.
pub(crate) fn compressed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_be_as_heavy_as_the_limit_and_no_heavier() {
        let mut weight = Weight { files: vec![("a".into(), LIMIT - 1), ("fonts/b".into(), 1)] };
        assert!(weight.check().is_ok());
        weight.files[1].1 = 2;
        let error = weight.check().unwrap_err().to_string();
        assert!(error.starts_with("the first load has 515001 bytes, 1 more"), "{error}");
    }

    #[test]
    fn every_file_is_weighed_compressed() {
        let weight = Weight::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
        let here = weight.files.iter().find(|(name, _)| name == "weight.rs").unwrap();
        assert!((500..2_000).contains(&here.1), "{}", here.1);
        assert!(weight.to_string().ends_with("bytes in all, compressed with gzip -9"));
    }
}
