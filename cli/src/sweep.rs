//! Sweeps: many runs drawn from seeds, on every core, that can be stopped, resumed and shared.
//!
//! A result is a function of its seed and the profile. Results are written in the order of their
//! seeds, whoever was ready first; so a file is the same for any number of jobs, and what was
//! stopped is a beginning of what would have been.

mod draw;
mod failure;
mod ledger;
mod reached;
mod total;
mod work;

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use self::ledger::{Header, Ledger};
use self::total::Total;
use crate::args::{Profile, Seeds, Share, Sweep};
use crate::end::{End, Outcome, Refusal};
use crate::out::say;

pub(crate) use self::draw::draw;
pub(crate) use self::work::in_order;

/// The seeds of a share.
pub(crate) fn of_share(seeds: Seeds, share: Share) -> impl Iterator<Item = u64> {
    (seeds.first..seeds.end).filter(move |seed| (seed - seeds.first) % share.of == share.index)
}

/// Draws the runs and judges them.
pub(crate) fn sweep(args: &Sweep, json: bool, page: &str) -> Outcome {
    let header = Header::of(args);
    let mut ledger = Ledger::open(args.out.as_deref(), args.resume, header)?;
    let wanted: Vec<u64> = of_share(args.seeds, args.shard).collect();
    let done = ledger.lines().len();
    let mutant = args.mutant.map(|mutant| mutant.0);
    let bar = progress(wanted.len(), done);
    let run = |seed| draw::judged(args.profile, seed, mutant);
    let stopped = in_order(&wanted[done..], args.jobs, run, |line| {
        bar.inc(1);
        ledger.add(line)
    })?;
    bar.finish_and_clear();
    let total = Total::of(ledger.lines(), wanted.len() as u64, args.profile == Profile::Shard);
    let told = failure::tell(args, &total, page);
    if json {
        let mut object = total.json();
        object["interrupted"] = json!(stopped);
        object["told"] = json!(told);
        say!("{object}");
    } else {
        say!("{total}");
        if args.reached {
            say!("{}", total.reached);
        }
        told.iter().for_each(|failure| say!("{failure}"));
        if stopped {
            say!("{}", how_to_go_on(args));
        }
    }
    let so_far = if stopped { End::Undecided } else { End::Holds };
    Ok(so_far.and(total.end()))
}

fn how_to_go_on(args: &Sweep) -> String {
    match &args.out {
        Some(out) => {
            format!("Stopped. The same command with --resume goes on from {}.", out.display())
        }
        None => "Stopped, and nothing is kept: --out FILE would keep it.".into(),
    }
}

/// Shown on a terminal only.
fn progress(all: usize, done: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} runs, {per_sec}, {eta} left");
    let bar = ProgressBar::new(all as u64);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_position(done as u64);
    bar
}

/// Adds up the files of sweeps that shared the work.
pub(crate) fn merge(files: &[PathBuf], reached: bool, json: bool) -> Outcome {
    let mut first: Option<(Header, PathBuf)> = None;
    let mut all = Vec::new();
    for path in files {
        let (header, lines) = ledger::read(path)?;
        match &first {
            Some((known, _)) if known.is_of_one_sweep(&header) => {}
            Some((_, other)) => {
                return Err(Refusal(format!(
                    "{} and {} are of two sweeps: merge those with the same seeds, profile, mutant \
                     and version.",
                    other.display(),
                    path.display()
                )));
            }
            None => first = Some((header, path.clone())),
        }
        all.extend(lines);
    }
    let Some((header, _)) = first else { return Err(Refusal("Name a file to merge.".into())) };
    all.sort_by_key(|line| line.seed);
    if let Some(pair) = all.windows(2).find(|pair| pair[0].seed == pair[1].seed) {
        let seed = pair[0].seed;
        return Err(Refusal(format!(
            "Seed {seed} stands in them twice: name each file once, and shares that differ."
        )));
    }
    let total = Total::of(&all, header.last - header.first, header.is_sharded());
    if json {
        say!("{}", total.json());
    } else {
        say!("{total}");
        if reached {
            say!("{}", total.reached);
        }
    }
    Ok(total.end())
}
