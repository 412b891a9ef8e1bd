//! Histories that others recorded, with verdicts that are known. They carry no licence that would
//! let them stand here: `SHARDSCOPE_HISTORIES` names the folder that has them. It holds
//! `expected.csv` (`history,operations,linearizable,…`), `jepsen/*.log` and `kv/*.txt`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use serde::Serialize;
use shardscope_core::linear::{self, Operation, OperationOf, Search, Verdict};
use shardscope_core::machine::Machine;

use crate::tier;

/// The hardest of them takes 1.2 million steps with a plainer search.
const BUDGET: u64 = 20_000_000;

/// A register that is compared and set; it begins without a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct Register(Option<i64>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
enum Access {
    Read,
    Write(Option<i64>),
    Cas(Option<i64>, Option<i64>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
enum Seen {
    Value(Option<i64>),
    Written,
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

    fn bytes(&self) -> u64 {
        0
    }
}

/// One key of a store whose writes say nothing but that they are done.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
struct Cell(String);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
enum Edit {
    Get,
    Put(String),
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

fn register(text: &str) -> Vec<OperationOf<Register>> {
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

fn cells(text: &str) -> BTreeMap<&str, Vec<OperationOf<Cell>>> {
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

/// The verdict, how many operations there are, and the steps.
fn judge(name: &str, text: &str) -> (Verdict, usize, u64) {
    if name.starts_with("jepsen") {
        let operations = register(text);
        let finding = linear::search(&Register(None), &operations, BUDGET);
        let explained = linear::explains(&Register(None), &operations, &finding.order);
        assert_eq!(explained, finding.verdict == Verdict::Linearizable, "{name}");
        return (finding.verdict, operations.len(), finding.steps);
    }
    let keys = cells(text);
    let (mut worst, mut steps) = (Verdict::Linearizable, 0);
    for operations in keys.values() {
        let mut search = Search::new(Cell(String::new()), operations);
        search.run(BUDGET);
        steps += search.steps();
        if worst != Verdict::Illegal && search.verdict() != Verdict::Linearizable {
            worst = search.verdict();
        }
    }
    (worst, keys.values().map(Vec::len).sum(), steps)
}

#[test]
fn recorded_histories_get_the_verdicts_that_are_known() {
    let Some(folder) = env::var_os("SHARDSCOPE_HISTORIES").map(PathBuf::from) else {
        // Not by `println!`: that is swallowed when a test passes.
        let words = "recorded histories: LEFT OUT, SHARDSCOPE_HISTORIES names no folder";
        writeln!(io::stderr(), "{words}").expect("somebody listens");
        return;
    };
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let table = read("expected.csv");
    let rows: Vec<Vec<&str>> =
        table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert!(rows.len() > 50, "only {} histories", rows.len());
    let verdicts = tier::parallel(0..rows.len() as u64, |index| {
        let name = rows[index as usize][0];
        judge(name, &read(name))
    });
    for (row, (verdict, operations, steps)) in rows.iter().zip(verdicts) {
        let expected = match row[2] {
            "true" => Verdict::Linearizable,
            _ => Verdict::Illegal,
        };
        assert_eq!(verdict, expected, "{}: {operations} operations, {steps} steps", row[0]);
        println!("{:<20} {operations:>4} {verdict:?} {steps} steps, {} elsewhere", row[0], row[3]);
    }
}
