//! Where the operations of a recorded history took effect, or why there is no such place.

use alloc::string::String;
use alloc::vec::Vec;

use super::store::{self, Ask, Heard, Store};
use crate::history::Record;
use crate::kv::Text;
use crate::linear::{self, Evidence, Operation, PartFinding, Verdict};
use crate::order;

/// A recorded history, looked at operation by operation.
#[derive(Clone, Debug)]
pub struct Inquest {
    store: Store,
    operations: Vec<Operation<Ask, Heard>>,
    /// Which call of the record each operation is.
    calls: Vec<usize>,
    findings: Vec<PartFinding>,
}

/// Where an operation may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The call, by its index in the record.
    pub call: usize,
    /// Among the beginnings and ends of all calls, in hundredths: 250 is half-way between the
    /// third and the fourth.
    pub place: u64,
}

/// Why what was seen of a key is not linearizable.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// The key.
    pub key: Text,
    /// The calls on it, in the order in which they began, by their index in the record. The
    /// evidence names each by its place here.
    pub calls: Vec<usize>,
    /// What fits nowhere, and why.
    pub evidence: Evidence<Store>,
    /// The evidence in two sentences.
    pub words: String,
}

impl Inquest {
    /// Looks for an order, for `budget` steps at most.
    pub fn new(record: &Record, budget: u64) -> Self {
        let store = Store::of(record);
        let kept = |(index, call)| Some((store::operation(call)?, index));
        let (operations, calls): (Vec<_>, Vec<_>) =
            record.calls.iter().enumerate().filter_map(kept).unzip();
        let findings = linear::check_parts(&store, &operations, budget);
        Self { store, operations, calls, findings }
    }

    /// Where the operations on all keys with an order may have taken effect, in the order of these
    /// places: between what has to come before and what has to come after.
    pub fn points(&self) -> Vec<Point> {
        let explained = |of: &&PartFinding| of.finding.verdict == Verdict::Linearizable;
        let mut points = Vec::with_capacity(self.operations.len());
        for order in self.findings.iter().filter(explained).map(|of| &of.finding.order) {
            let (mut late, mut latest) = (u64::MAX, Vec::with_capacity(order.len()));
            for index in order.iter().rev() {
                let returned = self.operations[*index].returned.as_ref();
                late = late.min(returned.map_or(u64::MAX, |(place, _)| hundredths(*place)));
                latest.push(late);
            }
            let (mut soon, mut last) = (0, 0);
            for (index, late) in order.iter().zip(latest.into_iter().rev()) {
                soon = soon.max(hundredths(self.operations[*index].called));
                // Half-way, or as soon as it may if nothing says until when.
                let slack = if late == u64::MAX { 0 } else { late.saturating_sub(soon) };
                last = last.max(soon + slack / 2);
                points.push(Point { call: self.calls[*index], place: last });
            }
        }
        // Stable: on one key the order is known, whatever else happened at the same place.
        order::ranked(points, |point| point.place)
    }

    /// Why it is not linearizable. None: it is, or nobody knows within `budget` steps.
    pub fn contradiction(&self, budget: u64) -> Option<Contradiction> {
        let illegal = |of: &&PartFinding| of.finding.verdict == Verdict::Illegal;
        let key = self.findings.iter().find(illegal)?.part.clone()?;
        let all = self.operations.iter().zip(&self.calls);
        let of_key = all.filter(|(operation, _)| *operation.command.command.key() == key);
        let (operations, calls): (Vec<_>, Vec<_>) =
            of_key.map(|(operation, call)| (operation.clone(), *call)).unzip();
        let evidence = Evidence::of(&self.store, &operations, budget)?;
        let words = evidence.words(&operations);
        Some(Contradiction { key, calls, evidence, words })
    }
}

const fn hundredths(place: u64) -> u64 {
    place.saturating_mul(100)
}
