//! What is found out about a history.

use std::collections::{BTreeMap, BTreeSet};

use shardscope_core::history::{Call, Outcome, Record};
use shardscope_core::kv::Command;
use shardscope_core::machine::Machine;
use shardscope_core::models::{self, Contradiction, Inquest, Judge, Store};
use shardscope_core::order;

use crate::findings::{Attempt, Evidence, Exhibit, Findings, Model, Part, Verdict};

/// The steps of each search. A browser takes a second or two for them.
const BUDGET: u64 = 3_000_000;
/// More operations than these are not drawn of a contradiction: the last ones are.
pub(super) const MOST_EXHIBITS: usize = 24;
/// More calls than these are not drawn of a history: the first ones are.
const MOST_CALLS: usize = 300;

/// Judges a history under all models.
pub(super) fn findings(record: &Record) -> Findings {
    let calls = &record.calls;
    let mut judge = Judge::new(record, BUDGET);
    let model = |finding: models::Finding| Model {
        name: finding.model.name().into(),
        verdict: match finding.verdict {
            models::Verdict::Holds => Verdict::Holds,
            models::Verdict::Untold => Verdict::Untold,
            models::Verdict::Undecided => Verdict::Undecided,
            models::Verdict::Violated => Verdict::Violated,
        },
        words: finding.words,
    };
    let models = models::Model::ALL.map(|of| model(judge.finding(of)));
    let inquest = Inquest::new(record, BUDGET);
    let contradiction = inquest.contradiction(BUDGET);
    Findings {
        calls: count(calls.len()),
        processes: count(calls.iter().map(|call| call.process).collect::<BTreeSet<_>>().len()),
        keys: count(calls.iter().map(|call| call.command.key()).collect::<BTreeSet<_>>().len()),
        open: count(calls.iter().filter(|call| call.is_open()).count()),
        models: models.into(),
        evidence: contradiction.as_ref().map(|found| evidence(record, found)),
        picture: picture(record, &inquest, contradiction.as_ref()),
    }
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// The first calls, with the points at which they may have taken effect.
fn picture(record: &Record, inquest: &Inquest, found: Option<&Contradiction>) -> Vec<Exhibit> {
    let shown = record.calls.len().min(MOST_CALLS);
    let line = Line::of(&record.calls[..shown], u64::MAX);
    let points: BTreeMap<usize, u64> =
        inquest.points().into_iter().map(|point| (point.call, point.place)).collect();
    let part = |index: usize| {
        let place = found.and_then(|of| of.calls.iter().position(|call| *call == index));
        place.zip(found).map_or(Part::Bystander, |(place, found)| part(found, place))
    };
    let exhibit = |(index, call): (usize, &Call)| Exhibit {
        point: points.get(&index).map(|place| line.place(*place)),
        ..line.exhibit(call, part(index))
    };
    record.calls[..shown].iter().enumerate().map(exhibit).collect()
}

/// What an operation is, by its place among those on the key.
fn part(found: &Contradiction, place: usize) -> Part {
    let evidence = &found.evidence;
    match place {
        place if place == evidence.stuck => Part::Odd,
        place if evidence.window.operations.contains(&place) => Part::Clashes,
        _ => Part::Bystander,
    }
}

fn evidence(record: &Record, found: &Contradiction) -> Evidence {
    let Contradiction { key, calls, evidence, words } = found;
    let window = &evidence.window;
    let call = |place: &usize| &record.calls[calls[*place]];
    let clashes = |place: usize| window.operations.contains(&place);
    let near = |place: &usize| {
        let Call { called, returned, .. } = call(place);
        let ends = returned.as_ref().map_or(u64::MAX, |(spot, _)| spot.position);
        called.position <= window.to && ends >= window.from
    };
    let places = 0..calls.len();
    let mut shown: Vec<usize> = places.filter(|place| clashes(*place) || near(place)).collect();
    while shown.len() > MOST_EXHIBITS {
        // Those that clash stay.
        let Some(at) = shown.iter().position(|place| !clashes(*place)) else { break };
        shown.remove(at);
    }
    let drawn: Vec<Call> = shown.iter().map(|place| call(place).clone()).collect();
    let line = Line::of(&drawn, window.to);
    let exhibits = shown.iter().zip(&drawn);
    let needed = evidence.attempts.iter().any(|one| one.order.contains(&evidence.stuck));
    let attempt = |attempt: &shardscope_core::linear::Attempt<Store>| {
        let index = |place: &usize| shown.iter().position(|shown| shown == place);
        Attempt {
            order: attempt.order.iter().filter_map(index).collect(),
            state: held(&attempt.state, key),
            reply: attempt.reply.to_string(),
        }
    };
    Evidence {
        key: key.to_string(),
        words: words.clone(),
        operations: exhibits.map(|(place, call)| line.exhibit(call, part(found, *place))).collect(),
        earlier: shown.first().copied().unwrap_or_default() as u64,
        attempts: evidence.attempts.iter().map(attempt).collect(),
        states: (!needed).then_some(evidence.states),
    }
}

/// What a key holds.
fn held(state: &Store, key: &str) -> String {
    let ask =
        models::Ask { command: Command::Get { key: key.into() }, detail: models::Detail::Reply };
    state.read(&ask).map(|heard| heard.to_string()).unwrap_or_default()
}

/// The line on which some calls are drawn: from each of their events to the next it is as far.
struct Line {
    /// The events' places in the history.
    events: Vec<u64>,
}

impl Line {
    /// The line for some calls, as far as a place in the history.
    fn of(calls: &[Call], end: u64) -> Self {
        let both = |call: &Call| {
            let returned = call.returned.as_ref().map(|(spot, _)| spot.position);
            [Some(call.called.position), returned]
        };
        let events = calls.iter().flat_map(both).flatten().filter(|place| *place <= end).collect();
        let mut events: Vec<u64> = order::ranked(events, |place| *place);
        events.dedup();
        Self { events }
    }

    /// Where something is on it, from hundredths of places in the history.
    fn place(&self, hundredths: u64) -> u32 {
        let before = self.events.partition_point(|event| event.saturating_mul(100) <= hundredths);
        let Some(last) = before.checked_sub(1) else { return 0 };
        let further = hundredths.saturating_sub(self.events[last].saturating_mul(100)).min(99);
        count(last).saturating_mul(100).saturating_add(further as u32)
    }

    fn exhibit(&self, call: &Call, part: Part) -> Exhibit {
        let returned = call.returned.as_ref().filter(|(spot, outcome)| {
            !matches!(outcome, Outcome::Unknown) && self.events.last() >= Some(&spot.position)
        });
        Exhibit {
            process: call.process,
            words: words(call, returned.is_some()),
            called: self.place(call.called.position.saturating_mul(100)),
            returned: returned.map(|(spot, _)| self.place(spot.position.saturating_mul(100))),
            point: None,
            part,
        }
    }
}

/// A call with what is known of its end.
fn words(call: &Call, ends: bool) -> String {
    let command = &call.command;
    match call.returned.as_ref().filter(|_| ends) {
        Some((_, Outcome::Replied(reply))) => format!("{command} → {reply}"),
        Some((_, Outcome::Done)) => format!("{command} → done"),
        Some((_, Outcome::Refused)) => format!("{command} → refused"),
        Some((_, Outcome::Failed)) => format!("{command} → never happened"),
        Some((_, Outcome::Unknown)) | None => format!("{command} …"),
    }
}
