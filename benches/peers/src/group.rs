//! The driver: a group of servers, and the messages between them.

use std::mem;

use serde::Serialize;

use crate::Entry;

/// When followers hear what is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// As soon as the leader knows.
    AtOnce,
    /// With the next entries.
    WithNext,
}

/// One server of a group, whatever its protocol.
pub trait Member: Sized {
    /// What servers send to one another.
    type Message;

    /// The servers of a new group; none, if the protocol gives no such notice.
    fn group(servers: usize, notice: Notice) -> Option<Vec<Self>>;
    /// Stands for election.
    fn campaign(&mut self);
    /// Puts entries into the log of the leader.
    fn propose(&mut self, entries: &[Entry]);
    /// Takes a message.
    fn receive(&mut self, from: usize, message: Self::Message);
    /// Does all that was asked for since the last time: writes, sends, applies.
    fn work(&mut self, post: &mut Post<Self::Message>);
    /// Nothing is on its way any more: tells the followers what is committed, if they are to hear
    /// it at once and the protocol has not done so by itself; with `last`, in any case.
    fn notify(&mut self, last: bool);
    /// What it applied.
    fn applied(&self) -> Applied;
}

/// Messages on their way, by receiver and in order.
#[derive(Debug)]
pub struct Post<M> {
    inboxes: Vec<Vec<(usize, M)>>,
    /// Who sends now.
    from: usize,
}

impl<M> Post<M> {
    /// Sends a message to a server.
    pub fn send(&mut self, to: usize, message: M) {
        self.inboxes[to].push((self.from, message));
    }
}

/// The state of the machine that the log drives: enough to tell whether two servers applied the
/// same entries in the same order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Applied {
    /// How many entries.
    pub count: u64,
    /// A hash of them.
    pub hash: u64,
}

impl Applied {
    /// Applies an entry.
    pub fn apply(&mut self, entry: &Entry) {
        let number = u128::from_le_bytes(*entry);
        self.count += 1;
        self.hash = (self.hash.rotate_left(5) ^ number as u64 ^ (number >> 64) as u64)
            .wrapping_mul(0x9fb2_1c65_1e98_df25);
    }
}

/// A group of servers. The first one leads.
#[derive(Debug)]
pub struct Group<M: Member> {
    members: Vec<M>,
    post: Post<M::Message>,
    /// What the server whose turn it is reads.
    reading: Vec<(usize, M::Message)>,
    expected: Applied,
}

impl<M: Member> Group<M> {
    /// A group whose first server was elected; none, if the protocol gives no such notice.
    pub fn elected(servers: usize, notice: Notice) -> Option<Self> {
        let members = M::group(servers, notice)?;
        let post = Post { inboxes: members.iter().map(|_| Vec::new()).collect(), from: 0 };
        let mut group = Self { members, post, reading: Vec::new(), expected: Applied::default() };
        group.members[0].campaign();
        group.work(0);
        group.settle();
        Some(group)
    }

    /// How many entries were proposed.
    pub fn proposed(&self) -> u64 {
        self.expected.count
    }

    /// Proposes entries and hands messages over until there are none.
    pub(crate) fn commit(&mut self, entries: &[Entry]) {
        entries.iter().for_each(|entry| self.expected.apply(entry));
        self.members[0].propose(entries);
        self.work(0);
        self.settle();
        self.members[0].notify(false);
        self.work(0);
        self.settle();
    }

    /// Lets every server hear what is committed, and compares what they applied.
    pub(crate) fn finish(&mut self) {
        self.members[0].notify(true);
        self.work(0);
        self.settle();
        for (number, member) in self.members.iter().enumerate() {
            assert_eq!(member.applied(), self.expected, "server {number}");
        }
    }

    fn settle(&mut self) {
        while self.post.inboxes.iter().any(|inbox| !inbox.is_empty()) {
            for number in 0..self.members.len() {
                if self.post.inboxes[number].is_empty() {
                    continue;
                }
                mem::swap(&mut self.post.inboxes[number], &mut self.reading);
                for (from, message) in self.reading.drain(..) {
                    self.members[number].receive(from, message);
                }
                self.work(number);
            }
        }
    }

    fn work(&mut self, number: usize) {
        self.post.from = number;
        self.members[number].work(&mut self.post);
    }
}
