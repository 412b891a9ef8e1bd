//! A plan that is only a part of a longer one: what is done in a window of time, after what still
//! held from before.

use alloc::vec::Vec;
use core::ops::Range;

use super::Plan;
use crate::id::NodeId;
use crate::sim::action::Action;
use crate::time::{Duration, Instant};

/// What an action leaves behind until another one of its kind comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lasting {
    /// Whether a process runs.
    Runs(NodeId),
    /// How fast its disk is.
    Disk(NodeId),
    /// How its clock goes.
    Clock(NodeId),
    /// How messages travel.
    Network,
    /// What clients do.
    Workload,
    /// Which links are cut, of many at once.
    Links,
}

fn lasting(action: &Action) -> Option<Lasting> {
    Some(match action {
        Action::Crash(id)
        | Action::Restart(id)
        | Action::Wipe(id)
        | Action::Pause(id)
        | Action::Resume(id) => Lasting::Runs(*id),
        Action::SlowDisk { server, .. } => Lasting::Disk(*server),
        Action::SetClock { node, .. } => Lasting::Clock(*node),
        Action::SetNetwork(_) => Lasting::Network,
        Action::SetWorkload(_) => Lasting::Workload,
        Action::Partition(_) | Action::Heal => Lasting::Links,
        _ => return None,
    })
}

/// What still holds after all that was done, in its order. Where everything is as in the beginning
/// again, nothing is said.
fn standing(acts: &[(Instant, Action)]) -> Vec<Action> {
    let (mut known, mut standing) = (Vec::new(), Vec::new());
    for (_, action) in acts.iter().rev() {
        let Some(kind) = lasting(action).filter(|kind| !known.contains(kind)) else { continue };
        known.push(kind);
        if !matches!(action, Action::Restart(_) | Action::Resume(_) | Action::Heal) {
            standing.push(action.clone());
        }
    }
    standing.reverse();
    standing
}

/// What is done in a part of a plan, and what held before it. The first thing of a sharded store,
/// that groups join, stays. `lead` passes before the rest; after it, `rest` at most.
pub(super) fn window(plan: &Plan, part: Range<usize>, lead: Duration, rest: Duration) -> Plan {
    let (before, from_there) = plan.acts.split_at(part.start.min(plan.acts.len()));
    let kept = from_there.get(..part.len()).unwrap_or(from_there);
    let begin = kept.first().map_or(plan.until, |(at, _)| *at);
    let moved = |at: Instant| Instant::ZERO + lead + at.since(begin);
    let orders = |(_, action): &&(Instant, Action)| matches!(action, Action::Control { .. });
    let first = before.iter().find(orders).map(|(_, action)| (Instant::ZERO, action.clone()));
    let standing = standing(before).into_iter().map(|action| (Instant::ZERO + lead, action));
    let kept_acts = kept.iter().map(|(at, action)| {
        let mut action = action.clone();
        if let Action::AddRule(rule) = &mut action {
            rule.until = rule.until.map(moved);
        }
        (moved(*at), action)
    });
    let acts: Vec<_> = first.into_iter().chain(standing).chain(kept_acts).collect();
    let last = kept.last().map_or(begin, |(at, _)| *at);
    let until = moved(plan.until.min(last + rest));
    Plan { acts, until, ..plan.clone() }
}
