//! Histories that others recorded, with verdicts that are known. They carry no licence that would
//! let them stand here: `SHARDSCOPE_HISTORIES` names the folder that has them. It holds
//! `expected.csv` (`history,operations,linearizable,…`), `jepsen/*.log` and `kv/*.txt`.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use shardscope_core::history::Record;
use shardscope_core::history::format::{self, Format};
use shardscope_core::models::{self, Finding, Judge, Model, Verdict};

use crate::tier;

/// The hardest of them takes 1.2 million steps with a plainer search.
const BUDGET: u64 = 20_000_000;

/// Under the weaker models nobody has said what is right: they must not contradict the stronger.
const FEW: u64 = 200_000;

/// What was read, and what was found out under each model.
fn judge(name: &str, bytes: &[u8]) -> (Record, Vec<Finding>) {
    let record = format::read(bytes, None).unwrap_or_else(|error| panic!("{name}: {error}"));
    let text = String::from_utf8_lossy(bytes);
    let form = if name.starts_with("jepsen") { Format::JepsenLog } else { Format::Edn };
    assert_eq!(Format::guess(&text), Some(form), "{name}");
    let mut findings = vec![models::judge(&record, Model::Linearizable, BUDGET)];
    let mut judge = Judge::new(&record, FEW);
    findings.extend(Model::ALL[1..].iter().map(|model| judge.finding(*model)));
    (record, findings)
}

#[test]
fn recorded_histories_get_the_verdicts_that_are_known() {
    let named = env::var_os("SHARDSCOPE_HISTORIES").filter(|name| !name.is_empty());
    let Some(folder) = named.map(PathBuf::from) else {
        // Not by `println!`: that is swallowed when a test passes.
        let words = "recorded histories: LEFT OUT, SHARDSCOPE_HISTORIES names no folder";
        writeln!(io::stderr(), "{words}").expect("somebody listens");
        return;
    };
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let table = String::from_utf8(read("expected.csv")).expect("it is text");
    let rows: Vec<Vec<&str>> =
        table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert!(rows.len() > 50, "only {} histories", rows.len());
    let judged = tier::parallel(0..rows.len() as u64, |index| {
        let name = rows[index as usize][0];
        judge(name, &read(name))
    });
    let mut verdicts: BTreeMap<(Model, Verdict), u32> = BTreeMap::new();
    for (row, (record, findings)) in rows.iter().zip(judged) {
        let strong = &findings[0];
        let expected = match row[2] {
            "true" => Verdict::Holds,
            _ => Verdict::Violated,
        };
        let (name, operations) = (row[0], record.calls.len());
        assert_eq!(operations.to_string(), row[1], "{name}");
        assert_eq!(strong.verdict, expected, "{name}: {}", strong.words);
        println!("{name:<20} {operations:>4} {:?}, {} elsewhere", strong, row[3]);
        for finding in findings {
            // What is linearizable satisfies all that is weaker.
            let implied = expected == Verdict::Holds && finding.verdict == Verdict::Violated;
            assert!(!implied, "{name}: {finding:?}");
            *verdicts.entry((finding.model, finding.verdict)).or_default() += 1;
        }
    }
    for ((model, verdict), histories) in &verdicts {
        println!("{model}: {histories} {verdict:?}");
    }
}
