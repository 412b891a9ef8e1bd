//! What is proposed, and what becomes of it.

use shardscope_core::id::Term;
use shardscope_core::kv::{Command, Text};
use shardscope_core::sim::Action;

use super::super::task::One;
use super::{ANSWER, Check, ELECTION, Lab, Place, ms, node};

/// Commands.
impl Lab {
    /// Puts a command before a server: where it will stand, if the server takes it for its leader.
    pub(crate) fn start(&mut self, server: usize, value: &Text) -> Check<Option<Place>> {
        Ok(self.start_all(server, std::slice::from_ref(value))?.pop().flatten())
    }

    /// Puts commands before a server, all in one moment.
    pub(crate) fn start_all(
        &mut self,
        server: usize,
        values: &[Text],
    ) -> Check<Vec<Option<Place>>> {
        if !self.is_up(server) {
            return Ok(vec![None; values.len()]);
        }
        self.answers.clear();
        for value in values {
            let (server, value) = (node(server), value.clone());
            self.act(&Action::Propose {
                server,
                command: Command::Put { key: "x".into(), value },
            })?;
        }
        let count = values.len();
        self.run_until(self.now + ANSWER, |lab| lab.answers.len() >= count)?;
        self.expect(self.answers.len() == count, || {
            format!("Server {server} answered {} of {count} proposals.", self.answers.len())
        })?;
        let own = self
            .answers
            .iter()
            .zip(values)
            .all(|((by, what, _), value)| (by, what) == (&server, value));
        self.expect(own, || format!("Server {server} answered {:?}.", self.answers))?;
        Ok(self.answers.drain(..).map(|(_, _, place)| place).collect())
    }

    /// Has a command agreed upon by `count` servers, whoever leads; its index. It is tried for ten
    /// seconds, two of them at each place that it takes; without `retry`, at one only.
    pub(crate) fn one(&mut self, value: impl Into<Text>, count: usize, retry: bool) -> Check<u64> {
        let mut one = One::new(value.into(), count, retry, self.now);
        loop {
            if let Some(index) = one.poll(self)? {
                return Ok(index);
            }
            self.sleep_until(one.due())?;
        }
    }

    /// The same with a value of its own, tried again and again.
    pub(crate) fn agree(&mut self, count: usize) -> Check<u64> {
        let value = self.fresh();
        self.one(value, count, true)
    }

    /// Waits until `count` servers have applied what has an index, and gives it. None: the term
    /// went on meanwhile.
    pub(crate) fn wait(
        &mut self,
        index: u64,
        count: usize,
        term: Option<Term>,
    ) -> Check<Option<Text>> {
        let mut pause = ms(10);
        for _ in 0..30 {
            if self.ledger.committed(index).0 >= count {
                break;
            }
            self.sleep(pause)?;
            pause = pause.times(2).min(ELECTION);
            if term.is_some_and(|term| self.terms().iter().any(|other| *other > term)) {
                return Ok(None);
            }
        }
        let (seen, value) = self.ledger.committed(index);
        let value = value.cloned();
        self.expect(seen >= count, || {
            format!("Index {index} was applied by {seen} servers, not by {count}.")
        })?;
        Ok(value)
    }

    /// Nobody has ever applied what has an index.
    pub(crate) fn check_none(&self, index: u64) -> Check {
        self.expect(self.ledger.commands() < index, || format!("Index {index} was committed."))
    }
}
