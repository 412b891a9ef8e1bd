//! Drivers that do not keep the promise of the disk: what the protocol believes durable is not.

use super::store::{Durable, Record};
use crate::id::MutantId;
use crate::protocol::Durable as _;
use crate::raft::message::HardState;

/// How a driver departs from "nothing leaves before it is durable".
pub(super) struct Driver {
    /// What of a record is written; none: nothing.
    pub(super) writes: fn(Record) -> Option<Record>,
    /// All else is done before the write has ended.
    pub(super) hasty: bool,
    /// What a crash during a write leaves of a record; none: the old state or the new, by lot.
    pub(super) tears: Option<fn(&mut Durable, &Record)>,
}

/// The driver that goes by a number; none: the correct one.
pub(super) const fn of(id: MutantId) -> Option<&'static Driver> {
    match id {
        MutantId::R1 => Some(&R1),
        MutantId::R2 => Some(&R2),
        MutantId::R23 => Some(&R23),
        MutantId::R44 => Some(&R44),
        _ => None,
    }
}

const CORRECT: Driver = Driver { writes: Some, hasty: false, tears: None };

static R1: Driver = Driver {
    writes: |record| match record {
        Record::Hard(hard) => Some(Record::Hard(HardState { vote: None, ..hard })),
        other => Some(other),
    },
    ..CORRECT
};

static R2: Driver = Driver {
    writes: |record| match record {
        Record::Hard(_) => None,
        other => Some(other),
    },
    ..CORRECT
};

static R23: Driver = Driver { hasty: true, ..CORRECT };

/// Snapshot and log lie in two files: the first is new, the second not yet cut.
static R44: Driver = Driver {
    tears: Some(|durable, record| match record {
        Record::Snapshot(snapshot) => durable.snapshot = Some(snapshot.clone()),
        other => durable.store(other),
    }),
    ..CORRECT
};
