//! Why what clients saw is not linearizable, from the history.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::kv::{Command, Kv, Reply};
use crate::linear::{self, KeyFinding, Operation};
use crate::machine::Machine;
use crate::sim::Timeline;
use crate::view::{Attempt, Evidence, Exhibit, Part};

/// The steps that may be spent on finding it.
const BUDGET: u64 = 400_000;
/// More operations than these are not drawn: the last ones are.
const SHOWN: usize = 24;

/// Why what clients saw of a key up to a step fits in no order. None: it does, or nobody knows
/// within the budget.
pub fn evidence(timeline: &Timeline, key: &str, step: u64) -> Option<Evidence> {
    let mut history = timeline.chronicle().history.clone();
    history.truncate(history.partition_point(|event| event.step <= step));
    let found = linear::check(&history, BUDGET).ok()?.into_iter().find(|of| *of.key == *key)?;
    let evidence = linear::explain(&found, BUDGET)?;
    let KeyFinding { operations, .. } = &found;
    let near = |index: &usize| {
        let Operation { called, returned, .. } = &operations[*index];
        let ends = returned.as_ref().map_or(u64::MAX, |(at, _)| *at);
        *called <= evidence.window.to && ends >= evidence.window.from
    };
    let clashes = |index: usize| evidence.window.operations.contains(&index);
    let mut shown: Vec<usize> =
        (0..operations.len()).filter(|index| clashes(*index) || near(index)).collect();
    while shown.len() > SHOWN {
        // Those that clash stay.
        let Some(at) = shown.iter().position(|index| !clashes(*index)) else { break };
        shown.remove(at);
    }
    let exhibit = |index: &usize| {
        let operation = &operations[*index];
        let at = |place: u64| history.get(place).map(|event| event.at);
        Exhibit {
            client: history.get(operation.called).map(|event| event.client).unwrap_or_default(),
            words: words(operation),
            called: at(operation.called).unwrap_or_default(),
            returned: operation.returned.as_ref().and_then(|(place, _)| at(*place)),
            part: match *index {
                index if index == evidence.stuck => Part::Odd,
                index if clashes(index) => Part::Clashes,
                _ => Part::Bystander,
            },
        }
    };
    let attempt = |attempt: &linear::Attempt<Kv>| {
        let place = |index: &usize| shown.iter().position(|shown| shown == index);
        Attempt {
            order: attempt.order.iter().filter_map(place).collect(),
            state: held(&attempt.state, key),
            reply: attempt.reply.to_string(),
        }
    };
    let needed = evidence.attempts.iter().any(|one| one.order.contains(&evidence.stuck));
    let first = shown.first().copied().unwrap_or_default();
    Some(Evidence {
        key: key.into(),
        words: evidence.words(operations),
        operations: shown.iter().map(exhibit).collect(),
        earlier: first as u64,
        attempts: evidence.attempts.iter().map(attempt).collect(),
        states: (!needed).then_some(evidence.states),
    })
}

fn words(Operation { command, returned, .. }: &Operation<Command, Reply>) -> String {
    match returned {
        Some((_, reply)) => format!("{command} → {reply}"),
        None => format!("{command} …"),
    }
}

/// What a key holds.
fn held(state: &Kv, key: &str) -> String {
    match state.read(&Command::Get { key: key.into() }) {
        Some(reply) => reply.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MutantId;
    use crate::rng::Ppm;
    use crate::sim::Scenario;
    use crate::sim::timeline::{Monitor, Ruling};
    use crate::time::Instant;

    #[test]
    fn a_double_append_is_shown_with_what_contradicts_it() {
        let mut seen = 0;
        for seed in 0..8 {
            let mut scenario = Scenario::new(seed, 3, 3);
            (scenario.mutant, scenario.network.loss) = (MutantId::R47, Ppm(150_000));
            let mut timeline = Timeline::new(scenario);
            timeline.advance(Instant::from_micros(3_000_000), u32::MAX);
            let mut monitor = Monitor::default();
            monitor.follow(&timeline, u64::MAX);
            let Ruling::Violated { key, step, at } = monitor.ruling(&timeline) else { continue };
            seen += 1;
            let evidence = evidence(&timeline, &key, step).expect("it is known to be wrong");
            assert!(evidence.words.contains("every order that fits"), "{}", evidence.words);
            let odd: Vec<_> =
                evidence.operations.iter().filter(|op| op.part == Part::Odd).collect();
            assert_eq!(odd.len(), 1);
            assert_eq!(odd[0].returned, Some(at), "what fits nowhere returned last");
            assert!(evidence.operations.len() <= SHOWN);
            assert!(evidence.operations.is_sorted_by_key(|op| op.called));
            assert!(!evidence.attempts.is_empty() && evidence.states != Some(0), "{evidence:?}");
            for attempt in &evidence.attempts {
                let returned = odd[0].words.split(" → ").nth(1).unwrap_or_default();
                assert_ne!(attempt.reply, returned, "then it would fit");
            }
            assert_eq!(super::evidence(&timeline, &key, step - 1), None, "nothing is wrong before");
            assert_eq!(super::evidence(&timeline, "no such key", step), None);
        }
        assert!(seen > 2, "{seen} of 8 runs");
    }
}
