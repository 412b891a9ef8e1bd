//! What healed groups must show.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::history::{History, What};
use crate::id::{Gid, NodeId, NodeSet, Serial};
use crate::kv::{Command, Reply};
use crate::sim::World;
use crate::sim::invariants::Law;
use crate::time::Instant;

/// Fresh writes and reads that must have been served.
const FRESH: usize = 10;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// An invariant was broken.
    Law(Law),
    /// The run never ended.
    Endless,
    /// Clients were not served after the healing.
    Starved,
    /// The healed servers do not agree.
    Diverged,
    /// What was written once stands in the store twice.
    Repeated,
    /// What was acknowledged is not in the store.
    Lost,
    /// Groups do not come to the latest configuration.
    Unsettled,
    /// A call never returned.
    Unanswered,
    /// A shard is not stored in its owner's group, or elsewhere as well.
    Misplaced,
    /// No order of the operations explains what clients saw.
    Illegal,
    /// Whether there is such an order was not found out.
    Undecided,
}

impl Reason {
    /// What is wrong, in a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Law(law) => law.name(),
            Self::Endless => "the run never ends",
            Self::Starved => "clients are not served after the healing",
            Self::Diverged => "the healed servers do not agree",
            Self::Repeated => "what was written once stands there twice",
            Self::Lost => "what was acknowledged is lost",
            Self::Unsettled => "groups do not come to the latest configuration",
            Self::Unanswered => "a call never returns",
            Self::Misplaced => "a shard is not where it belongs, or elsewhere as well",
            Self::Illegal => "no order explains what clients saw",
            Self::Undecided => "whether an order explains what clients saw is not known",
        }
    }
}

/// What went wrong: the kind, and one sentence.
pub(super) type Fault = (Reason, String);

/// Ten writes and ten reads that were called after the healing have returned.
pub(super) fn progress(history: &History, healed: Instant, limit: Instant) -> Result<(), Fault> {
    let mut open: BTreeMap<NodeId, (Serial, bool)> = BTreeMap::new();
    let (mut reads, mut writes) = (0, 0);
    let first = history.partition_point(|event| event.at < healed);
    for event in history.range(first..history.end()) {
        match &event.what {
            What::Call(command) => {
                let read = matches!(command, Command::Get { .. });
                open.insert(event.client, (event.serial, read));
            }
            What::Return { reply: Some(_), .. } => match open.remove(&event.client) {
                Some((serial, read)) if serial == event.serial => {
                    if read {
                        reads += 1;
                    } else {
                        writes += 1;
                    }
                }
                _ => {}
            },
            What::Ask(_) | What::Return { .. } => {}
        }
    }
    if reads < FRESH || writes < FRESH {
        let sentence = format!(
            "From the healing at {healed} s to {limit} s only {writes} fresh writes and {reads} \
             fresh reads were served."
        );
        return Err((Reason::Starved, sentence));
    }
    Ok(())
}

/// In each group, all healed servers have applied the same and hold the same.
pub(super) fn convergence(world: &World, core: NodeSet) -> Result<(), Fault> {
    world.scenario().groups().try_for_each(|group| agreement(world, core, group))
}

fn agreement(world: &World, core: NodeSet, group: Gid) -> Result<(), Fault> {
    let healed = world.members(group).filter(|node| core.contains(node.id()));
    let servers: Vec<_> = healed.filter_map(|node| Some((node.id(), node.server()?))).collect();
    let Some((first, one)) = servers.first() else {
        return Err((Reason::Diverged, "Nobody was healed.".into()));
    };
    for (id, other) in &servers {
        if other.applied() != one.applied() || other.machine() != one.machine() {
            let sentence = format!(
                "After all was quiet, {} had applied {} and {} {}, or they hold different things.",
                world.scenario().name(*first),
                one.applied(),
                world.scenario().name(*id),
                other.applied()
            );
            return Err((Reason::Diverged, sentence));
        }
    }
    Ok(())
}

/// No written value stands twice in what is stored; and where clients only append, everything
/// that was acknowledged stands there.
pub(super) fn at_most_once(world: &World, core: NodeSet, history: &History) -> Result<(), Fault> {
    if world.scenario().workload.mix.put_hash > 0 {
        return Ok(()); // Hashes are digits: what was appended to them cannot be told apart.
    }
    let mut seen = BTreeSet::new();
    let one = |group| {
        let mut healed = world.members(group).filter(|node| core.contains(node.id()));
        healed.find_map(|node| node.server())
    };
    let stores = world.scenario().groups().filter_map(one);
    let stores = stores.flat_map(|server| server.machine().stores());
    for (key, cell) in stores.flat_map(|store| store.machine().iter()) {
        for token in tokens(&cell.value) {
            if !seen.insert(token.clone()) {
                let sentence = format!("{token} was written to {key} once and stands there twice.");
                return Err((Reason::Repeated, sentence));
            }
        }
    }
    if world.scenario().workload.mix.put > 0 {
        return Ok(());
    }
    let mut open: BTreeMap<NodeId, String> = BTreeMap::new();
    for event in history.iter() {
        match &event.what {
            What::Call(Command::Append { value, .. }) => {
                open.insert(event.client, String::from(&**value));
            }
            What::Call(_) => {
                open.remove(&event.client);
            }
            What::Return { reply: Some(Reply::Written { .. }), .. } => {
                if let Some(token) = open.remove(&event.client)
                    && !seen.contains(&token)
                {
                    let sentence = format!("The append of {token} was acknowledged and is lost.");
                    return Err((Reason::Lost, sentence));
                }
            }
            What::Ask(_) | What::Return { .. } => {}
        }
    }
    Ok(())
}

/// The values that clients appended, one after another: each is digits, then letters.
fn tokens(value: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = value;
    core::iter::from_fn(move || {
        let letters = rest.find(|c: char| c.is_ascii_lowercase())?;
        let after = &rest[letters..];
        let end = after.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(after.len());
        let token = String::from(&rest[..letters + end]);
        rest = &after[end..];
        Some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Event;

    #[test]
    fn values_fall_apart_into_what_was_appended() {
        let all: Vec<String> = tokens("1a2bc13d").collect();
        assert_eq!(all, ["1a", "2bc", "13d"]);
        assert_eq!(tokens("123").count(), 0);
    }
    /// A history of one client: so many writes and reads that are called at 10 ms and return.
    fn served(writes: usize, reads: usize) -> History {
        let mut history = History::default();
        let get = Command::Get { key: "x".into() };
        let put = Command::Put { key: "x".into(), value: "1".into() };
        let commands = core::iter::repeat_n(put, writes).chain(core::iter::repeat_n(get, reads));
        for (serial, command) in (1..).map(Serial).zip(commands) {
            let reply = Some(Reply::Written { version: 1 });
            for what in [What::Call(command), What::Return { by: NodeId(0), reply }] {
                let at = Instant::from_micros(10_000);
                history.push(Event { step: 1, at, client: NodeId(3), serial, what });
            }
        }
        history
    }

    #[test]
    fn ten_writes_and_ten_reads_are_progress_and_fewer_of_either_are_none() {
        let (early, late) = (Instant::ZERO, Instant::from_micros(10_001));
        let judged =
            |writes, reads, healed| progress(&served(writes, reads), healed, Instant::MAX).is_ok();
        assert!(judged(10, 10, early) && judged(30, 11, early));
        assert!(!judged(9, 10, early) && !judged(30, 9, early) && !judged(0, 0, early));
        assert!(!judged(30, 30, late), "all that was before the healing");
    }
}
