//! Why something is not so, for whoever plays a script.
//!
//! The answers are given by [`why`], which is much, and not every build that plays scripts needs
//! them: the page does not. So a player is handed [`REASONS`], or has none.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::resolve::Names;
use super::tree::{Claim, Condition, Doubt, Got, ShardClaim};
use crate::id::{Gid, NodeSet, Slot};
use crate::shardkv::Status as Has;
use crate::sim::chronicle::Chronicle;
use crate::sim::timeline::Timeline;
use crate::sim::why::{self, Question, Status};
use crate::sim::world::World;

/// Gives reasons: of what is asked, or who waits for whom.
pub(super) type Reasons = fn(&World, &Chronicle, Option<Question>) -> Reason;

/// An answer, down to its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// Those who are the cause; nobody, if it is so, or there is no such thing.
    pub(super) causes: NodeSet,
    /// In plain sentences; empty: nobody waits.
    pub(super) words: String,
}

/// All that can be said.
pub(super) const REASONS: Reasons = |world, chronicle, question| {
    let scenario = world.scenario();
    let Some(question) = question else {
        let waits = why::waits(world, chronicle);
        let words: Vec<String> = waits.iter().map(|one| one.words(scenario)).collect();
        let causes = waits.iter().flat_map(|one| one.names().iter()).collect();
        return Reason { causes, words: words.join(" ") };
    };
    let explanation = why::explain(world, chronicle, question);
    let words = explanation.words(scenario);
    match explanation.status() {
        Status::So | Status::Unknown => Reason { causes: NodeSet::EMPTY, words },
        Status::Blocked | Status::Underway => Reason { causes: explanation.names(), words },
    }
};

/// Why something is not so, or who waits for whom.
///
/// # Errors
/// What was expected, and what was found instead.
pub(super) fn shown(
    reasons: Option<Reasons>,
    timeline: &Timeline,
    names: &Names,
    doubt: Option<&Doubt>,
) -> Result<String, (String, String)> {
    let (world, chronicle) = (timeline.world(), timeline.chronicle());
    let asked = doubt.map(|doubt| question(doubt, names, world)).transpose();
    let told = asked.and_then(|asked| {
        let give = reasons.ok_or(NONE)?;
        Ok(give(world, chronicle, asked).words)
    });
    let told = told.map_err(|found| ("a reason".into(), found))?;
    Ok(if told.is_empty() { "Nobody waits.".into() } else { told })
}

/// Why a condition did not come true, behind what was found; nothing, as far as that is not known.
pub(super) fn because(
    reasons: Option<Reasons>,
    timeline: &Timeline,
    names: &Names,
    condition: &Condition,
) -> String {
    let (world, chronicle) = (timeline.world(), timeline.chronicle());
    let asked = of_condition(condition, names, world).zip(reasons);
    let reason = asked.map(|(question, give)| give(world, chronicle, Some(question)).words);
    reason.map_or_else(String::new, |words| format!(". {}", words.trim_end_matches('.')))
}

/// What is said if there are no reasons to be had.
pub(super) const NONE: &str = "whoever plays this cannot say why";

/// What a script asks.
///
/// # Errors
/// One sentence that says why nobody is meant.
pub(super) fn question(doubt: &Doubt, names: &Names, world: &World) -> Result<Question, String> {
    Ok(match doubt {
        Doubt::Slot { slot, of } => {
            Question::Commit { group: of.unwrap_or_default(), slot: Slot(*slot) }
        }
        Doubt::Leader(of) => Question::Leader { group: of.unwrap_or_default() },
        Doubt::Waits(client) => Question::Request { client: names.find(world, client)? },
        Doubt::Shard(shard) => Question::Shard { shard: *shard },
        Doubt::Configuration(group, number) => {
            Question::Configuration { group: *group, number: *number }
        }
    })
}

/// What to ask if a condition does not come true, of the first of its claims that can be asked
/// about.
fn of_condition(condition: &Condition, names: &Names, world: &World) -> Option<Question> {
    let plain = condition.claims.iter().filter(|(negated, _)| !negated);
    plain.into_iter().find_map(|(_, claim)| match claim {
        Claim::Leader { exists: true, of } => {
            Some(Question::Leader { group: of.unwrap_or_default() })
        }
        Claim::Committed { slot, at: None } => {
            Some(Question::Commit { group: Gid(0), slot: Slot(*slot) })
        }
        Claim::Shards(ShardClaim::Has { group: Some(_), status: Has::Serving, shard }) => {
            Some(Question::Shard { shard: *shard })
        }
        Claim::Shards(ShardClaim::Applied { config, .. }) => {
            let groups = world.scenario().groups().skip(1);
            let behind = |group: &Gid| {
                let shards = world.furthest(*group).and_then(|own| own.machine().shards());
                shards.is_none_or(|own| own.config().number < *config || own.is_unfinished())
            };
            let number = *config;
            groups.into_iter().find(behind).map(|group| Question::Configuration { group, number })
        }
        Claim::Got { client, got: Got::Answer(_) | Got::Read(_), operation: None } => {
            Some(Question::Request { client: names.find(world, client).ok()? })
        }
        _ => None,
    })
}
