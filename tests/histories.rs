//! Histories that others recorded: the machines that they are about, and how they are read.
//!
//! `jepsen/*.log` has operations on a register, `kv/*.txt` on a key/value store whose writes say
//! nothing but that they are done. `expected.csv` has a line for each:
//! `history,operations,linearizable,steps elsewhere,nanoseconds elsewhere`.

use std::collections::BTreeMap;

use serde::Serialize;
use shardscope_core::linear::{Operation, OperationOf};
use shardscope_core::machine::Machine;

/// A register that is compared and set; it begins without a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Register(pub Option<i64>);

/// What a register is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Access {
    /// Its value.
    Read,
    /// Sets it.
    Write(Option<i64>),
    /// Sets it if it has the first value.
    Cas(Option<i64>, Option<i64>),
}

/// What a register replies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Seen {
    /// It was read.
    Value(Option<i64>),
    /// It was written.
    Written,
    /// It was compared, and perhaps set.
    Swapped(bool),
}

impl Machine for Register {
    type Command = Access;
    type Reply = Seen;

    fn apply(&mut self, command: &Access) -> Seen {
        match command {
            Access::Read => Seen::Value(self.0),
            Access::Write(value) => {
                self.0 = *value;
                Seen::Written
            }
            Access::Cas(expect, value) => {
                let swapped = self.0 == *expect;
                if swapped {
                    self.0 = *value;
                }
                Seen::Swapped(swapped)
            }
        }
    }

    fn read(&self, command: &Access) -> Option<Seen> {
        matches!(command, Access::Read).then_some(Seen::Value(self.0))
    }

    fn is_idle(_: &Access, reply: &Seen) -> bool {
        *reply == Seen::Swapped(false)
    }

    fn bytes(&self) -> u64 {
        0
    }
}

/// One key of a store whose writes say nothing but that they are done.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Cell(pub String);

/// What a key is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Edit {
    /// Its value.
    Get,
    /// Sets it.
    Put(String),
    /// Adds to its end.
    Append(String),
}

impl Machine for Cell {
    type Command = Edit;
    type Reply = Option<String>;

    fn apply(&mut self, command: &Edit) -> Option<String> {
        match command {
            Edit::Get => return Some(self.0.clone()),
            Edit::Put(value) => self.0.clone_from(value),
            Edit::Append(value) => self.0.push_str(value),
        }
        None
    }

    fn read(&self, command: &Edit) -> Option<Option<String>> {
        matches!(command, Edit::Get).then(|| Some(self.0.clone()))
    }

    fn grows(command: &Edit) -> bool {
        !matches!(command, Edit::Put(_))
    }

    fn excludes(&self, command: &Edit, reply: &Option<String>) -> bool {
        let begins = |seen: &String| seen.starts_with(&self.0);
        *command == Edit::Get && !reply.as_ref().is_some_and(begins)
    }

    fn bytes(&self) -> u64 {
        0
    }
}

/// `:invoke`, `:ok` and their like: who, what happened, and to what.
struct Line<'a> {
    process: &'a str,
    kind: &'a str,
    what: &'a str,
    rest: String,
}

/// `INFO  jepsen.util - 2  :invoke  :cas  [2 4]`
fn jepsen_line(line: &str) -> Option<Line<'_>> {
    let (_, line) = line.split_once("jepsen.util - ")?;
    let mut words = line.split_whitespace();
    let (process, kind, what) = (words.next()?, words.next()?, words.next()?);
    Some(Line { process, kind, what, rest: words.collect::<Vec<_>>().join(" ") })
}

fn number(word: &str) -> Option<i64> {
    (word != "nil").then(|| word.parse().unwrap_or_else(|_| panic!("no number: {word}")))
}

/// The operations of a `jepsen/*.log`.
pub fn register(text: &str) -> Vec<OperationOf<Register>> {
    let mut operations: Vec<OperationOf<Register>> = Vec::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, line) in (0..).zip(text.lines().filter_map(jepsen_line)) {
        let Line { process, kind, what, rest } = line;
        if kind == ":invoke" {
            let pair = || {
                let words = rest.trim_matches(['[', ']']).split_once(' ').expect("two numbers");
                (number(words.0), number(words.1))
            };
            let command = match what {
                ":read" => Access::Read,
                ":write" => Access::Write(number(&rest)),
                ":cas" => Access::Cas(pair().0, pair().1),
                other => panic!("no operation: {other}"),
            };
            open.insert(process, operations.len());
            operations.push(Operation { command, called: at, returned: None });
            continue;
        }
        let index = open.remove(process).expect("what returns was called");
        let seen = match (kind, what) {
            (":ok", ":read") => Seen::Value(number(&rest)),
            (":ok", ":write") => Seen::Written,
            (":ok" | ":fail", ":cas") => Seen::Swapped(kind == ":ok"),
            // It timed out: nobody knows.
            _ => continue,
        };
        operations[index].returned = Some((at, seen));
    }
    operations
}

/// What follows a word such as `:key` in `{:process 9, …, :key "0", :value "x 9 0 y"}`.
fn field<'a>(line: &'a str, name: &str) -> &'a str {
    let (_, rest) = line.split_once(name).unwrap_or_else(|| panic!("no {name} in {line}"));
    let rest = rest.trim_start();
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().expect("a closing quote"),
        None => rest.split([',', '}']).next().expect("an end"),
    }
}

/// The operations of a `kv/*.txt`, by key.
pub fn cells(text: &str) -> BTreeMap<&str, Vec<OperationOf<Cell>>> {
    let mut keys: BTreeMap<&str, Vec<OperationOf<Cell>>> = BTreeMap::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, line) in (0..).zip(text.lines()) {
        let (process, key) = (field(line, ":process"), field(line, ":key"));
        let (what, value) = (field(line, ":f"), field(line, ":value").to_owned());
        let operations = keys.entry(key).or_default();
        if field(line, ":type") == ":invoke" {
            let command = match what {
                ":get" => Edit::Get,
                ":put" => Edit::Put(value),
                ":append" => Edit::Append(value),
                other => panic!("no operation: {other}"),
            };
            open.insert(process, operations.len());
            operations.push(Operation { command, called: at, returned: None });
        } else {
            let index = open.remove(process).expect("what returns was called");
            operations[index].returned = Some((at, (what == ":get").then_some(value)));
        }
    }
    keys
}
