//! The key/value store: a map with versions, as a deterministic machine.

mod cell;
mod reach;
mod words;

use alloc::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::MutantId;
use crate::machine::{Composition, Machine, varint_len};
use crate::sorted::Sorted;

use cell::Change;

pub use cell::Cell;
pub use words::{MAX_WORD, ParseError};

/// Keys and values: shared, because they stand in logs, messages and stores at once.
pub type Text = Arc<str>;

/// The longest value that a store keeps, in bytes. A write that would exceed it is refused.
pub const MAX_VALUE: usize = 64 * 1024;

/// What a client may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Command {
    /// The value of a key; empty if the key is missing.
    Get {
        /// Which key.
        key: Text,
    },
    /// Sets a key.
    Put {
        /// Which key.
        key: Text,
        /// Its new value.
        value: Text,
    },
    /// Adds to the end of a value; a missing key is as an empty one.
    Append {
        /// Which key.
        key: Text,
        /// What to add.
        value: Text,
    },
    /// Removes a key.
    Delete {
        /// Which key.
        key: Text,
    },
    /// Sets a key if it has the expected value (empty: also if it is missing).
    Cas {
        /// Which key.
        key: Text,
        /// The value that it must have.
        expect: Text,
        /// Its new value.
        value: Text,
    },
    /// Sets a key if it has been written exactly `version` times (0: if it is missing).
    PutAt {
        /// Which key.
        key: Text,
        /// Its new value.
        value: Text,
        /// The version that it must have.
        version: u64,
    },
    /// Sets a key to the decimal FNV-1a-32 hash of its value followed by the argument, and gives
    /// the value it had: an operation of which no two executions look alike.
    PutHash {
        /// Which key.
        key: Text,
        /// The argument.
        value: Text,
    },
}

/// What an operation gives back.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The value asked for, or the value before a [`Command::PutHash`].
    Value(Text),
    /// The key was written and now has this version.
    Written {
        /// From 1.
        version: u64,
    },
    /// The key is gone.
    Deleted {
        /// Whether it was there.
        existed: bool,
    },
    /// The condition of a [`Command::Cas`] did not hold: nothing changed.
    Differs {
        /// The value found.
        found: Text,
    },
    /// The condition of a [`Command::PutAt`] did not hold: nothing changed.
    WrongVersion {
        /// The version found; 0 if the key is missing.
        found: u64,
    },
    /// The value would have become longer than [`MAX_VALUE`]: nothing changed.
    TooLong,
}

/// A key's value and how often it was written since it came into being.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Versioned {
    /// The value.
    pub value: Text,
    /// From 1.
    pub version: u64,
}

/// The store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Kv {
    cells: Arc<Sorted<Text, Versioned>>,
    /// Bytes of the map's entries, without its length.
    #[serde(skip)]
    entries: u64,
    /// The key of the last change, if it still exists: for whoever shows the store. It is no part
    /// of what is stored, so no byte counts it.
    #[serde(skip)]
    latest: Option<Text>,
}

impl Command {
    /// The key that it is about. Every command is about one.
    pub const fn key(&self) -> &Text {
        match self {
            Self::Get { key }
            | Self::Put { key, .. }
            | Self::Append { key, .. }
            | Self::Delete { key }
            | Self::Cas { key, .. }
            | Self::PutAt { key, .. }
            | Self::PutHash { key, .. } => key,
        }
    }
}

impl Kv {
    /// The key that was changed last, if it was not deleted.
    pub const fn latest(&self) -> Option<&Text> {
        self.latest.as_ref()
    }

    /// Every key with its value and version, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Versioned)> {
        self.cells.iter()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn write(&mut self, key: &Text, value: Text) {
        let cells = Arc::make_mut(&mut self.cells);
        if let Some(cell) = cells.get_mut(key) {
            self.entries -= entry_len(key, cell);
            *cell = Versioned { value, version: cell.version + 1 };
            self.entries += entry_len(key, cell);
        } else {
            let cell = Versioned { value, version: 1 };
            self.entries += entry_len(key, &cell);
            cells.insert(key.clone(), cell);
        }
        self.latest = Some(key.clone());
    }

    fn remove(&mut self, key: &Text) {
        if let Some(cell) = Arc::make_mut(&mut self.cells).remove(key) {
            self.entries -= entry_len(key, &cell);
            self.latest = None;
        }
    }
}

