//! Histories that others recorded, with verdicts that are known. They carry no licence that would
//! let them stand here: `SHARDSCOPE_HISTORIES` names the folder that has them. It holds
//! `expected.csv` (`history,operations,linearizable,…`), `jepsen/*.log` and `kv/*.txt`.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use shardscope_core::linear::{self, Search, Verdict};
use shardscope_tests::histories::{Cell, Register, cells, register};

use crate::tier;

/// The hardest of them takes 1.2 million steps with a plainer search.
const BUDGET: u64 = 20_000_000;

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
