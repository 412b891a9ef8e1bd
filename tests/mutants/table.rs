//! What catches each mutant, and how soon: the table in `tests/scripts/mutants/README.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::{env, fs};

use shardscope_core::history::What;
use shardscope_core::id::MutantId;
use shardscope_core::linear::Verdict;
use shardscope_core::mutant::Checker;

use super::directed::{self, Directed};

/// The first line of the table: it goes on to the end of the page.
const HEAD: &str = "| Mutant | Section | Ends with | Caught by | Deeds | Events | Clients saw | \
                    Blind seeds |\n|---|---|---|---|---:|---:|---|---:|\n";

/// How a checker is called.
pub(super) fn name(checker: Checker) -> String {
    match checker {
        Checker::Invariant(number) => format!("RI-{number}"),
        Checker::OfConfigs(number) => format!("CI-{number}"),
        Checker::OfShards(number) => format!("KI-{number}"),
        Checker::History => "history".into(),
        Checker::Liveness => "no progress".into(),
    }
}

/// The row of a mutant but for its last cell.
pub(super) fn row(script: &Directed) -> String {
    let mutant = script.mutant;
    let player = script.play(mutant.id);
    let caught = script.catch(&player);
    let chronicle = player.timeline().chronicle();
    let first = script.broken(chronicle).first().copied();
    let seen = match directed::judged(chronicle) {
        _ if !chronicle.history.iter().any(|event| matches!(event.what, What::Return { .. })) => {
            "–"
        }
        Verdict::Illegal => "a contradiction",
        Verdict::Linearizable => "linearizable",
        Verdict::Undecided => "undecided",
    };
    format!(
        "| [{}]({}.script) {} | {} | {} | {} | {} | {} | {seen} |",
        mutant.id,
        mutant.script,
        mutant.title,
        mutant.section,
        name(caught.checker),
        name(first.unwrap_or(caught.checker)),
        caught.deeds,
        caught.events
    )
}

/// Not searched for yet.
const UNKNOWN: &str = "?";

/// Holds the page to what was found; `blind` has the seeds of those that were searched for, and is
/// held against those that the page knows. `UPDATE=1` writes it anew.
pub(super) fn hold(blind: &BTreeMap<MutantId, String>) {
    let path = directed::folder().join("README.md");
    let page = fs::read_to_string(&path).expect("there is a page");
    let (text, rows) = page.split_once(HEAD).unwrap_or((&page, ""));
    let update = env::var_os("UPDATE").is_some();
    let mut now = text.to_owned() + HEAD;
    for script in directed::all() {
        let row = row(&script);
        let link = format!("| [{}](", script.mutant.id);
        let kept = rows.lines().find(|kept| kept.starts_with(&link));
        let kept = kept.and_then(|kept| kept.trim_end_matches(" |").rsplit("| ").next());
        let found = blind.get(&script.mutant.id).map(String::as_str);
        let found = found.filter(|_| update || kept != Some(UNKNOWN));
        let seeds = found.or(kept).unwrap_or(UNKNOWN);
        writeln!(now, "{row} {seeds} |").expect("a string takes it");
    }
    if update {
        fs::write(&path, now).expect("the page can be written");
        return;
    }
    let end = "(the end)";
    let lines = page.lines().chain([end]).zip(now.lines().chain([end]));
    for (kept, now) in lines {
        assert_eq!(kept, now, "UPDATE=1 keeps the new one: see what it changes");
    }
}
