//! What servers say of themselves, and what is on their disks.

use shardscope_core::id::Term;
use shardscope_core::machine::encoded_len;
use shardscope_core::protocol::Protocol;
use shardscope_core::sim::store::Server;

use super::{Check, Lab, ms, node};

/// What servers say of themselves.
impl Lab {
    pub(super) fn server(&self, server: usize) -> Option<&Server> {
        self.world.node(node(server)).and_then(|node| node.server())
    }

    pub(crate) fn term(&self, server: usize) -> Option<Term> {
        self.server(server).map(|server| server.replica().hard_state().term)
    }

    /// The terms of all servers that run.
    pub(crate) fn terms(&self) -> Vec<Term> {
        (0..self.servers()).filter_map(|server| self.term(server)).collect()
    }

    /// Which connected servers lead, each in its term.
    fn leaders(&self) -> Vec<(Term, usize)> {
        let leads = |server: &usize| {
            let epoch = self.server(*server).and_then(|server| server.replica().leading());
            Some((Term(epoch?.0), *server))
        };
        let connected = (0..self.servers()).filter(|server| self.connected[*server]);
        connected.filter_map(|server| leads(&server)).collect()
    }

    /// One connected server leads the newest term that has a leader; none has two.
    pub(crate) fn check_one_leader(&mut self) -> Check<usize> {
        for _ in 0..10 {
            let pause = ms(450 + self.below(100));
            self.sleep(pause)?;
            let mut leaders = self.leaders();
            leaders.sort();
            let twice = leaders.windows(2).find(|two| two[0].0 == two[1].0);
            self.expect(twice.is_none(), || format!("Two lead in one term: {leaders:?}."))?;
            if let Some((_, leader)) = leaders.last() {
                return Ok(*leader);
            }
        }
        Err(format!("at {} s: Nobody was elected in ten tries.", self.now))
    }

    pub(crate) fn check_no_leader(&self) -> Check {
        let leaders = self.leaders();
        self.expect(leaders.is_empty(), || format!("Somebody leads without a quorum: {leaders:?}."))
    }

    /// All connected servers are in one term.
    pub(crate) fn check_terms(&self) -> Check<Term> {
        let connected = (0..self.servers()).filter(|server| self.connected[*server]);
        let terms: Vec<Term> = connected.filter_map(|server| self.term(server)).collect();
        let first = terms.first().copied().unwrap_or_default();
        self.expect(terms.iter().all(|term| *term == first), || format!("Terms: {terms:?}."))?;
        Ok(first)
    }

    /// The most bytes that a server's log and its term and vote take on its disk.
    pub(crate) fn log_bytes(&self) -> u64 {
        let disks = self.world.servers().filter_map(|node| node.durable());
        let bytes =
            disks.map(|disk| disk.log.bytes() + encoded_len(&(disk.hard.term, disk.hard.vote)));
        bytes.max().unwrap_or(0)
    }
}
