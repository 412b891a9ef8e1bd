//! Millions of commits per second of all three libraries, measured in turn: of nine rounds the
//! fastest counts, because other work only makes a round slower.
#![forbid(unsafe_code)]

use std::time::Instant;

use shardscope_peers::{Group, LOADS, Load, Member, Omni, RaftRs, Shardscope};

const ROUNDS: u32 = 9;
const COMMITS: u64 = 100_000;

/// Measures one library once; none, if it has no such load.
type Measure = fn(Load) -> Option<f64>;

fn main() {
    let libraries: [Measure; 3] = [once::<Shardscope>, once::<RaftRs>, once::<Omni>];
    println!("{:<42}{:>12}{:>12}{:>12}", "", "shardscope", "raft", "omnipaxos");
    for load in LOADS {
        let mut best = [0_f64; 3];
        for _ in 0..ROUNDS {
            for (best, measure) in best.iter_mut().zip(libraries) {
                *best = measure(load).unwrap_or(0.0).max(*best);
            }
        }
        let figure =
            |best| if best > 0.0 { format!("{best:>12.3}") } else { format!("{:>12}", "-") };
        println!("{:<42}{}", load.name(), best.map(figure).concat());
    }
}

fn once<M: Member>(load: Load) -> Option<f64> {
    let mut group = Group::<M>::elected(load.servers, load.notice)?;
    let start = Instant::now();
    load.run(&mut group, COMMITS);
    Some(COMMITS as f64 / start.elapsed().as_secs_f64() / 1e6)
}
