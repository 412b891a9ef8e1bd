//! The store as its recorded clients saw it: with as much of each reply as was written down.

use core::fmt;

use serde::Serialize;

use crate::history::{Call, Outcome, Record};
use crate::kv::{Command, Kv, Reply, Versioned};
use crate::linear::{Operation, OperationOf};
use crate::machine::Machine;

/// The specification of a recorded history: the key/value store, of whose replies only so much is
/// compared as the record has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Store {
    kv: Kv,
    /// Without versions in the record, states that differ in versions only are one.
    versions: bool,
}

/// A command, and how much of its reply was written down.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Ask {
    /// The command.
    pub command: Command,
    /// How much is known.
    pub detail: Detail,
}

/// How much of a reply was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Detail {
    /// All of it.
    Reply,
    /// Whether it took effect.
    Effect,
}

/// A reply, as far as it was written down.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Heard {
    /// The reply.
    Reply(Reply),
    /// Whether it took effect.
    Effect(bool),
}

impl Store {
    /// The empty store that a record begins with.
    pub fn of(record: &Record) -> Self {
        let counts = |call: &Call| {
            let reply = match &call.returned {
                Some((_, Outcome::Replied(reply))) => Some(reply),
                _ => None,
            };
            matches!(reply, Some(Reply::Written { .. } | Reply::WrongVersion { .. }))
                || matches!(call.command, Command::PutAt { .. })
        };
        Self { kv: Kv::default(), versions: record.calls.iter().any(counts) }
    }
}

/// A call as the checkers see it; none: it never took effect.
pub(super) fn operation(call: &Call) -> Option<OperationOf<Store>> {
    let (detail, heard) = match &call.returned {
        None | Some((_, Outcome::Unknown)) => (Detail::Reply, None),
        Some((_, Outcome::Failed)) => return None,
        Some((spot, Outcome::Replied(reply))) => {
            (Detail::Reply, Some((spot, Heard::Reply(reply.clone()))))
        }
        Some((spot, Outcome::Done)) => (Detail::Effect, Some((spot, Heard::Effect(true)))),
        Some((spot, Outcome::Refused)) => (Detail::Effect, Some((spot, Heard::Effect(false)))),
    };
    let returned = heard.map(|(spot, heard)| (spot.position, heard));
    let command = Ask { command: call.command.clone(), detail };
    Some(Operation { command, called: call.called.position, returned })
}

impl Machine for Store {
    type Command = Ask;
    type Reply = Heard;

    fn apply(&mut self, ask: &Ask) -> Heard {
        let reply = self.kv.apply(&ask.command);
        if let (Reply::Written { .. }, false) = (&reply, self.versions) {
            let key = ask.command.key();
            let value = self.kv.read(&Command::Get { key: key.clone() });
            if let Some(Reply::Value(value)) = value {
                let cell = Versioned { value, version: 1 };
                self.kv.absorb(core::iter::once((key, &cell)));
            }
        }
        heard(reply, ask.detail)
    }

    fn read(&self, ask: &Ask) -> Option<Heard> {
        self.kv.read(&ask.command).map(|reply| heard(reply, ask.detail))
    }

    fn reads(&self, ask: &Ask) -> bool {
        self.kv.reads(&ask.command)
    }

    fn part(ask: &Ask) -> Option<&str> {
        Kv::part(&ask.command)
    }

    fn is_idle(ask: &Ask, heard: &Heard) -> bool {
        match heard {
            Heard::Reply(reply) => Kv::is_idle(&ask.command, reply),
            Heard::Effect(done) => !done,
        }
    }

    fn grows(ask: &Ask) -> bool {
        Kv::grows(&ask.command)
    }

    fn excludes(&self, ask: &Ask, heard: &Heard) -> bool {
        match heard {
            Heard::Reply(reply) => self.kv.excludes(&ask.command, reply),
            Heard::Effect(_) => false,
        }
    }

    fn can_reply<'a>(
        &self,
        (ask, heard): (&Ask, &Heard),
        others: impl Iterator<Item = &'a Ask> + Clone,
        is_hunch: bool,
    ) -> bool {
        let others = others.map(|other| &other.command);
        match heard {
            // Without versions in the record, none counts.
            Heard::Reply(Reply::Written { .. } | Reply::WrongVersion { .. }) if !self.versions => {
                true
            }
            Heard::Reply(reply) => self.kv.can_reply((&ask.command, reply), others, is_hunch),
            Heard::Effect(_) => true,
        }
    }

    fn shows(ask: &Ask, heard: &Heard) -> bool {
        match heard {
            Heard::Reply(reply) => Kv::shows(&ask.command, reply),
            Heard::Effect(_) => false,
        }
    }

    fn is_like(ask: &Ask, other: &Ask) -> bool {
        Kv::is_like(&ask.command, &other.command)
    }

    fn bytes(&self) -> u64 {
        self.kv.bytes() + 1
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.command.fmt(f)
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(reply) => reply.fmt(f),
            Self::Effect(true) => f.write_str("done"),
            Self::Effect(false) => f.write_str("refused"),
        }
    }
}

fn heard(reply: Reply, detail: Detail) -> Heard {
    match detail {
        Detail::Reply => Heard::Reply(reply),
        Detail::Effect => Heard::Effect(!matches!(
            reply,
            Reply::Differs { .. } | Reply::WrongVersion { .. } | Reply::TooLong
        )),
    }
}
