//! One group that commits so many entries, and nothing else. Under a profiler that counts
//! instructions, the difference between two lengths, divided by the commits between them, is the
//! cost of a commit.
#![forbid(unsafe_code)]

use std::mem;
use std::process::ExitCode;

use shardscope_peers::{Group, Load, Member, Notice, Omni, RaftRs, Shardscope};

const USAGE: &str = "usage: one-group <shardscope|raft|omnipaxos> <servers> <batch> \
                     <at-once|with-next> <commits>";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if run(&words).is_none() {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(words: &[String]) -> Option<()> {
    let [library, servers, batch, notice, commits] = words else { return None };
    let notice = match notice.as_str() {
        "at-once" => Notice::AtOnce,
        "with-next" => Notice::WithNext,
        _ => return None,
    };
    let load = Load { servers: servers.parse().ok()?, batch: batch.parse().ok()?, notice };
    let commits = commits.parse().ok()?;
    match library.as_str() {
        "shardscope" => commit::<Shardscope>(load, commits),
        "raft" => commit::<RaftRs>(load, commits),
        "omnipaxos" => commit::<Omni>(load, commits),
        _ => None,
    }
}

fn commit<M: Member>(load: Load, commits: u64) -> Option<()> {
    let mut group = Group::<M>::elected(load.servers, load.notice)?;
    load.run(&mut group, commits);
    // What it costs to throw a log away is no part of a commit.
    mem::forget(group);
    Some(())
}