impl Kv {
    /// Takes over every key of another store and keeps its others.
    fn put_all(&mut self, other: Self) {
        self.absorb(other.iter());
    }

    /// Takes over keys as they stand in another store, with their versions.
    pub fn absorb<'a>(&mut self, from: impl Iterator<Item = (&'a Text, &'a Versioned)>) {
        let cells = Arc::make_mut(&mut self.cells);
        for (key, cell) in from {
            self.entries += entry_len(key, cell);
            if let Some(old) = cells.insert(key.clone(), cell.clone()) {
                self.entries -= entry_len(key, &old);
            }
        }
    }
}

fn entry_len(key: &Text, cell: &Versioned) -> u64 {
    text_len(key) + text_len(&cell.value) + varint_len(cell.version)
}

/// What `encoded_len` gives, without encoding.
fn text_len(text: &Text) -> u64 {
    let bytes = text.len() as u64;
    varint_len(bytes) + bytes
}

/// The FNV-1a hash with 32 bits.
pub fn fnv1a_32(bytes: &[u8]) -> u32 {
    fnv1a_bytes(bytes.iter().copied())
}

fn fnv1a_bytes(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl Machine for Kv {
    type Command = Command;
    type Reply = Reply;

    fn apply(&mut self, command: &Command) -> Reply {
        let key = command.key();
        let (change, reply) = cell::outcome(self.cells.get(key), command);
        match change {
            Change::None => {}
            Change::Written(value) => self.write(key, value),
            Change::Gone => self.remove(key),
        }
        reply
    }

    fn read(&self, command: &Command) -> Option<Reply> {
        self.reads(command).then(|| cell::outcome(self.cells.get(command.key()), command).1)
    }

    fn reads(&self, command: &Command) -> bool {
        matches!(command, Command::Get { .. })
    }

    fn part(command: &Command) -> Option<&str> {
        Some(command.key())
    }

    fn is_idle(command: &Command, reply: &Reply) -> bool {
        match reply {
            Reply::Value(_) => matches!(command, Command::Get { .. }),
            Reply::Written { .. } | Reply::Deleted { existed: true } => false,
            Reply::Deleted { existed: false } => true,
            Reply::Differs { .. } | Reply::WrongVersion { .. } | Reply::TooLong => true,
        }
    }

    fn grows(command: &Command) -> bool {
        matches!(command, Command::Get { .. } | Command::Append { .. })
    }

    fn excludes(&self, command: &Command, reply: &Reply) -> bool {
        cell::excludes(self.cells.get(command.key()), command, reply)
    }

    fn can_reply<'a>(
        &self,
        seen: (&Command, &Reply),
        others: impl Iterator<Item = &'a Command> + Clone,
        is_hunch: bool,
    ) -> bool {
        reach::can_reply(self.cells.get(seen.0.key()), seen, others, is_hunch)
    }

    fn shows(command: &Command, reply: &Reply) -> bool {
        let seen = match reply {
            Reply::Value(seen) | Reply::Differs { found: seen } => seen,
            // That something was written it shows, but not what.
            Reply::Written { .. } | Reply::WrongVersion { .. } | Reply::TooLong => return false,
            Reply::Deleted { .. } => return false,
        };
        match command {
            Command::Put { value, .. }
            | Command::Append { value, .. }
            | Command::Cas { value, .. }
            | Command::PutAt { value, .. } => seen.contains(&**value),
            Command::Get { .. } => false,
            Command::Delete { .. } | Command::PutHash { .. } => true,
        }
    }

    fn is_like(command: &Command, other: &Command) -> bool {
        match (command, other) {
            (Command::Put { .. }, Command::Put { .. })
            | (Command::Append { .. }, Command::Append { .. }) => true,
            (Command::PutAt { version: one, .. }, Command::PutAt { version: two, .. }) => {
                one == two
            }
            (Command::Cas { expect: one, .. }, Command::Cas { expect: two, .. }) => one == two,
            _ => command == other,
        }
    }

    fn bytes(&self) -> u64 {
        varint_len(self.cells.len() as u64) + self.entries
    }

    fn composition(mutant: MutantId) -> Composition<Self> {
        match mutant {
            MutantId::R42 => Composition { install: Self::put_all, ..Composition::PLAIN },
            _ => Composition::PLAIN,
        }
    }
}

#[cfg(test)]
mod tests;
