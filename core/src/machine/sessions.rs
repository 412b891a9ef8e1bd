//! At-most-once execution for any machine (§6.3 of the Raft thesis).

mod mutants;
mod parts;

use alloc::sync::Arc;
use core::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{Composition, Machine, Seat, encoded_len, varint_len};
use crate::id::{ClientId, MutantId, Serial};
use crate::sorted::Sorted;

pub use parts::Frame;

/// A command under the number that makes it happen at most once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Call<C> {
    /// The session that it belongs to.
    pub client: ClientId,
    /// Its number in the session. A client has one call open at a time.
    pub serial: Serial,
    /// What is to be done.
    pub command: C,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer<R> {
    /// It was executed, now or when it first came.
    Done(R),
    /// A later call of the session was executed already: this one is an old copy, and nobody
    /// waits for it.
    Stale,
    /// The session was evicted, or may have been: whether the call was executed is unknown, and
    /// it is not executed now. `floor` is the highest id that may have been evicted.
    Expired {
        /// New sessions need an id above this one.
        floor: ClientId,
    },
}

/// What is remembered of one client.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Session<R> {
    /// The last serial number executed.
    pub last: Serial,
    /// What that call returned: the answer to a repeat.
    pub reply: R,
    /// When it was last used, counted in calls: the order of the log.
    pub used: u64,
}

/// Any machine, with at-most-once execution around it.
///
/// A call with a serial number at or below the session's last is not executed: a repeat of the
/// last one gets the remembered reply, an older one is [`Answer::Stale`].
///
/// The table is bounded without lying. Client ids are issued in increasing order; evicting a
/// session (the least recently used, in log order) raises `floor` to the highest id evicted, and
/// an unknown id at or below the floor is refused as [`Answer::Expired`], never executed: it might
/// be the retry of a call that the evicted session had already executed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Sessions<M: Machine> {
    machine: M,
    table: Arc<Sorted<ClientId, Session<M::Reply>>>,
    floor: ClientId,
    calls: u64,
    limit: u32,
    /// Bytes of the table's entries, without its length.
    #[serde(skip)]
    entries: u64,
}

impl<M: Machine> Sessions<M> {
    /// `machine` behind a table of at most `limit` sessions (at least 1).
    pub fn around(machine: M, limit: u32) -> Self {
        let (table, limit) = (Arc::default(), limit.max(1));
        Self { machine, table, floor: ClientId(0), calls: 0, limit, entries: 0 }
    }

    /// The machine inside.
    pub const fn machine(&self) -> &M {
        &self.machine
    }

    /// What is remembered, by client.
    pub fn table(&self) -> &Sorted<ClientId, Session<M::Reply>> {
        &self.table
    }

    /// The highest client id that was ever evicted.
    pub const fn floor(&self) -> ClientId {
        self.floor
    }

    fn remember(&mut self, client: ClientId, session: Session<M::Reply>) {
        let added = encoded_len(&client) + encoded_len(&session);
        let table = Arc::make_mut(&mut self.table);
        if let Some(old) = table.insert(client, session) {
            self.entries -= encoded_len(&client) + encoded_len(&old);
        }
        self.entries += added;
        if table.len() as u64 > u64::from(self.limit) {
            self.evict();
        }
    }

    fn evict(&mut self) {
        let table = Arc::make_mut(&mut self.table);
        let oldest = table.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| *id);
        if let Some(client) = oldest
            && let Some(session) = table.remove(&client)
        {
            self.entries -= encoded_len(&client) + encoded_len(&session);
            self.floor = self.floor.max(client);
        }
    }
}

impl<M: Machine> Machine for Sessions<M> {
    type Command = Call<M::Command>;
    type Reply = Answer<M::Reply>;

