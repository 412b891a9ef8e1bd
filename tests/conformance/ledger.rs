//! What was committed, and whether every server applied just that, in order.

use shardscope_core::id::{NodeId, Slot, Term};
use shardscope_core::kv::{Command, Reply, Text};
use shardscope_core::machine::Answer;
use shardscope_core::protocol::Payload;
use shardscope_core::sim::report::{Report, Shown};
use shardscope_core::sim::store::{Log, StoreEntry, StoreReply};

use super::Check;

/// Everything that was ever applied, by slot, and how far each server has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    /// The slot of each command, by its index.
    commands: Vec<Slot>,
    /// What each server has applied since it was last started.
    applied: Vec<Slot>,
    /// Terms that have an entry so far: as many as there are no-ops.
    terms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    term: Term,
    /// What was written; none: a no-op.
    value: Option<Text>,
    /// How many commands there are up to here.
    index: u64,
}

impl Ledger {
    pub(crate) fn of(servers: usize) -> Self {
        Self { applied: vec![Slot(0); servers], ..Self::default() }
    }

    /// How many commands were committed.
    pub(crate) fn commands(&self) -> u64 {
        self.commands.len() as u64
    }

    /// How many servers have applied the command with an index, and what it wrote.
    pub(crate) fn committed(&self, index: u64) -> (usize, Option<&Text>) {
        let slot = index.checked_sub(1).and_then(|index| self.commands.get(index as usize));
        let Some(slot) = slot else { return (0, None) };
        let count = self.applied.iter().filter(|applied| *applied >= slot).count();
        (count, self.entry(*slot).and_then(|entry| entry.value.as_ref()))
    }

    /// How many servers have applied the entry of a term in a slot.
    pub(crate) fn applied(&self, term: Term, slot: Slot) -> usize {
        match self.entry(slot) {
            Some(entry) if entry.term == term => {
                self.applied.iter().filter(|applied| **applied >= slot).count()
            }
            _ => 0,
        }
    }

    /// The index of the command in a slot of a server's log. What was compacted away was applied.
    pub(crate) fn index(&self, log: &Log, slot: Slot) -> u64 {
        let base = log.base().slot;
        let before = self.entry(base).map_or(0, |entry| entry.index);
        let here = log.from(base.next()).take_while(|(at, _)| *at <= slot);
        let is_command = |entry: &StoreEntry| matches!(entry.payload, Payload::Command(_));
        before + here.filter(|(_, entry)| is_command(entry)).count() as u64
    }

    fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.entries.get(slot.0.checked_sub(1)? as usize)
    }

    /// Takes in what a step applied.
    pub(crate) fn take(&mut self, report: &Report) -> Check {
        for shown in &report.shown {
            match shown {
                Shown::Applied { slot, entry, reply } => {
                    self.apply(report.node, *slot, entry, reply.as_ref())?;
                }
                Shown::Restored(slot) => self.restore(report.node, *slot)?,
                Shown::Crashed => self.applied[usize::from(report.node.0)] = Slot(0),
                _ => {}
            }
        }
        Ok(())
    }

    fn apply(
        &mut self,
        node: NodeId,
        slot: Slot,
        entry: &StoreEntry,
        reply: Option<&StoreReply>,
    ) -> Check {
        let applied = &mut self.applied[usize::from(node.0)];
        if slot != applied.next() {
            return Err(format!("server {} applied slot {slot} after {applied}.", node.0));
        }
        *applied = slot;
        let value = match &entry.payload {
            Payload::Noop => None,
            Payload::Command(held) => match held.call().map(|call| &call.command) {
                Some(Command::Put { value, .. }) => Some(value.clone()),
                _ => return Err(format!("nobody proposed {held} of slot {slot}.")),
            },
        };
        if slot.0 as usize > self.entries.len() {
            self.extend(slot, entry.term, value.clone())?;
        }
        let known = self.entry(slot).expect("it was just added if it was not there");
        if (known.term, &known.value) != (entry.term, &value) {
            return Err(format!(
                "server {} applied {value:?} of term {} in slot {slot}, where {:?} of term {} was \
                 applied elsewhere.",
                node.0, entry.term, known.value, known.term
            ));
        }
        let index = known.index;
        // All commands write one key: how often it was written is the index, as the machine has it.
        let expected = value.map(|_| Answer::Done(Reply::Written { version: index }).into());
        if reply != expected.as_ref() {
            return Err(format!(
                "server {} replied {reply:?} in slot {slot}, to what has index {index}.",
                node.0
            ));
        }
        Ok(())
    }

    /// Adds a slot that nobody has applied before. Each term begins with its leader's no-op, and
    /// has no other: so many no-ops stand before a command as there are terms.
    fn extend(&mut self, slot: Slot, term: Term, value: Option<Text>) -> Check {
        let last = self.entries.last();
        let (before, mut index) = last.map_or((Term(0), 0), |entry| (entry.term, entry.index));
        let begins = term > before;
        if term < before || begins != value.is_none() {
            return Err(format!(
                "slot {slot} holds {value:?} of term {term} after an entry of term {before}: a \
                 term begins with its one no-op."
            ));
        }
        self.terms += u64::from(begins);
        if value.is_some() {
            index += 1;
            self.commands.push(slot);
        }
        self.entries.push(Entry { term, value, index });
        if slot.0 != index + self.terms {
            return Err(format!(
                "slot {slot} is not its index {index} and the {} no-ops before it.",
                self.terms
            ));
        }
        Ok(())
    }

    fn restore(&mut self, node: NodeId, slot: Slot) -> Check {
        let applied = &mut self.applied[usize::from(node.0)];
        if slot <= *applied || slot.0 as usize > self.entries.len() {
            return Err(format!(
                "server {} took a snapshot up to {slot} after {applied}, of {} applied.",
                node.0,
                self.entries.len()
            ));
        }
        *applied = slot;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shardscope_core::id::{ClientId, Serial};
    use shardscope_core::machine::Call;
    use shardscope_core::protocol::Entry as LogEntry;

    fn noop(term: u64) -> StoreEntry {
        LogEntry { term: Term(term), payload: Payload::Noop }.into()
    }

    fn put(term: u64, value: &str) -> StoreEntry {
        let command = Command::Put { key: "x".into(), value: value.into() };
        let call = Call { client: ClientId(1), serial: Serial(1), command };
        LogEntry { term: Term(term), payload: Payload::Command(call.into()) }.into()
    }

    fn written(version: u64) -> Option<StoreReply> {
        Some(Answer::Done(Reply::Written { version }).into())
    }

    /// What is said to the last of some steps; the others must be taken.
    fn last(steps: &[(u16, u64, StoreEntry, Option<StoreReply>)]) -> Check {
        let mut ledger = Ledger::of(2);
        let mut said = Ok(());
        for (node, slot, entry, reply) in steps {
            assert_eq!(said, Ok(()));
            said = ledger.apply(NodeId(*node), Slot(*slot), entry, reply.as_ref());
        }
        said
    }

    #[test]
    fn what_servers_apply_is_counted_by_index_and_slot() {
        let mut ledger = Ledger::of(2);
        for node in [0, 1].map(NodeId) {
            ledger.apply(node, Slot(1), &noop(1), None).unwrap();
            ledger.apply(node, Slot(2), &put(1, "a"), written(1).as_ref()).unwrap();
        }
        ledger.apply(NodeId(0), Slot(3), &noop(4), None).unwrap();
        ledger.apply(NodeId(0), Slot(4), &put(4, "b"), written(2).as_ref()).unwrap();
        assert_eq!(ledger.committed(1), (2, Some(&"a".into())));
        assert_eq!(ledger.committed(2), (1, Some(&"b".into())));
        assert_eq!(ledger.committed(3), (0, None));
        assert_eq!((ledger.applied(Term(4), Slot(4)), ledger.applied(Term(1), Slot(4))), (1, 0));
        assert_eq!(ledger.restore(NodeId(1), Slot(4)), Ok(()));
        assert_eq!(ledger.committed(2).0, 2);
        assert!(ledger.restore(NodeId(1), Slot(4)).is_err(), "it is there already");
        assert!(ledger.restore(NodeId(0), Slot(5)).is_err(), "nobody has applied that");
    }

    #[test]
    fn servers_that_disagree_are_found_out() {
        let begin = [(0, 1, noop(1), None), (0, 2, put(1, "a"), written(1)), (1, 1, noop(1), None)];
        for (wrong, words) in [
            ((1, 2, put(1, "b"), written(1)), "elsewhere"),
            ((1, 2, put(2, "a"), written(1)), "elsewhere"),
            ((1, 2, noop(1), None), "elsewhere"),
            ((1, 3, put(1, "a"), written(2)), "after 1"),
            ((1, 2, put(1, "a"), written(2)), "which has"),
            ((1, 2, put(1, "a"), Some(Answer::Stale.into())), "which has"),
            ((0, 3, put(2, "b"), written(2)), "one no-op"),
            ((0, 3, noop(1), None), "one no-op"),
        ] {
            let said = last(&[&begin[..], std::slice::from_ref(&wrong)].concat()).unwrap_err();
            let words = words.replace("which has", "to what has");
            assert!(said.contains(&words), "{wrong:?}: {said}");
        }
        let right = (1, 2, put(1, "a"), written(1));
        assert_eq!(last(&[&begin[..], &[right]].concat()), Ok(()));
    }
}
