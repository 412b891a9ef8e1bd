//! The file of a sweep: JSON lines, a header and then a result for each seed, in their order.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shardscope_core::sim::timeline::Timeline;
use shardscope_core::sim::{Scenario, link};

use super::of_share;
use crate::args::{Profile, Seeds, Share, Sweep};
use crate::end::Refusal;
use crate::input;

/// What a file's results were drawn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// Always `shardscope sweep 2`.
    form: String,
    /// The behaviour of the version that drew them.
    engine: String,
    profile: String,
    mutant: Option<String>,
    pub(super) first: u64,
    /// The seed behind the last.
    pub(super) last: u64,
    share: u64,
    shares: u64,
}

/// What became of a seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) seed: u64,
    /// Of the whole run.
    pub(super) digest: String,
    pub(super) steps: u64,
    pub(super) operations: u64,
    pub(super) committed: u64,
    /// How often each kind of fault happened, in the order of `swarm::faults`.
    pub(super) faults: Vec<u32>,
    /// The states that were met: the bits of `Coverage`, in hexadecimal digits.
    pub(super) met: String,
    /// What is violated, in one sentence.
    pub(super) violated: Option<String>,
    /// What is not known.
    pub(super) undecided: Option<String>,
}

const FORM: &str = "shardscope sweep 2";

/// What a link says of the engine: its first characters do not depend on the run.
fn engine() -> String {
    let link = link::write(&Timeline::new(Scenario::default()), &[]).unwrap_or_default();
    link.chars().skip("run=".len()).take(6).collect()
}

impl Header {
    pub(super) fn of(args: &Sweep) -> Self {
        let Seeds { first, end } = args.seeds;
        let Share { index, of } = args.shard;
        Self {
            form: FORM.into(),
            engine: engine(),
            profile: args.profile.name().into(),
            mutant: args.mutant.map(|mutant| mutant.0.to_string()),
            first,
            last: end,
            share: index,
            shares: of,
        }
    }

    /// Whether two files differ in their share only.
    pub(super) fn is_of_one_sweep(&self, other: &Self) -> bool {
        let whole = |header: &Self| Self { share: 0, shares: 1, ..header.clone() };
        whole(self) == whole(other)
    }

    /// Whether the runs are of a sharded store.
    pub(super) fn is_sharded(&self) -> bool {
        self.profile == Profile::Shard.name()
    }

    fn seeds(&self) -> impl Iterator<Item = u64> {
        let seeds = Seeds { first: self.first, end: self.last };
        of_share(seeds, Share { index: self.share, of: self.shares })
    }
}

/// The results so far, and the file that keeps them.
pub(super) struct Ledger {
    lines: Vec<Line>,
    file: Option<(File, PathBuf)>,
}

fn refuse<T>(path: &Path, why: &str) -> Result<T, Refusal> {
    Err(Refusal(format!("{}: {why}", path.display())))
}

fn broken(path: &Path, error: &io::Error) -> Refusal {
    Refusal(format!("{}: {error}: look at the path, and at the room on the disk.", path.display()))
}

impl Ledger {
    /// A new file, or one to go on with; none: nothing is kept.
    pub(super) fn open(path: Option<&Path>, resume: bool, header: Header) -> Result<Self, Refusal> {
        let Some(path) = path else { return Ok(Self { lines: Vec::new(), file: None }) };
        if path.exists() && !resume {
            return refuse(path, "this is there already: --resume goes on with it, or remove it.");
        }
        let mut lines = Vec::new();
        let mut good = 0;
        if path.exists() {
            let known;
            (known, lines, good) = parse(path)?;
            if known.as_ref().is_some_and(|known| *known != header) {
                let why = "this is of another sweep: give the seeds, profile, mutant and shard \
                           that it began with, or another file.";
                return refuse(path, why);
            }
        }
        let open = OpenOptions::new().create(true).append(true).open(path);
        let mut file = open.map_err(|error| broken(path, &error))?;
        // What was cut off in the middle of a line is written anew.
        file.set_len(good).map_err(|error| broken(path, &error))?;
        if good == 0 {
            write(&mut file, &header).map_err(|error| broken(path, &error))?;
        }
        Ok(Self { lines, file: Some((file, path.into())) })
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Keeps the next result.
    pub(super) fn add(&mut self, line: Line) -> Result<(), Refusal> {
        if let Some((file, path)) = &mut self.file {
            write(file, &line).map_err(|error| broken(path, &error))?;
        }
        self.lines.push(line);
        Ok(())
    }
}

/// A line and its end go out together: a file is cut off inside a line or not at all.
fn write(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(value).map_err(io::Error::other)?;
    text.push(b'\n');
    file.write_all(&text)
}

/// A whole file.
pub(super) fn read(path: &Path) -> Result<(Header, Vec<Line>), Refusal> {
    let (header, lines, _) = parse(path)?;
    let Some(header) = header else {
        return refuse(path, "this is no file of a sweep: name one that `sweep --out` wrote.");
    };
    Ok((header, lines))
}

/// The header, the results, and the bytes up to the last whole line.
fn parse(path: &Path) -> Result<(Option<Header>, Vec<Line>, u64), Refusal> {
    let mut bytes = input::bytes(path)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    bytes.truncate(whole);
    let text = input::text_of(path, bytes)?;
    let mut rows = (1..).zip(text.lines());
    let Some((_, first)) = rows.next() else { return Ok((None, Vec::new(), 0)) };
    let is_ours = |header: &Header| header.form == FORM && header.shares > 0;
    let header: Option<Header> = serde_json::from_str(first).ok().filter(is_ours);
    let Some(header) = header else {
        return Err(Refusal(format!(
            "{}, line 1: this is no file of a sweep: name one that `sweep --out` wrote.",
            path.display()
        )));
    };
    let mut seeds = header.seeds();
    let mut lines = Vec::new();
    for (number, row) in rows {
        let line: Line = serde_json::from_str(row).map_err(|_| {
            let name = path.display();
            Refusal(format!(
                "{name}, line {number}: this is no result: cut the file off before it."
            ))
        })?;
        if seeds.next() != Some(line.seed) {
            let (name, seed) = (path.display(), line.seed);
            return Err(Refusal(format!(
                "{name}, line {number}: seed {seed} is not the next of this sweep: cut the file \
                 off before it."
            )));
        }
        lines.push(line);
    }
    drop(seeds);
    Ok((Some(header), lines, whole as u64))
}
