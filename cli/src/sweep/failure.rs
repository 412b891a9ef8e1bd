//! A failed run, made smaller: a script in a file, and a link to the page.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Serialize;
use shardscope_core::sim::script::Player;
use shardscope_core::sim::swarm;

use super::draw::draw;
use super::total::Total;
use crate::args::Sweep;
use crate::link;

/// What there is to look at.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    seed: u64,
    /// The script's file, or why there is none.
    script: Result<String, String>,
    /// The link, or why there is none.
    link: Result<String, String>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.script {
            Ok(path) => write!(f, "seed {}, as a script: {path}", self.seed)?,
            Err(why) => write!(f, "seed {} has no script: {why}", self.seed)?,
        }
        match &self.link {
            Ok(link) => write!(f, "\n  {link}"),
            Err(why) => write!(f, "\n  {why}"),
        }
    }
}

/// The first failed runs of a sweep.
pub(super) fn tell(args: &Sweep, total: &Total, page: &str) -> Vec<Told> {
    let seeds = total.violated.iter().take(args.shrink).map(|(seed, _)| *seed);
    seeds.map(|seed| one(args, seed, page)).collect()
}

fn one(args: &Sweep, seed: u64, page: &str) -> Told {
    let kept = draw(args.profile, seed, args.mutant.map(|mutant| mutant.0));
    let script = match swarm::shrink(&kept, swarm::BUDGET) {
        Ok(shrunk) => shrunk.script,
        Err(why) => {
            let link = Err(format!("`export --seed {seed} --format script` tells the whole run."));
            return Told { seed, script: Err(why), link };
        }
    };
    let text = script.to_string();
    let player = Player::play(script);
    let link = link::address(page, player.timeline());
    let mutant = args.mutant.map_or_else(String::new, |mutant| format!("-{}", mutant.0));
    let name = format!("{}{mutant}-{seed}.script", args.profile.name());
    Told { seed, script: keep(&args.failures, &name, &text), link }
}

fn keep(folder: &Path, name: &str, text: &str) -> Result<String, String> {
    let path = folder.join(name);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
    match written {
        Ok(()) => Ok(path.display().to_string()),
        Err(error) => Err(format!("{}: {error}.", path.display())),
    }
}
