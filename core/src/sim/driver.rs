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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{LogId, NodeId, Slot, Term};
    use crate::kv::Kv;
    use crate::machine::Sessions;
    use crate::protocol::{Entry, Payload};
    use crate::raft::log::Splice;
    use crate::raft::message::Snapshot;
    use alloc::sync::Arc;

    fn voted() -> Record {
        Record::Hard(HardState { term: Term(4), vote: Some(NodeId(2)) })
    }

    fn splice() -> Record {
        let entries = [Entry { term: Term(1), payload: Payload::Noop }].into_iter().collect();
        Record::Splice(Splice { after: Slot(0), entries })
    }

    #[test]
    fn the_first_two_forget_votes_and_terms_and_nothing_else() {
        let forgot = |id| of(id).map(|driver| (driver.writes)(voted()));
        let without = Record::Hard(HardState { term: Term(4), vote: None });
        assert_eq!(forgot(MutantId::R1), Some(Some(without)));
        assert_eq!(forgot(MutantId::R2), Some(None));
        for id in [MutantId::R1, MutantId::R2] {
            let driver = of(id).expect("it is a driver");
            assert_eq!((driver.writes)(splice()), Some(splice()), "{id:?}");
            assert!(!driver.hasty && driver.tears.is_none());
        }
    }

    #[test]
    fn the_others_write_all_but_too_late_or_in_two() {
        for (id, hasty, tears) in [(MutantId::R23, true, false), (MutantId::R44, false, true)] {
            let driver = of(id).expect("it is a driver");
            assert_eq!((driver.writes)(voted()), Some(voted()), "{id:?}");
            assert_eq!((driver.hasty, driver.tears.is_some()), (hasty, tears), "{id:?}");
        }
        let others = MutantId::ALL.iter().filter(|id| of(**id).is_some());
        assert_eq!(others.count(), 4);
    }

    #[test]
    fn a_write_that_is_torn_has_the_snapshot_and_the_whole_log() {
        let tears = of(MutantId::R44).and_then(|driver| driver.tears).expect("it tears");
        let mut durable = Durable::default();
        tears(&mut durable, &splice());
        assert_eq!(durable.log.last().slot, Slot(1), "an entry cannot be torn");
        let last = LogId { term: Term(1), slot: Slot(1) };
        let machine = Sessions::around(Kv::default(), 4);
        tears(
            &mut durable,
            &Record::Snapshot(Arc::new(Snapshot { last, machine: machine.into() })),
        );
        assert!(durable.snapshot.is_some());
        assert_eq!(durable.log.base(), LogId::ORIGIN, "the log was not cut");
    }
}
