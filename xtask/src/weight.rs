//! What a browser has to fetch: each file of the page, compressed as a server would. The first load
//! has a bound, and so has the judge, which is fetched when it is needed first.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

/// A part of the page that is fetched at once.
struct Load {
    /// What it is called in sentences.
    name: &'static str,
    /// It may not be heavier, in bytes.
    limit: u64,
}

/// One group had less than 300,000; the sharded store brought 44,000 more, its pictures another
/// 45,000, links 17,000, and stories, without what plays them, 10,000. The live verdict has 60,000,
/// and "Why?" 13,000. That the core is compiled for speed brought 30,000.
const FIRST: Load = Load { name: "the first load", limit: 525_000 };

/// The core, which plays scripts here too, has 230,000; that they can ask why brought 22,000, the
/// judgement of histories 105,000, and speed 38,000.
const JUDGE: Load = Load { name: "the judge", limit: 420_000 };

/// How the names of the judge's files begin.
const JUDGES: &str = "shardscope-judge";

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

    fn of_load(&self, load: &Load) -> impl Iterator<Item = &(String, u64)> {
        let judges = load.name == JUDGE.name;
        self.files.iter().filter(move |(name, _)| name.starts_with(JUDGES) == judges)
    }

    fn total(&self, load: &Load) -> u64 {
        self.of_load(load).map(|(_, bytes)| bytes).sum()
    }

    /// Refuses a page that is too heavy.
    pub(crate) fn check(&self) -> Result<()> {
        for load in [FIRST, JUDGE] {
            let (total, Load { name, limit, .. }) = (self.total(&load), load);
            if total > limit {
                bail!(
                    "{name} has {total} bytes, {} more than the {limit} that it may have; the \
                     list above says what is heavy, benches/README.md what made it light",
                    total - limit
                );
            }
        }
        Ok(())
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for load in [JUDGE, FIRST] {
            for (name, bytes) in self.of_load(&load) {
                writeln!(f, "{bytes:>9}  {name}")?;
            }
            writeln!(f, "{:>9}  bytes: {}", self.total(&load), load.name)?;
        }
        write!(f, "All bytes are compressed with gzip -9.")
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
        let files = [("a", FIRST.limit - 1), ("fonts/b", 1), ("shardscope-judge.js", JUDGE.limit)];
        let files = files.map(|(name, bytes)| (name.to_owned(), bytes));
        let mut weight = Weight { files: files.to_vec() };
        assert!(weight.check().is_ok());
        for (heavier, load) in [(1, FIRST), (2, JUDGE)] {
            weight.files[heavier].1 += 1;
            let (error, Load { name, limit, .. }) = (weight.check().unwrap_err(), load);
            let expected = format!("{name} has {} bytes, 1 more than the {limit}", limit + 1);
            assert!(error.to_string().starts_with(&expected), "{error}");
            weight.files[heavier].1 -= 1;
        }
    }

    #[test]
    fn every_file_is_weighed_compressed() {
        let weight = Weight::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
        let here = weight.files.iter().find(|(name, _)| name == "weight.rs").unwrap();
        let plain = include_bytes!("weight.rs").len() as u64;
        assert!((plain / 5..plain / 2).contains(&here.1), "{} of {plain}", here.1);
        assert!(weight.to_string().ends_with("compressed with gzip -9."));
    }
}
