//! One key: what commands do to it. A store does the same, key by key.

use alloc::string::{String, ToString};

use serde::Serialize;

use super::{Command, Kv, MAX_VALUE, Reply, Text, Versioned, fnv1a_32, reach};
use crate::machine::Machine;

/// A key alone, as a machine: what is judged key by key needs no store for each state of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Cell(Option<Versioned>);

/// What a command does to a key.
pub(super) enum Change {
    /// Nothing.
    None,
    /// It gets a value, and the next version.
    Written(Text),
    /// It is no more.
    Gone,
}

/// What a command does to a key, and what it gives back.
pub(super) fn outcome(cell: Option<&Versioned>, command: &Command) -> (Change, Reply) {
    let version = cell.map_or(0, |cell| cell.version);
    match command {
        Command::Get { .. } => (Change::None, Reply::Value(held(cell))),
        Command::Put { value, .. } => written(version, value.clone()),
        Command::Append { value, .. } => written(version, joined(now(cell), value).into()),
        Command::Delete { .. } => match cell {
            Some(_) => (Change::Gone, Reply::Deleted { existed: true }),
            None => (Change::None, Reply::Deleted { existed: false }),
        },
        Command::Cas { expect, value, .. } if *now(cell) == **expect => {
            written(version, value.clone())
        }
        Command::Cas { .. } => (Change::None, Reply::Differs { found: held(cell) }),
        Command::PutAt { value, version: wanted, .. } if version == *wanted => {
            written(version, value.clone())
        }
        Command::PutAt { .. } => (Change::None, Reply::WrongVersion { found: version }),
        Command::PutHash { value, .. } => {
            let hash = fnv1a_32(joined(now(cell), value).as_bytes());
            (Change::Written(hash.to_string().into()), Reply::Value(held(cell)))
        }
    }
}

fn now(cell: Option<&Versioned>) -> &str {
    cell.map_or("", |cell| &*cell.value)
}

fn held(cell: Option<&Versioned>) -> Text {
    cell.map_or_else(|| Text::from(""), |cell| cell.value.clone())
}

fn written(version: u64, value: Text) -> (Change, Reply) {
    if value.len() > MAX_VALUE {
        return (Change::None, Reply::TooLong);
    }
    (Change::Written(value), Reply::Written { version: version + 1 })
}

fn joined(a: &str, b: &str) -> String {
    let mut text = String::with_capacity(a.len() + b.len());
    text.push_str(a);
    text.push_str(b);
    text
}

impl Machine for Cell {
    type Command = Command;
    type Reply = Reply;

    fn apply(&mut self, command: &Command) -> Reply {
        let (after, reply) = self.after(command);
        *self = after;
        reply
    }

    fn after(&self, command: &Command) -> (Self, Reply) {
        let (change, reply) = outcome(self.0.as_ref(), command);
        let after = match change {
            Change::None => self.clone(),
            Change::Written(value) => {
                let version = self.0.as_ref().map_or(0, |cell| cell.version) + 1;
                Self(Some(Versioned { value, version }))
            }
            Change::Gone => Self(None),
        };
        (after, reply)
    }

    fn read(&self, command: &Command) -> Option<Reply> {
        self.reads(command).then(|| Reply::Value(held(self.0.as_ref())))
    }

    fn reads(&self, command: &Command) -> bool {
        matches!(command, Command::Get { .. })
    }

    fn gives(&self, command: &Command, reply: &Reply) -> bool {
        match (command, reply) {
            (Command::Get { .. }, Reply::Value(seen)) => *now(self.0.as_ref()) == **seen,
            _ => outcome(self.0.as_ref(), command).1 == *reply,
        }
    }

    fn part(command: &Command) -> Option<&str> {
        Kv::part(command)
    }

    fn is_idle(command: &Command, reply: &Reply) -> bool {
        Kv::is_idle(command, reply)
    }