    fn apply(&mut self, call: &Self::Command) -> Self::Reply {
        if let Some(session) = self.table.get(&call.client) {
            match call.serial.cmp(&session.last) {
                Ordering::Less => return Answer::Stale,
                Ordering::Equal => return Answer::Done(session.reply.clone()),
                Ordering::Greater => {}
            }
        } else if call.client <= self.floor {
            return Answer::Expired { floor: self.floor };
        }
        let reply = self.machine.apply(&call.command);
        self.calls += 1;
        let session = Session { last: call.serial, reply: reply.clone(), used: self.calls };
        self.remember(call.client, session);
        Answer::Done(reply)
    }

    fn read(&self, call: &Self::Command) -> Option<Self::Reply> {
        self.machine.read(&call.command).map(Answer::Done)
    }

    fn bytes(&self) -> u64 {
        self.machine.bytes()
            + varint_len(self.table.len() as u64)
            + self.entries
            + varint_len(self.floor.0)
            + varint_len(self.calls)
            + varint_len(u64::from(self.limit))
    }

    fn enter(&mut self, seat: Seat) {
        self.machine.enter(seat);
    }

    fn composition(mutant: MutantId) -> Composition<Self> {
        mutants::composition(mutant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kv::{Command, Kv, Reply};

    fn append(client: u64, serial: u64, value: &str) -> Call<Command> {
        let command = Command::Append { key: "k".into(), value: value.into() };
        Call { client: ClientId(client), serial: Serial(serial), command }
    }

    fn value(store: &Sessions<Kv>) -> Reply {
        store.machine().read(&Command::Get { key: "k".into() }).unwrap()
    }

    #[test]
    fn a_repeat_is_answered_from_the_table_and_not_executed() {
        let mut store = Sessions::around(Kv::default(), 8);
        let first = store.apply(&append(1, 1, "a"));
        assert_eq!(store.apply(&append(1, 1, "a")), first);
        assert_eq!(value(&store), Reply::Value("a".into()));
    }

    #[test]
    fn an_older_call_is_stale() {
        let mut store = Sessions::around(Kv::default(), 8);
        store.apply(&append(1, 1, "a"));
        store.apply(&append(1, 2, "b"));
        assert_eq!(store.apply(&append(1, 1, "a")), Answer::Stale);
        assert_eq!(value(&store), Reply::Value("ab".into()));
    }

    #[test]
    fn a_retry_after_eviction_is_refused_not_executed_again() {
        let mut store = Sessions::around(Kv::default(), 2);
        store.apply(&append(1, 1, "a"));
        store.apply(&append(2, 1, "b"));
        store.apply(&append(3, 1, "c"));
        assert!(!store.table().contains_key(&ClientId(1)), "the least recently used one goes");
        let floor = ClientId(1);
        assert_eq!(store.apply(&append(1, 1, "a")), Answer::Expired { floor });
        assert_eq!(value(&store), Reply::Value("abc".into()));
        assert_eq!(store.apply(&append(4, 1, "d")), Answer::Done(Reply::Written { version: 4 }));
    }

    #[test]
    fn eviction_follows_use_not_age() {
        let mut store = Sessions::around(Kv::default(), 2);
        store.apply(&append(1, 1, "a"));
        store.apply(&append(2, 1, "b"));
        store.apply(&append(1, 2, "c"));
        store.apply(&append(3, 1, "d"));
        assert!(store.table().contains_key(&ClientId(1)));
        assert!(!store.table().contains_key(&ClientId(2)));
        assert_eq!(store.floor(), ClientId(2));
        // Client 1 is below the floor but known: it is served.
        assert!(matches!(store.apply(&append(1, 3, "e")), Answer::Done(_)));
    }

    #[test]
    fn bytes_are_counted_as_they_are_encoded() {
        let mut store = Sessions::around(Kv::default(), 3);
        for n in 0..300 {
            store.apply(&append(n % 7 + n / 50, n, "some more of it"));
            assert_eq!(store.bytes(), encoded_len(&store), "after call {n}");
        }
    }
}