    fn grows(command: &Command) -> bool {
        Kv::grows(command)
    }

    fn excludes(&self, command: &Command, reply: &Reply) -> bool {
        excludes(self.0.as_ref(), command, reply)
    }

    fn can_reply<'a>(
        &self,
        seen: (&Command, &Reply),
        others: impl Iterator<Item = &'a Command> + Clone,
        is_hunch: bool,
    ) -> bool {
        reach::can_reply(self.0.as_ref(), seen, others, is_hunch)
    }

    fn shows(command: &Command, reply: &Reply) -> bool {
        Kv::shows(command, reply)
    }

    fn is_like(command: &Command, other: &Command) -> bool {
        Kv::is_like(command, other)
    }

    fn bytes(&self) -> u64 {
        crate::machine::encoded_len(self)
    }
}

/// What is appended to keeps its beginning.
pub(super) fn excludes(cell: Option<&Versioned>, command: &Command, reply: &Reply) -> bool {
    match (command, reply) {
        (Command::Get { .. }, Reply::Value(seen)) => {
            cell.is_some_and(|cell| !seen.starts_with(&*cell.value))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::*;
    use crate::machine::encoded_len;
    use crate::rng::Rng;

    fn drawn(rng: &mut Rng) -> Command {
        let value = ["a", "b", "ab", ""][rng.below(4) as usize];
        let line = match rng.below(8) {
            0 | 1 => "get x".into(),
            2 => format!("put x \"{value}\""),
            3 => format!("append x \"{value}\""),
            4 => "delete x".into(),
            5 => format!("cas x \"{value}\" b"),
            6 => format!("put-at x {} \"{value}\"", rng.below(4)),
            _ => format!("put-hash x \"{value}\""),
        };
        line.parse().expect("it is a command")
    }

    #[test]
    fn a_cell_is_a_store_with_one_key() {
        let mut rng = Rng::keyed(&[11]);
        let mut seen = Vec::new();
        for _ in 0..300 {
            let (mut cell, mut store) = (Cell::default(), Kv::default());
            for _ in 0..20 {
                let (command, other) = (drawn(&mut rng), drawn(&mut rng));
                let (after, would) = cell.after(&command);
                let others = [drawn(&mut rng), other.clone()];
                let elsewhere = seen.last().cloned().unwrap_or(Reply::TooLong);
                for reply in [&would, &elsewhere] {
                    let asked = (&command, reply);
                    assert_eq!(cell.gives(&command, reply), store.gives(&command, reply));
                    assert_eq!(cell.excludes(&command, reply), store.excludes(&command, reply));
                    let (one, same) = (others.iter(), others.iter());
                    let can = store.can_reply(asked, same, false);
                    assert_eq!(cell.can_reply(asked, one, false), can);
                    assert_eq!(Cell::is_idle(&command, reply), Kv::is_idle(&command, reply));
                    assert_eq!(Cell::shows(&command, reply), Kv::shows(&command, reply));
                }
                assert_eq!(Cell::is_like(&command, &other), Kv::is_like(&command, &other));
                assert_eq!(Cell::grows(&command), Kv::grows(&command));
                assert_eq!(Cell::part(&command), Some("x"));
                assert_eq!(cell.read(&command), store.read(&command));
                let reply = store.apply(&command);
                assert!(cell.gives(&command, &reply), "{command} → {reply}");
                assert_eq!((cell.apply(&command), &would), (reply.clone(), &reply));
                assert_eq!(cell, after);
                assert_eq!(cell.0.as_ref(), store.iter().next().map(|(_, cell)| cell));
                assert_eq!(cell.bytes(), encoded_len(&cell));
                seen.push(reply);
            }
        }
        let long = Command::Put { key: "x".into(), value: "a".repeat(MAX_VALUE + 1).into() };
        assert_eq!(Cell::default().after(&long), (Cell::default(), Reply::TooLong));
    }
}
